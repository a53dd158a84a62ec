"""Scripts without hessbench: they stand alone, and show what they are to show."""

import subprocess
import sys

import pytest

from hessbench import backends, suites
from hessbench.harness.versions.reproduction import script
from hessbench.harness.versions.source import CannotShow, Source, literal

METHODS = {
    "jax": "hessian-jit",
    "torch": "jacrev-grad-eager",
    "tensorflow": "jacobian-graph",
    "autograd": "hessian-eager",
}


def written(backend, cell):
    try:
        return script(backend, cell, "A title.")
    except CannotShow:
        return None


@pytest.mark.parametrize("backend", METHODS)
def test_most_problems_can_be_written_down_and_none_needs_hessbench(backend):
    texts = [
        written(backend, f"{suite}/{problem.name} n={problem.sizes[0]}{text} {METHODS[backend]} float64 cpu")
        for suite in ("traps", "canaries")
        for problem in suites.load(suite).values()
        for text in ("", " native")
        if (problem.portable if not text else f"{suite}/{problem.name}" in backends.load(backend).natives)
    ]
    shown = [text for text in texts if text]
    assert len(shown) > 0.7 * len(texts)
    for text in shown:
        compile(text, "reproduction.py", "exec")
        assert "import hessbench" not in text
        assert "from hessbench" not in text


def test_a_script_shows_the_error():
    if reason := backends.missing("autograd"):
        pytest.skip(reason)
    text = script("autograd", "traps/det_regular n=9 hessian-eager float64 cpu", "The Hessian of det.")
    done = subprocess.run([sys.executable, "-P", "-"], input=text, capture_output=True, text=True, check=True)
    *_, last = done.stdout.splitlines()
    assert last.startswith("relative error")
    assert float(last.split()[-1]) < 1e-12


def test_what_cannot_be_written_down_is_no_script():
    with pytest.raises(CannotShow, match="cannot be written down"):
        literal(object())
    with pytest.raises(CannotShow, match="no function of a module"):
        Source().add(lambda x: x)

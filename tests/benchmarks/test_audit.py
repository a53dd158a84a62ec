"""docs/audit.md is what the committed tables say; its reproductions show what they say, without hessbench."""

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from hessbench import backends
from hessbench.backends.scripts.calls import Call
from hessbench.backends.scripts.written import WORDS, script
from hessbench.suites.functions import read

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "audit.md"
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)
SOUND = {
    "torch": ("torch.sin:0", "torch.linalg.eigvalsh:0", "torch.atan2:0+1"),
    "jax": ("jax.numpy.sin:0", "jax.lax.linalg.cholesky:0"),
    "tensorflow": (
        *("tensorflow.math.sin:0", "tensorflow.linalg.eigvalsh:0", "keras.layers.BatchNormalization:2"),
        "keras.layers.Dense:0.0+0.1+2",
    ),
    "autograd": ("autograd.numpy.sin:0", "autograd.numpy.linalg.slogdet:0"),
}
FEW = 2
EACH = """import json, sys
import numpy as np
for text in json.load(sys.stdin):
    shown = []
    exec(text.replace("print(", "shown.append("), {"shown": shown})
    print("SHOWN", json.dumps([np.asarray(array, dtype=float).tolist() for array in shown]))
"""
"""A process of its own: a script switches its whole framework to float64."""


@pytest.fixture(scope="module")
def audit():
    pages = ROOT / "benchmarks" / "pages"
    sys.path.insert(0, str(pages))
    try:
        spec = importlib.util.spec_from_file_location("audit", pages / "audit.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(pages))
    return module


def test_the_page_is_what_the_tables_say(audit):
    assert PAGE.read_text() == audit.page(), "run benchmarks/pages/audit.py, as its head says"


def test_the_searchable_page_has_every_row(audit):
    text = (ROOT / "docs" / "gallery" / "audit.html").read_text()
    assert text == audit.searchable(), "run benchmarks/pages/audit.py --html, as its head says"
    shown = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)[1])
    for framework, (version, table) in audit.tables().items():
        calls = shown[framework]["calls"]
        assert shown[framework]["version"] == version
        assert set(calls) == set(table["function"] + ":" + table["argument"])


def test_tables_are_small_and_speak_of_the_suite():
    for path in (ROOT / "docs" / "audit").glob("*.parquet"):
        assert path.stat().st_size < 1_000_000


def sections():
    """By framework the reproductions of the page."""
    parts = re.split(r"^## (\w+) \d[^\n]*\n", PAGE.read_text(), flags=re.MULTILINE)[1:]
    return {name: BLOCK.findall(text) for name, text in zip(parts[::2], parts[1::2], strict=True)}


def shown(texts):
    """What scripts print, as arrays."""
    given = json.dumps(texts)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", EACH], input=given, capture_output=True, text=True, check=True
    )
    return [[np.array(one) for one in json.loads(line[6:])] for line in done.stdout.splitlines() if "SHOWN" in line]


def off(arrays):
    """How far the first array of a script is from the others: one, or one for each point over which it is mapped."""
    derivative, *each = arrays
    differences = np.stack(each) if len(each) > 1 else each[0]
    return np.max(np.abs(derivative - differences)) / max(np.max(np.abs(differences)), 1e-6)


@pytest.mark.parametrize("framework", sorted(WORDS))
def test_scripts_show_faults_and_nothing_else(framework):
    if reason := backends.missing(framework):
        pytest.skip(reason)
    known = read(framework)["functions"]
    calls = [known[name] for name in SOUND[framework]]
    sound = [script(framework, Call(*facts["call"]), facts["x"], "reverse-over-reverse") for facts in calls]
    faults = sections().get(framework, [])[:FEW]
    assert all(len(text.splitlines()) <= 10 for text in sound + faults)
    if "mapped forward-over-reverse" in WORDS[framework].derivative:
        sound.append(script(framework, Call(*calls[0]["call"]), calls[0]["x"], "mapped forward-over-reverse"))
    sizes = [off(arrays) for arrays in shown(sound + faults)]
    assert all(size < 5e-3 for size in sizes[: len(sound)]), sizes
    assert all(size > 5e-4 for size in sizes[len(sound) :]), sizes


@pytest.mark.slow
@pytest.mark.variant
@pytest.mark.parametrize("framework", sorted(WORDS))
def test_every_reproduction_shows_its_fault(framework):
    if reason := backends.missing(framework):
        pytest.skip(reason)
    faults = sections().get(framework, [])
    assert [text for text, arrays in zip(faults, shown(faults), strict=True) if off(arrays) < 5e-4] == []

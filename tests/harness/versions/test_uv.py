"""What uv complains of, as it was seen (uv 0.13.9), in one line."""

import sys

import pytest

from hessbench.harness.usage import UsageError
from hessbench.harness.versions import uv

COMPLAINTS = {
    "cause: Because there is no version of jax==0.8.99 and you require jax==0.8.99, we can conclude that your "
    "requirements are unsatisfiable.": "there is no such version",
    "cause: Because the current Python version (3.11.7) does not satisfy Python>=3.12 and jax==0.12.0.1 depends on "
    "Python>=3.12, we can conclude that jax==0.12.0.1 cannot be used. And because only jax<=0.12.0.1 is available and "
    "you require jax==0.12.0.1, we can conclude": "it needs Python >=3.12, this is 3.11.7: try --python",
    "cause: Because tensorflow-cpu==2.18.1 has no wheels with a matching Python ABI tag (e.g., `cp313`) and you "
    "require tensorflow-cpu==2.18.1, we can conclude that they are unsatisfiable.\n\nhint: You require CPython "
    "3.13 (`cp313`), but we only found wheels for `tensorflow-cpu` (v2.18.1) with the following Python ABI tags: "
    "`cp39`, `cp312`": "it has no wheel for CPython 3.13 (cp313), only for cp39, cp312: try --python",
    "hint: Packages were unavailable because the network was disabled.": "the index of packages cannot be reached",
    "error: Request failed after 3 retries in 6.5s\n  cause: Failed to fetch: `x`\n  cause: error sending request": (
        "the index of packages cannot be reached"
    ),
    "cause: Because jaxx was not found in the package registry and you require jaxx": (
        "no index has a package of that name"
    ),
    "error: Failed to install: jaxlib\n  cause: No space left on device (os error 28)": "the disk is full",
    "error: something new\n  cause: of which nobody knows": "of which nobody knows",
    "cause: Because tensorflow-cpu==2.18.1 depends on numpy>=1.26.0,<2.1.0 and you require tensorflow-cpu==2.18.1, we "
    "can conclude that you require numpy>=1.26.0,<2.1.0.\n And because you require numpy>=2.1, we can conclude": (
        "it needs numpy>=1.26.0,<2.1.0, which is older than hessbench can use"
    ),
    "": "uv failed and does not say why",
}


@pytest.mark.parametrize("complaint", COMPLAINTS)
def test_a_complaint_is_one_line(complaint):
    assert uv.meaning(complaint) == COMPLAINTS[complaint]


def test_without_uv_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "uv", None)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UsageError, match=r"pip install 'hessbench\[versions\]'"):
        uv.executable()

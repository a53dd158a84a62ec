"""Times over versions: who is compared with whom. The pairs themselves are given here; nothing is measured."""

import pytest

from hessbench.harness.usage import UsageError
from hessbench.harness.versions import asking, timing
from hessbench.harness.versions.environments import Environment
from hessbench.results.versions.times import change_points

THERE = [Environment("jax", version, "python") for version in ("0.8", "0.9", "0.10", "0.11")]
KEY = {"suite": "quick", "problem": "f", "n": 2, "text": "portable", "dtype": "float64", "device": "cpu"}
SPEED = {"0.8": 1.0, "0.9": 1.0, "0.10": 1.5, "0.11": 1.5}


@pytest.fixture
def pairs(monkeypatch):
    """Live pairs of two methods, of which one became slower in 0.10; and who was compared."""
    asked_for = []

    def compared(a, b, asked, out):
        asked_for.append((a.version, b.version, asked.get("methods")))
        if b.version == "0.11" and a.version == "0.8":
            raise asking.Failed("nothing can be compared")
        ratio = SPEED[b.version] / SPEED[a.version]
        rows = [("slow-jit", ratio, "SLOWER" if ratio > 1.1 else "SAME"), ("same-jit", 1.0, "SAME")]
        return [{**KEY, "method": m, "ratio": r, "verdict": v, "low": r, "high": r} for m, r, v in rows]

    monkeypatch.setattr(asking, "compared", compared)
    return asked_for


def test_a_step_is_confirmed_by_pairs_of_the_neighbors(pairs, tmp_path):
    found = timing.over_versions(THERE, ["quick"], None, tmp_path)
    assert [(one.version, one.cell.split()[2], one.step) for one in change_points(found)] == [("0.10", "slow-jit", 1.5)]
    assert ("0.9", "0.10", ("slow-jit",)) in pairs
    assert ("0.8", "0.9", ("slow-jit",)) not in pairs  # the pairs with the baseline were those of the neighbors


def test_a_version_that_cannot_be_timed_is_left_out(pairs, tmp_path, capsys):
    found = timing.over_versions(THERE, ["quick"], None, tmp_path)
    assert {one.version for one in found} == {"0.9", "0.10"}
    assert "jax 0.11 is not timed: nothing can be compared" in capsys.readouterr().err


def test_the_baseline_is_one_of_the_versions(pairs, tmp_path):
    found = timing.over_versions(THERE[:3], ["quick"], "0.10", tmp_path)
    assert {(one.version, one.ratio) for one in found if "slow" in one.cell} == {("0.8", 1 / 1.5), ("0.9", 1 / 1.5)}
    with pytest.raises(UsageError, match=r"--baseline 0\.7 is none of the versions 0\.8, 0\.9"):
        timing.check_baseline(["0.8", "0.9"], "0.7")
    assert timing.over_versions(THERE[:2], ["quick"], "0.7", tmp_path) == []  # it could not be made

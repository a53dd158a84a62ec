"""The search over releases: verdicts and times are given here, so that nothing is installed or measured."""

import pytest

from hessbench.harness.usage import UsageError
from hessbench.harness.versions import asking, target
from hessbench.harness.versions.bisecting import Search
from hessbench.harness.versions.environments import Environment
from hessbench.results.versions.verified import Finding, Verified

CELL = "traps/det_singular n=9 hessian-jit float64 cpu"
OTHER = "traps/det_singular n=9 gradient-jit float64 cpu"
RELEASES = [Environment("jax", f"0.{minor}.0", "python") for minor in range(1, 9)]


@pytest.fixture
def search(tmp_path):
    steps = []
    wanted = target.read("det_singular", "jax")
    return Search(RELEASES, wanted, tmp_path, lambda one: "no wheel" if one.version == "0.4.0" else "", steps.append)


def verdicts(monkeypatch, outcome_of):
    def verified(environment, asked, out, expected=None):
        cells = {CELL: Finding(outcome_of(int(environment.version.split(".")[1]))), OTHER: Finding("ok")}
        return Verified("jax", environment.version, {}, cells)

    monkeypatch.setattr(asking, "verified", verified)


def times(monkeypatch, ratio_of):
    def compared(a, b, asked, out):
        verdict, ratio = ratio_of(int(b.version.split(".")[1]))
        row = dict(zip(("suite", "problem", "n", "text", "method", "dtype", "device"), KEY, strict=True))
        return [{**row, "verdict": verdict, "ratio": ratio, "low": ratio, "high": ratio}]

    monkeypatch.setattr(asking, "compared", compared)


KEY = ("traps", "det_singular", 9, "portable", "hessian-jit", "float64", "cpu")


def test_the_release_in_which_a_verdict_changed_is_found(monkeypatch, search):
    verdicts(monkeypatch, lambda minor: "derivative-nan" if minor >= 6 else "ok")
    change = search.by_verdict()
    assert (change.found.last_good, change.found.first_bad) == ("0.5.0", "0.6.0")
    assert change.cells == (CELL,)
    assert (change.before, change.now) == (
        "ok (traps/det_singular hessian-jit)",
        "derivative-nan (traps/det_singular hessian-jit)",
    )
    assert [step.answer for step in search.steps[:2]] == ["good", "bad"]


def test_a_cure_is_a_change_too(monkeypatch, search):
    verdicts(monkeypatch, lambda minor: "ok" if minor >= 3 else "silently-wrong")
    assert search.by_verdict().found.first_bad == "0.3.0"


def test_a_release_that_cannot_be_installed_is_named(monkeypatch, search):
    verdicts(monkeypatch, lambda minor: "derivative-nan" if minor >= 4 else "ok")
    change = search.by_verdict()
    assert (change.found.last_good, change.found.first_bad, change.found.between) == ("0.3.0", "0.5.0", ("0.4.0",))
    assert ("0.4.0", "skip", "no wheel") in [(step.version, step.answer, step.seen) for step in search.steps]


@pytest.mark.parametrize("kinds", [("ok", "ok"), ("ok", "unverifiable"), ("unsupported", "ok"), ("shape", "shape")])
def test_what_is_alike_at_both_ends_or_says_nothing_is_no_change(monkeypatch, search, kinds):
    verdicts(monkeypatch, lambda minor: kinds[minor > 4])
    assert search.by_verdict() is None


def test_the_release_in_which_a_time_rose_is_found(monkeypatch, search):
    times(monkeypatch, lambda minor: ("SLOWER", 1.5) if minor >= 7 else ("SAME", 1.0))
    change = search.by_time()
    assert (change.found.last_good, change.found.first_bad) == ("0.6.0", "0.7.0")
    assert "1.50× SLOWER" in change.now


def test_an_open_time_counts_as_what_it_is_nearer_to(monkeypatch, search):
    open_ = {5: 1.1, 6: 1.4}
    times(
        monkeypatch,
        lambda minor: ("INCONCLUSIVE", open_[minor]) if minor in open_ else ("SLOWER" if minor > 6 else "SAME", 1.5),
    )
    assert search.by_time().found.first_bad == "0.6.0"


def test_a_time_that_has_not_risen_is_no_change(monkeypatch, search):
    times(monkeypatch, lambda minor: ("FASTER", 0.5))
    assert search.by_time() is None
    assert search.untold == 0


@pytest.mark.parametrize("verdict", ["INCONCLUSIVE", "NOT_COMPARABLE"])
def test_a_time_that_nobody_can_tell_is_not_called_the_same(monkeypatch, search, verdict):
    times(monkeypatch, lambda minor: (verdict, 1.3))
    assert search.by_time() is None
    assert search.untold == 1


@pytest.mark.parametrize(
    "words",
    [
        "det_singular",
        "traps/det_singular",
        "traps/det_singular:hessian-jit",
        "traps/det_singular n=9 hessian-jit float64 cpu",
        "traps/det_singular n=9 jax hessian-jit",
    ],
)
def test_a_cell_is_what_a_person_writes_of_it(words):
    wanted = target.read(words, "jax")
    assert wanted.asked["suites"] == ("traps/det_singular",)
    assert wanted.includes(CELL)
    assert wanted.includes(OTHER) == ("hessian-jit" not in words)
    assert not target.read(f"{words} native", "jax").includes(CELL)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("no_such", "is no problem"),
        ("traps/det:hessian-jt", "'hessian-jt' is no method of jax"),
        ("rosenbrock", "is in"),
    ],
)
def test_what_is_no_cell_is_bad_input(words, said):
    with pytest.raises(UsageError, match=said):
        target.read(words, "jax")

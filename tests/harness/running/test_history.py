"""What a run learns: when times have settled, what is not tried again, which sizes are too large."""

from dataclasses import replace

import pytest

from hessbench.harness.planning.grid import Cell
from hessbench.harness.planning.settings import QUICK, Limits, Settings
from hessbench.harness.protocol import Outcome
from hessbench.harness.running.history import MAXIMUM, SETTLED, History
from hessbench.results.stored.record import Record

SETTINGS = Settings(QUICK, rounds=3, max_rounds=6, seed=0, limits=Limits(), precision=0.05)


def cell(n=10, method="m", problem="p"):
    return Cell("s", problem, n, "hessian", "numpy", method, "float64", "cpu")


def record(of, round_=1, status="ok", min_s=1.0):
    facts = {"mode": "", "execution": "eager", "assembly": "", "round": round_, "cell": of.key, "min_s": min_s}
    return Record(**of.as_dict(), **facts, status=status)


def stops(minima, settings=SETTINGS):
    history = History(settings)
    return [history.add(record(cell(), round_, min_s=least)) for round_, least in enumerate(minima, 1)]


def test_launches_that_agree_are_enough_at_the_least_number():
    assert stops([1.0, 1.01, 1.02]) == ["", "", SETTLED]


def test_launches_that_do_not_agree_go_on_to_the_most():
    assert stops([1.0, 1.5, 1.0, 1.5, 1.0, 1.5]) == [""] * 5 + [MAXIMUM]


def test_a_cell_that_has_not_settled_is_due_in_the_next_round_only():
    history = History(SETTINGS)
    for round_, least in enumerate([1.0, 1.5, 2.0], 1):
        history.add(record(cell(), round_, min_s=least))
    assert history.unsettled(cell(), 4)
    assert not history.unsettled(cell(), 5)
    assert not history.unsettled(cell(method="other"), 4)


@pytest.mark.parametrize("status", ["wrong", "error", "unsupported", "unverifiable"])
def test_what_is_not_ranked_is_not_measured_again_beyond_the_plan(status):
    history = History(SETTINGS)
    for round_ in (1, 2, 3):
        assert history.add(record(cell(), round_, status, min_s=float(round_))) == ""
    assert not history.unsettled(cell(), 4)


@pytest.mark.parametrize(("status", "words"), [("timeout", "timed out"), ("out_of_memory", "ran out of memory")])
def test_larger_sizes_of_what_passed_a_limit_are_not_tried(status, words):
    history = History(SETTINGS)
    history.add(record(cell(100), status=status))
    assert history.skip_reason(cell(1000)) == Outcome("unsupported", f"larger than n = 100, which {words}")
    assert history.skip_reason(cell(10)) is None
    assert history.skip_reason(cell(1000, method="other")) is None
    assert history.skip_reason(cell(100)).status == status


def test_a_crash_says_nothing_of_larger_sizes():
    history = History(SETTINGS)
    history.add(record(cell(100), status="crashed"))
    assert history.skip_reason(cell(1000)) is None


def disturbed(of, round_=1, min_s=1.0, visit=1, by="waited for a core"):
    return replace(record(of, round_, min_s=min_s), disturbed=by, visit=visit)


def test_what_was_disturbed_is_due_again_until_it_is_not():
    history = History(SETTINGS)
    history.add(disturbed(cell()))
    assert history.due(cell(), 1, 2)
    assert not history.due(cell(), 1, 3)
    assert not history.due(cell(), 2, 2)
    history.add(disturbed(cell(), visit=2))
    assert history.due(cell(), 1, 3)
    history.add(disturbed(cell(), visit=3, by=""))
    assert not history.due(cell(), 1, 4)
    assert history.disturbances() == "1 of 1 cells were disturbed; 1 were measured again; 0 remain"


ONE_ROUND = replace(SETTINGS, rounds=1, max_rounds=1)


def waking(min_s, visit=1, sleeps=1.0):
    """A call whose time is mostly that of waking a thread."""
    return replace(record(cell(), min_s=min_s), sleeps=sleeps, visit=visit)


def visited(minima, settings=ONE_ROUND):
    history = History(settings)
    for visit, min_s in enumerate(minima, 1):
        history.add(waking(min_s, visit))
    return history


@pytest.mark.parametrize(
    ("minima", "due"),
    [([1e-5], True), ([1e-5, 1.1e-5], False), ([4e-5, 1e-5], True), ([4e-5, 1e-5, 1.2e-5], False), ([1.0], False)],
)
def test_of_a_time_that_hangs_on_waking_threads_two_launches_must_agree(minima, due):
    history = visited(minima)
    assert history.due(cell(), 1, len(minima) + 1) == due


def test_where_there_are_several_rounds_these_tell_how_launches_differ():
    assert not visited([1e-5], SETTINGS).due(cell(), 1, 2)


def test_where_the_system_does_not_tell_who_slept_nothing_is_visited_again():
    history = History(ONE_ROUND)
    history.add(waking(1e-5, sleeps=None))
    assert not history.due(cell(), 1, 2)


def test_visits_that_compare_are_said_and_are_no_disturbances():
    compared = "1 cells have the better of two launches or more: their times hang on how fast threads are woken"
    assert visited([4e-5, 1e-5, 1.2e-5]).disturbances() == compared
    history = visited([4e-5, 1e-5])
    history.add(disturbed(cell(method="other")))
    told = "1 of 2 cells were disturbed; 0 were measured again; 1 remains"
    assert history.disturbances() == f"{told}\n{compared}"


def test_a_run_that_is_resumed_compares_nothing_twice():
    history = History(ONE_ROUND)
    history.add(waking(1e-5, visit=2))
    assert not history.due(cell(), 1, 3)


def test_nothing_is_said_where_nothing_was_disturbed():
    history = History(SETTINGS)
    history.add(record(cell()))
    assert history.disturbances() == ""


def test_a_disturbed_launch_settles_nothing():
    history = History(SETTINGS)
    stops = [history.add(one) for one in (record(cell(), 1), disturbed(cell(), 2, 9.0), record(cell(), 3, min_s=1.01))]
    assert stops == ["", "", SETTLED]


def test_the_usual_pace_is_known_once_enough_cells_have_told():
    history = History(SETTINGS)
    assert history.pace_s("numpy") is None
    for round_ in range(20):
        history.add(replace(record(cell(), round_), pace_s=1.0 if round_ % 2 else 1.4))
    assert history.pace_s("numpy") == 1.0
    assert history.pace_s("jax") is None


def test_of_several_visits_the_one_that_counts_tells_the_pace_as_in_the_tables():
    history = History(SETTINGS)
    for round_ in range(20):
        history.add(replace(disturbed(cell(), round_), pace_s=9.0))
        history.add(replace(disturbed(cell(), round_, visit=2, by=""), pace_s=1.0))
    assert history.pace_s("numpy") == 1.0
    assert history.disturbances() == "1 of 1 cells were disturbed; 1 were measured again; 0 remain"

"""Who gets another launch: by rule, and in simulated contests of which the truth is known."""

import random

import pytest

from hessbench.harness.planning.grid import Cell
from hessbench.harness.planning.settings import QUICK, Limits, Settings
from hessbench.harness.running.forecast import NOTHING, Forecast
from hessbench.harness.running.racing import UNSETTLED, decided, later, undecided
from hessbench.results.stored.record import Record


def cell(method, operator="hessian", backend="jax", n=10):
    return Cell("s", "p", n, operator, backend, method, "float64", "cpu")


@pytest.mark.parametrize(
    ("mine", "best", "over"),
    [
        ([2.9], [1.0], False),
        ([3.1], [1.0], True),
        ([1.6, 1.7], [1.0, 1.05], True),
        ([1.6, 1.4], [1.0, 1.05], False),
        ([2.0, 2.0], [1.0], False),  # of the fastest one launch is known
        ([1.1, 1.2, 1.3], [1.0, 1.05, 1.09], True),
        ([1.08, 1.2, 1.3], [1.0, 1.05, 1.09], False),
        ([], [1.0], False),
        ([9.0], [], False),
        ([1.0, 1.1], [1.0, 1.1], False),
    ],
)
def test_decided_is_who_is_slower_for_certain(mine, best, over):
    assert decided(mine, best) == over


FAST, SLOW, CLOSE = cell("map-jit"), cell("hessian-jit"), cell("jacrev-grad-eager", backend="torch")


def test_contenders_go_on_and_the_others_do_not():
    times = {FAST.key: [1.0], SLOW.key: [3.5], CLOSE.key: [1.2]}
    assert undecided([FAST, SLOW, CLOSE], times, []) == [FAST, CLOSE]


def test_who_has_settled_needs_no_more():
    times = {FAST.key: [1.0, 1.01, 1.02], CLOSE.key: [1.0, 1.2, 0.9]}
    assert undecided([FAST, CLOSE], times, [FAST.key]) == [CLOSE]


def test_a_disturbed_cell_is_open_and_one_that_does_not_compete_is_not():
    times = {FAST.key: [1.0], CLOSE.key: []}
    assert undecided([FAST, SLOW, CLOSE], times, []) == [FAST, CLOSE]


@pytest.mark.parametrize(("seconds", "open_"), [(200.0, True), (400.0, False)])
def test_a_disturbed_cell_that_is_slower_whatever_held_it_up_waits_for_the_end(seconds, open_):
    found = undecided([FAST, SLOW], {FAST.key: [1.0], SLOW.key: []}, [], {SLOW.key: seconds})
    assert (SLOW in found) == open_


def test_sizes_are_contests_of_their_own():
    large = cell("hessian-jit", n=100)
    assert large in undecided([FAST, large], {FAST.key: [1.0], large.key: [50.0]}, [])


def test_a_yardstick_is_measured_as_long_as_it_serves():
    serving, idle = cell("gradient-jit", "gradient"), cell("gradient-eager", "gradient", "numpy")
    times = {FAST.key: [1.0], SLOW.key: [9.0], serving.key: [0.5], idle.key: [0.5]}
    assert undecided([FAST, SLOW, serving, idle], times, []) == [FAST, serving]


def test_yardsticks_that_were_asked_for_alone_compete():
    quick, slow = cell("gradient-jit", "gradient"), cell("gradient-eager", "gradient", "numpy")
    assert undecided([quick, slow], {quick.key: [1.0], slow.key: [9.0]}, []) == [quick]


def test_the_fastest_is_not_dropped_and_the_figures_are_not_biased():
    """Contests of five whose launches vary by 15 %: the winner keeps its launches, and its figure."""
    dice = random.Random(0)
    names = ("hessian-jit", "jacrev-jacrev-jit", "linearize-vmap-jit", "map-jit")
    ways = [*map(cell, names), CLOSE]
    lost, shift, trials = 0, 0.0, 300
    for _ in range(trials):
        truth = {way.key: dice.uniform(1.0, 6.0) for way in ways}
        launches = {key: [value * dice.lognormvariate(0, 0.15) for _ in range(6)] for key, value in truth.items()}
        seen = {key: values[:1] for key, values in launches.items()}
        for _ in range(2, 7):
            for way in undecided(ways, seen, []):
                seen[way.key] = launches[way.key][: len(seen[way.key]) + 1]
        medians = {key: sorted(values)[len(values) // 2] for key, values in seen.items()}
        best = min(truth, key=truth.get)
        lost += len(seen[best]) < 3
        shift += medians[best] / truth[best] - 1
    assert lost / trials < 0.02
    assert abs(shift / trials) < 0.05


def settings(rounds, max_rounds, racing=False):
    return Settings(QUICK, rounds, max_rounds, seed=0, limits=Limits(), racing=racing)


@pytest.mark.parametrize("racing", [False, True])
def test_nothing_follows_the_last_round(racing):
    assert later(5, settings(5, 5, racing)) == NOTHING
    assert later(6, settings(3, 6, racing)) == NOTHING


def test_rounds_that_only_some_cells_need_are_in_the_forecast_from_the_beginning():
    """Ten cells of a second each, three rounds of all and three more of three of them: 39 s."""
    asked, cells = settings(3, 6), [cell(str(i)) for i in range(10)]
    forecast, spent = Forecast(cells * asked.rounds, later(1, asked)), 0
    for round_ in range(1, 7):
        due = cells if round_ <= asked.rounds else cells[: round(UNSETTLED * len(cells))]
        if round_ > asked.rounds:
            forecast.expect(due, later(round_, asked))
        for one in due:
            told = {"cell": one.key, "status": "ok", "launch": str(round_), "spent_s": 1.0, "visit": 1}
            forecast.finished(Record(**one.as_dict(), mode="", execution="", assembly="", round=round_, **told), 1.0)
            spent += 1
            assert forecast.left_s() == pytest.approx(39 - spent)

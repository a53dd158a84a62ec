"""What a runner launches again and what not, with workers that are made up: no process is started."""

import pytest

from hessbench.harness.planning.grid import Cell
from hessbench.harness.planning.settings import QUICK, Limits, Settings
from hessbench.harness.protocol import CellEnd, CellStart, End, Outcome, Ready
from hessbench.harness.running import place, runner
from hessbench.harness.running.forecast import REVISITS
from hessbench.results.stored import store

CELLS = [
    Cell("quick", "rosenbrock", 10, "hessian", "numpy", method, "float64", "cpu")
    for method in ("hyper-dual-eager", "richardson-eager", "central-eager")
]
FAST, NEAR, FAR = CELLS
DISTURBED = "waited for a core for 80% of the time"


class Observer:
    def __init__(self):
        self.expected, self.again = [], []

    def launching(self, *facts): ...

    def expecting(self, cells, later=None):
        self.expected.append(len(cells))

    def finished(self, record, again=False):
        self.again.append((record.method, record.visit, again))


@pytest.fixture
def play(tmp_path, monkeypatch):
    """Runs the cells with workers that answer what `answer(method, visit number)` says: seconds and a disturbance."""

    def play(answer, rounds=1, max_rounds=1, racing=False):
        visits, looks = [], []

        class Worker:
            def __init__(self, task, *_):
                self.task = task

            def __enter__(self):
                return self

            def __exit__(self, *_): ...

            def messages(self):
                looks.append(self.task.policy.sampling_s)
                yield Ready(0.0)
                for visit in self.task.visits:
                    method = visit.cell.method
                    visits.append(method)
                    seconds, disturbed = answer(method, visits.count(method))
                    facts = {"min_s": seconds, "disturbed": disturbed, "rel_error": 0.0, "loops": 1}
                    yield CellStart(visit.cell.key)
                    yield CellEnd(visit.cell.key, Outcome("ok", facts=facts))
                yield End()

        monkeypatch.setattr(place, "Launch", Worker)
        observer = Observer()
        settings = Settings(QUICK, rounds, max_rounds, 0, Limits(), racing=racing)
        with store.Journal(tmp_path) as journal:
            made = runner.Runner(tmp_path, journal, settings, observer)
            made.run(CELLS, {})
        play.looks, play.again = looks, observer.again
        return visits, made, [*store.read_journal(tmp_path)]

    return play


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """Made-up runs take no time, so that revisits would take longer than the run itself."""
    monkeypatch.setattr(runner.time, "monotonic", lambda: 0.0)


def test_what_is_disturbed_is_visited_again_until_it_is_calm(play):
    visits, made, events = play(lambda method, visit: (1.0, DISTURBED if visit < 3 and method == FAST.method else ""))
    assert [visits.count(cell.method) for cell in CELLS] == [3, 1, 1]
    assert made.disturbances() == "1 of 3 cells were disturbed; 1 were measured again; 0 remain"
    numbers = [event["record"]["visit"] for event in events if event["event"] == "cell_end"]
    assert sorted(numbers) == [1, 1, 1, 2, 3]
    told = {visit: again for method, visit, again in play.again if method == FAST.method}
    assert told == {1: True, 2: True, 3: False}
    assert not any(again for method, _, again in play.again if method != FAST.method)


def test_what_stays_disturbed_is_not_visited_for_ever(play):
    visits, made, _ = play(lambda method, visit: (1.0, DISTURBED if method == FAST.method else ""))
    assert visits.count(FAST.method) == 1 + REVISITS
    assert made.disturbances().endswith("1 remains")
    assert [again for method, _, again in play.again if method == FAST.method] == [True] * REVISITS + [False]


def test_a_race_goes_on_where_the_order_is_open(play):
    seconds = {FAST.method: 1.0, NEAR.method: 1.3, FAR.method: 9.0}
    visits, _, events = play(lambda method, visit: (seconds[method] * (1 + 0.1 * (visit % 2)), ""), 1, 6, racing=True)
    assert visits.count(FAR.method) == 1
    assert visits.count(NEAR.method) >= 2
    assert visits.count(FAST.method) == 6  # 10 % from launch to launch does not settle
    assert store.decided(events)[FAR.key] == 1
    assert play.looks == pytest.approx([QUICK.sampling_s / 3] * 6)  # many launches tell more than long ones


def test_a_single_launch_looks_as_long_as_it_is_told(play):
    play(lambda method, visit: (1.0, ""), 1, 1, racing=True)
    assert play.looks == [QUICK.sampling_s]


def test_without_a_race_every_cell_has_all_rounds(play):
    visits, _, _ = play(lambda method, visit: ({FAR.method: 9.0}.get(method, 1.0), ""), 3, 3)
    assert [visits.count(cell.method) for cell in CELLS] == [3, 3, 3]
    assert play.looks == [QUICK.sampling_s] * 3


def test_a_disturbed_launch_of_a_race_is_repeated_only_where_no_other_speaks(play):
    visits, made, _ = play(lambda method, visit: (1.0, DISTURBED if visit == 1 else ""), 1, 3, racing=True)
    assert made.disturbances().endswith("0 remain")
    assert max(visits.count(cell.method) for cell in CELLS) <= 4

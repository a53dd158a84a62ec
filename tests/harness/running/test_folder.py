"""Where a run goes: each has a folder of its own, also where several begin in one second."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from hessbench.harness.planning.grid import Cell, Group
from hessbench.harness.planning.request import QUICK_LOOK
from hessbench.harness.running import folder
from hessbench.harness.running.folder import create, new_folder
from hessbench.harness.running.runner import task_of
from hessbench.harness.usage import UsageError
from hessbench.results.run import load
from hessbench.results.stored import store

CELL = Cell("tutorial", "tutorial", 2, "hessian", "numpy", "hyper-dual-eager", "float64", "cpu")


@pytest.fixture
def one_second(monkeypatch, tmp_path):
    """A folder in which it is always the same second."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(folder.time, "strftime", lambda form: "20261122-120000")


def test_runs_that_begin_in_one_second_have_folders_of_their_own(one_second):
    made = [create(QUICK_LOOK, (CELL,)).directory for _ in range(3)]
    names = [path.name for path in made]
    assert names == ["20261122-120000-quick", "20261122-120000-quick-2", "20261122-120000-quick-3"]
    assert all((path / "manifest.json").is_file() for path in made)


def test_those_that_begin_at_once_have_folders_of_their_own(one_second):
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: new_folder("quick"), range(40)))
    assert len(set(made)) == 40


def test_a_place_that_cannot_be_written_is_named(one_second, tmp_path):
    (tmp_path / "runs").write_text("a file")
    with pytest.raises(UsageError, match="cannot write to runs/"):
        new_folder("quick")


def test_what_a_worker_is_told_does_not_depend_on_where_it_is(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    settings = replace(QUICK_LOOK.settings(), sources={"own": "own.pkl"})
    task = task_of(Group("numpy", "float64", "cpu", "highest"), settings, Path("r"), ())
    assert Path(task.references) == tmp_path / "r" / "references"
    assert Path(task.sources["own"]) == tmp_path / "r" / "own.pkl"


def test_a_run_that_is_resumed_knows_what_its_tables_say(one_second):
    """Of two visits of a cell the calmer one counts, whoever reads the journal."""
    made = create(QUICK_LOOK, (CELL,))
    seen = {**CELL.as_dict(), "cell": CELL.key, "round": 1, "status": "ok"}
    visits = [{**seen, "min_s": 1.0, "visit": 1}, {**seen, "min_s": 2.0, "visit": 2, "disturbed": "a neighbor"}]
    with store.Journal(made.directory) as journal:
        for visit in visits:
            journal.append({"event": "cell_end", "record": visit})
    (known,) = made.finished().values()
    assert (known.min_s, known.visit) == (1.0, 2)
    assert load(made.directory).records == {(CELL.key, 1): known}

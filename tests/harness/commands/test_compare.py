"""`hessbench compare` and `calibrate` from the command line: exit codes, one line for bad input, planted changes."""

import json
import sys

import pandas as pd
import pytest

from hessbench.harness.commands import calibrate
from hessbench.harness.machine import noise
from hessbench.harness.planning.grid import Selection
from hessbench.harness.planning.plan import plan
from hessbench.harness.planning.request import Request
from hessbench.harness.running.folder import manifest_of
from hessbench.results.comparing.verdict import CONFIRMING, SCREENING
from hessbench.results.stored import sealed

CELLS = ("quick/quadratic", "-n", "3", "--backend", "numpy", "--method", "central-eager")
HERE = ("--a", sys.executable, "--b", sys.executable)


@pytest.fixture(scope="module")
def live(command_line, tmp_path_factory):
    """A live comparison of this interpreter with itself: its folder and its cells."""
    folder = tmp_path_factory.mktemp("live") / "pairs"
    done = command_line("compare", "--live", *HERE, *CELLS, "--out", folder, "--json")
    return folder, done.returncode, json.loads(done.stdout)


@pytest.mark.slow
@pytest.mark.worker
def test_a_live_comparison_has_pairs_of_launches_and_a_verdict_for_each_cell(live):
    folder, code, found = live
    assert {cell["operator"] for cell in found["cells"]} == {"hessian", "gradient", "objective"}
    # Launches that were disturbed, by other tests say, are no pair.
    assert all(cell["pairs"] <= SCREENING + CONFIRMING for cell in found["cells"])
    assert all(cell["ratio"] > 0 for cell in found["cells"] if cell["pairs"])
    assert all(cell["pairs"] >= SCREENING for cell in found["cells"] if cell["verdict"] in ("SLOWER", "FASTER"))
    assert code == (1 if "SLOWER" in found["counts"] else 0)
    assert (folder / "comparison.csv").read_text().count("\n") == 1 + len(found["cells"])
    assert "What has changed" in (folder / "comparison.html").read_text()


@pytest.mark.slow
@pytest.mark.worker
def test_the_order_within_a_pair_is_drawn_at_random(live):
    folder, _, _ = live
    starts = []
    for side in ("a", "b"):
        lines = [json.loads(line) for line in (folder / side / "journal.jsonl").read_text().splitlines()]
        starts.append([event["time"] for event in lines if event["event"] == "launch_start"][:SCREENING])
    assert len({a < b for a, b in zip(*starts, strict=True)}) == 2


@pytest.mark.slow
@pytest.mark.worker
def test_both_sides_use_the_same_loop_counts_and_have_ordinary_runs(live, hessbench):
    folder, _, _ = live
    loops = []
    for side in ("a", "b"):
        lines = [json.loads(line) for line in (folder / side / "journal.jsonl").read_text().splitlines()]
        records = [event["record"] for event in lines if event["event"] == "cell_end"]
        assert all(record["status"] == "ok" for record in records)
        loops.append({(record["cell"], record["loops"]) for record in records})
    assert loops[0] == loops[1]
    assert hessbench("report", folder / "a").returncode == 0


@pytest.mark.slow
@pytest.mark.worker
def test_a_finished_live_comparison_can_be_looked_at_again(live, hessbench):
    folder, code, found = live
    again = hessbench("compare", folder, "--json")
    assert (again.returncode, json.loads(again.stdout)["counts"]) == (code, found["counts"])
    hessbench("compare", folder, "--out", hessbench.folder / "elsewhere")
    assert (hessbench.folder / "elsewhere" / "comparison.csv").is_file()


def test_two_stored_runs_are_compared_without_pairing(hessbench, tmp_path):
    for name in ("a", "b"):
        assert hessbench("run", *CELLS, "--quick", "--rounds", "2", "--out", tmp_path / name).returncode == 0
    done = hessbench("compare", tmp_path / "a", tmp_path / "b", "--out", tmp_path / "found")
    assert "unpaired: drift not controlled" in done.stdout
    assert (tmp_path / "found" / "comparison.csv").is_file()
    (tmp_path / "file").touch()
    done = hessbench("compare", tmp_path / "a", tmp_path / "b", "--out", tmp_path / "file")
    assert done.returncode == 2
    assert done.stderr.splitlines() == [f"hessbench: cannot write to {tmp_path / 'file'}: File exists"]
    assert "unpaired: drift not controlled" in done.stdout, "what was found is shown first"


def test_a_method_that_fails_in_b_is_a_regression(hessbench, tmp_path):
    run = ("run", "tutorial", "-n", "2", "--backend", "faulty", "--quick")
    hessbench(*run, "--method", "right-*", "--out", tmp_path / "a")
    hessbench(*run, "--method", "right-*", "--out", tmp_path / "b")
    path = tmp_path / "b" / "journal.jsonl"
    events = sealed.events(path.read_bytes().splitlines(keepends=True), [])
    failed = [json.loads(json.dumps(event).replace('"status": "ok"', '"status": "wrong"')) for event in events]
    path.write_bytes(b"".join(sealed.seal(event, number) for number, event in enumerate(failed, 1)))
    done = hessbench("compare", tmp_path / "a", tmp_path / "b", "--out", tmp_path / "found")
    assert done.returncode == 1
    assert "NEW_FAILURE" in done.stdout


def test_runs_with_nothing_in_common_leave_with_3(hessbench, tmp_path):
    for name, problem in (("a", "quick/quadratic"), ("b", "quick/rosenbrock")):
        hessbench("run", problem, *CELLS[1:], "--quick", "--out", tmp_path / name)
    done = hessbench("compare", tmp_path / "a", tmp_path / "b", "--out", tmp_path / "found")
    assert done.returncode == 3
    assert "nothing can be compared: only in" in done.stderr


def test_a_page_that_cannot_be_made_is_a_note(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "hessbench.results.page.pages.calibration", None)
    assert "pip install 'hessbench[report]'" in calibrate._keep(tmp_path, {}, pd.DataFrame())
    assert sorted(file.name for file in tmp_path.iterdir()) == ["calibration.csv", "calibration.json"]


BAD = {
    ("compare",): "wants two run folders",
    ("compare", "nowhere", "elsewhere"): "nowhere is not a run folder",
    ("compare", "."): "is not the folder of a live comparison",
    ("compare", "x", "y", "--a", "python"): "--a belongs to --live",
    ("compare", "x", "y", "--backend", "torch"): "--backend belongs to --live",
    ("compare", "x", "y", "-n", "10"): "--size belongs to --live",
    ("compare", "x", "y", "--timeout", "9"): "--timeout belongs to --live",
    ("compare", "x", "--dry-run"): "--dry-run belongs to --live",
    ("compare", "--live"): "--live wants two interpreters",
    ("compare", "--live", "--a", "/no/python", "--b", sys.executable): "/no/python does not answer",
    ("compare", "--live", *HERE, "--budget", "soon"): "'soon' is no time",
    ("compare", "--live", *HERE, "--budget", "1s"): "too small for one pair",
    ("calibrate", "--repetitions", "0"): "--repetitions 0 is too few",
    ("calibrate", "--cells", "0"): "--cells 0 is too few",
    ("calibrate", "--out", "."): ". exists already; name another folder with --out",
    ("calibrate", "traps"): "traps: nothing there is timed; name other suites, such as quick",
}


@pytest.mark.parametrize("arguments", BAD, ids=" ".join)
def test_bad_input_is_one_line(refused, arguments):
    done = refused(*arguments)
    assert done.returncode == 2
    assert BAD[arguments] in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_an_interpreter_without_hessbench_is_named(hessbench, tmp_path):
    fake = tmp_path / "python"
    fake.write_text(f'#!/bin/sh\nexec {sys.executable} -I -S "$@"\n')
    fake.chmod(0o755)
    done = hessbench("compare", "--live", "--a", sys.executable, "--b", fake, *CELLS)
    assert done.returncode == 2
    assert f"{fake} has no working hessbench" in done.stderr


def test_another_schema_version_is_named(hessbench, tmp_path):
    fake = tmp_path / "python"
    fake.write_text('#!/bin/sh\necho \'{"schema_version": 99, "versions": {}, "machine": {}}\'\n')
    fake.chmod(0o755)
    done = hessbench("compare", "--live", "--a", sys.executable, "--b", fake, *CELLS)
    assert done.returncode == 2
    assert "writes schema version 99" in done.stderr


@pytest.mark.slow
@pytest.mark.worker
def test_a_calibration_looks_for_the_planted_change_and_is_quoted_by_later_runs(calm, tmp_path, monkeypatch):
    monkeypatch.setattr("hessbench.harness.running.pairs.CONFIRMING", 2)
    monkeypatch.setattr("hessbench.harness.commands.calibrate.SLOWDOWNS", (1.5,))
    monkeypatch.setenv(noise.VARIABLE, str(tmp_path / "figures.json"))
    from hessbench.harness.commands.cli import main

    assert main(["calibrate", *CELLS, "--repetitions", "1", "--out", str(tmp_path / "kept")]) == 0
    assert {file.name for file in (tmp_path / "kept").iterdir()} == {
        f"calibration.{kind}" for kind in ("csv", "html", "json")
    }
    found = noise.read()
    planned = len(plan(Selection((CELLS[0],), ("numpy",), ("central-eager",), sizes=(3,))))
    assert found["compared"] == planned
    # Beside a neighbor a change may be left undecided: how often it is found is no test.
    hits, cells = found["power"]["1.5"]
    assert 0 <= hits <= cells <= planned
    assert noise.drift() == found["drift"]
    assert manifest_of(Request(), ())["calibration"] == found

"""Planted faults, end to end: every fault is caught, named, and costs exactly one cell."""

import importlib

import pytest

import hessbench as hb
from hessbench.results.stored.store import read_journal
from hessbench.results.tables.ranking import winners

EXPECTED = {
    "right": ("ok", ""),
    "garbage": ("ok", ""),
    "off-diagonal": ("wrong", "entry ("),
    "asymmetric": ("wrong", "not symmetric"),
    "nan": ("wrong", "1 of 100 entries are NaN or infinite"),
    "infinite": ("wrong", "1 of 100 entries are NaN or infinite"),
    "float32": ("wrong", "dtype float32, expected float64"),
    "tf32": ("wrong", "entry ("),
    "zeros": ("wrong", "entry ("),
    "shape": ("wrong", "shape (1, 10), expected (10, 10)"),
    "cached": ("wrong", "at a point beside x: entry ("),
    "elsewhere": ("wrong", "entry ("),
    "gauss-newton": ("wrong", "entry ("),
    "transposed-block": ("wrong", ""),
    "unconnected": ("wrong", "entry ("),
    "leaked-float32": ("wrong", "at a point beside x: entry ("),
    "unsynchronized": ("wrong", "a call returned after "),
    "per-value": ("ok", ""),
    "raise": ("error", "ValueError: first line"),
    "memory-error": ("out_of_memory", "MemoryError: cannot allocate"),
    "resource-exhausted": ("out_of_memory", "RuntimeError: RESOURCE_EXHAUSTED"),
    "sticky": ("error", "RuntimeError: CUDA error: an illegal memory access was encountered"),
    "segfault": ("crashed", "first_call: killed by SIGSEGV"),
    "killed": ("crashed", "first_call: killed by SIGKILL (not by hessbench"),
    "exit": ("crashed", "first_call: worker exited with code 7"),
    "hang": ("timeout", "first_call took longer than 6 s"),
    "hang-native": ("timeout", "first_call took longer than 6 s"),
    "hog": ("out_of_memory", "first_call used 0."),
}


@pytest.fixture(scope="module")
def run(tmp_path_factory, command_line):
    directory = tmp_path_factory.mktemp("faults") / "run"
    done = command_line(
        "run",
        "quick/rosenbrock",
        "-n",
        "10",
        "--backend",
        "faulty,numpy",
        "--quick",
        "--timeout",
        "6",
        "--memory-limit",
        "600MB",
        "--out",
        directory,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return hb.load(directory)


def test_every_planned_cell_has_exactly_one_outcome(run):
    assert len(run.frame) == len(run.manifest["cells"]) == len(run.records)
    assert not run.frame.duplicated(["cell", "round"]).any()


@pytest.mark.parametrize("fault", EXPECTED)
def test_fault_is_caught_and_named(run, fault):
    row = run.frame.set_index("method").loc[f"{fault}-eager"]
    status, reason = EXPECTED[fault]
    assert (row["status"], row["reason"][: len(reason)]) == (status, reason)


LOOKS_LIKE = {
    "off-diagonal": "right on the diagonal; 2 of 100 entries are off",
    "tf32": "1.0003 times the right one",
    "zeros": "zero everywhere",
    "cached": "the value at point 0 instead of point 1",
    "transposed-block": "the right numbers in wrong places",
    "unconnected": "zero for variable 2",
    "leaked-float32": "every entry is a float32 number",
}


@pytest.mark.parametrize("fault", LOOKS_LIKE)
def test_the_reason_says_what_kind_of_fault_it_looks_like(run, fault):
    reason = run.frame.set_index("method").loc[f"{fault}-eager", "reason"]
    assert f"looks like: {LOOKS_LIKE[fault]}" in reason


def test_what_is_fast_at_known_points_only_is_timed_at_new_ones(run):
    row = run.frame.set_index("method").loc["per-value-eager"]
    assert row["min_s"] == row["fresh_s"] >= 0.05
    assert (row["samples"], row["loops"]) == (3, 1)


def test_every_planted_fault_has_an_expectation(faults):
    methods = importlib.import_module("faulty_backend").METHODS
    assert {method.name.removesuffix("-eager") for method in methods} == set(EXPECTED)


def test_only_right_cells_are_ranked(run):
    assert set(winners(run.summary)["status"]) == {"ok"}
    assert run.summary.loc[run.summary["status"] != "ok", "relative"].isna().all()


def test_wrong_cells_keep_their_time(run):
    wrong = run.frame[run.frame["status"] == "wrong"]
    assert len(wrong) > 5
    assert wrong["min_s"].notna().all()


def test_a_hang_leaves_its_stack_in_the_record(run):
    assert "_hang" in run.frame.set_index("method").loc["hang-eager"]["log_tail"]


def test_after_a_sticky_error_the_next_cell_has_a_fresh_worker(run):
    launches = run.frame.set_index("method")["launch"]
    ends = [event["record"] for event in read_journal(run.directory) if event["event"] == "cell_end"]
    of_launch = [record["method"] for record in ends if record["launch"] == launches["sticky-eager"]]
    assert of_launch[-1] == "sticky-eager"


def test_garbage_on_standard_output_stays_in_the_log(run):
    logs = b"".join(path.read_bytes() for path in (run.directory / "logs").iterdir())
    assert b"not text" in logs


def test_an_absent_framework_is_a_reason_and_a_note(hessbench, tmp_path):
    done = hessbench("run", "tutorial", "--backend", "absent,numpy", "--quick", "--out", tmp_path / "run")
    rows = hb.load(tmp_path / "run").frame.groupby("backend")
    assert done.returncode == 0
    assert "note: absent is not installed (no_such_framework): pip install 'hessbench[absent]'" in done.stderr
    assert set(rows.get_group("absent")["status"]) == {"unsupported"}
    assert set(rows.get_group("numpy")["status"]) == {"ok"}


def test_a_framework_broken_at_import_is_an_error_in_one_line(hessbench, tmp_path):
    done = hessbench("run", "tutorial", "--backend", "broken,numpy", "--quick", "--out", tmp_path / "run")
    rows = hb.load(tmp_path / "run").frame.set_index("backend").loc["broken"]
    assert done.returncode == 0
    assert set(rows["status"]) == {"error"}
    assert set(rows["reason"]) == {"cannot import broken: RuntimeError: libfaulty.so.1: undefined symbol"}


def test_nothing_ok_is_exit_code_3(hessbench, tmp_path):
    assert hessbench("run", "tutorial", "--backend", "absent", "--quick", "--out", tmp_path / "run").returncode == 3


def test_a_declared_refusal_is_a_reason(hessbench, tmp_path):
    hessbench(
        "run",
        "quick/rosenbrock",
        "-n",
        12,
        "--backend",
        "faulty",
        "--method",
        "right-*",
        "--quick",
        "--out",
        tmp_path / "run",
    )
    (row,) = hb.load(tmp_path / "run").frame.to_dict("records")
    assert (row["status"], row["reason"]) == ("unsupported", "the tests refuse n = 12")


def test_what_timed_out_is_not_tried_again_in_a_later_round(hessbench, tmp_path):
    hessbench(
        "run",
        "tutorial",
        "--backend",
        "faulty",
        "--method",
        "hang-eager,right-*",
        "--rounds",
        "2",
        "--timeout",
        "2",
        "--out",
        tmp_path / "run",
    )
    frame = hb.load(tmp_path / "run").frame.set_index(["method", "round"])
    assert list(frame.loc["right-eager", "status"]) == ["ok", "ok"]
    assert list(frame.loc["hang-eager", "status"]) == ["timeout", "timeout"]
    assert frame.loc[("hang-eager", 2), "reason"].startswith("not tried again after round 1: ")


def test_third_parties_that_cannot_be_loaded_are_left_out_with_a_note(hessbench, tmp_path):
    done = hessbench("run", "tutorial", "--backend", "numpy", "--quick", "--out", tmp_path / "run")
    assert done.returncode == 0
    assert "note: ghost is left out: no_such_module:Ghost cannot be loaded: ModuleNotFoundError" in done.stderr
    assert "note: haunted is left out: no_such_module cannot be loaded" in done.stderr
    for arguments in (("--backend", "ghost"), ("haunted",)):
        refused = hessbench("run", *arguments)
        assert refused.returncode == 2
        assert "of a third party: no_such_module" in refused.stderr


def test_a_judge_that_takes_too_long_or_fails_is_no_fault_of_the_method(hessbench, tmp_path):
    hessbench(
        "run",
        "foreign/judged_slowly",
        "foreign/judged_never",
        "--backend",
        "faulty",
        "--method",
        "right-*,tf32-*",
        "--quick",
        "--timeout",
        "3",
        "--out",
        tmp_path / "run",
    )
    frame = hb.load(tmp_path / "run").frame
    assert set(frame["status"]) == {"unverifiable"}
    reasons = frame.groupby("problem")["reason"].agg(set)
    assert reasons["judged_slowly"] == {
        "the judge took longer than 3 s",
        "the judge did not finish for another cell of this problem",
    }
    assert {r[:20] for r in reasons["judged_never"]} <= {"the judge failed: Va", "the judge did not fi"}


def test_a_missing_device_is_a_reason(hessbench, tmp_path):
    hessbench(
        "run",
        "tutorial",
        "--backend",
        "faulty",
        "--method",
        "right-*",
        "--device",
        "gpu:7",
        "--quick",
        "--out",
        tmp_path / "run",
    )
    (row,) = hb.load(tmp_path / "run").frame.to_dict("records")
    assert row["status"] == "unsupported"
    assert "device 'gpu:7' is not there" in row["reason"]


def test_a_third_party_suite_without_closed_form_is_judged_by_finite_differences(hessbench, tmp_path):
    hessbench(
        "run",
        "foreign/cosines",
        "--backend",
        "numpy,faulty",
        "--method",
        "central-*,tf32-*",
        "--quick",
        "--out",
        tmp_path / "run",
    )
    frame = hb.load(tmp_path / "run").frame.set_index("method")
    assert frame.loc["central-eager", "status"] == "ok"
    assert frame.loc["tf32-eager", "status"] == "wrong"
    assert "Taylor's remainder agrees with the judge" in frame.loc["tf32-eager", "reason"]
    assert frame.loc["central-eager", "judge"].startswith("richardson-")


def test_a_limit_found_while_building_is_a_refusal(hessbench, tmp_path):
    """Not an error: the backend knows what it says."""
    hessbench(
        "run",
        "quick/rosenbrock",
        "-n",
        13,
        "--backend",
        "faulty",
        "--method",
        "right-*",
        "--quick",
        "--out",
        tmp_path / "run",
    )
    (row,) = hb.load(tmp_path / "run").frame.to_dict("records")
    assert (row["status"], row["reason"]) == ("unsupported", "n = 13 is too large for the tests")

"""A run on CPU and GPU in one, end to end, on a backend that calls itself a GPU (`tests/faults/pretended_gpu.py`)."""

import pytest

import hessbench as hb
from hessbench.results.stored.store import read_journal


@pytest.fixture(scope="module")
def run(tmp_path_factory, command_line):
    directory = tmp_path_factory.mktemp("pretended") / "run"
    done = command_line(
        "run",
        "quick/quadratic",
        "-n",
        10,
        "--backend",
        "pretended,numpy",
        "--method",
        "right-*,full-*,rounded-*,richardson-eager",
        "--device",
        "all",
        "--dtype",
        "float64,float32",
        "--precision",
        "highest,tf32",
        "--quick",
        "--out",
        directory,
    )
    assert done.returncode == 0, done.stderr
    assert "note: devices: numpy cpu; pretended cpu, gpu, gpu:1" in done.stderr
    assert "Traceback" not in done.stderr
    return hb.load(directory)


@pytest.fixture(scope="module")
def rows(run):
    return run.frame[run.frame["operator"] == "hessian"].set_index(
        ["backend", "method", "dtype", "device", "precision"]
    )


def test_every_cell_is_where_it_belongs(run):
    seen = set(map(tuple, run.frame[["backend", "dtype", "device", "precision"]].to_numpy()))
    everywhere = {
        ("pretended", dtype, device, "highest")
        for dtype in ("float64", "float32")
        for device in ("cpu", "gpu", "gpu:1")
    }
    tf32 = {("pretended", "float32", device, "tf32") for device in ("gpu", "gpu:1")}
    assert seen == everywhere | tf32 | {("numpy", dtype, "cpu", "highest") for dtype in ("float64", "float32")}


def test_what_is_right_is_right_on_the_gpu_too(rows):
    for dtype in ("float64", "float32"):
        for device in ("cpu", "gpu"):
            assert rows.loc[("pretended", "right-eager", dtype, device, "highest"), "status"] == "ok"


def test_ten_bits_pass_where_they_were_asked_for_only(rows):
    assert rows.loc[("pretended", "rounded-eager", "float32", "gpu", "tf32"), "status"] == "ok"
    assert rows.loc[("pretended", "rounded-eager", "float32", "gpu", "highest"), "status"] == "ok"
    tight, wide = (rows.loc[("pretended", "rounded-eager", "float32", "gpu", p)] for p in ("highest", "tf32"))
    assert tight["rel_error"] < tight["tolerance"] < wide["rel_error"] < wide["tolerance"]


def test_a_busy_gpu_is_one_line_and_the_others_go_on(rows):
    busy = rows[rows.index.get_level_values("device") == "gpu:1"]
    assert set(busy["status"]) == {"unsupported"}
    assert busy["reason"].str.startswith("device 'gpu:1' cannot be used: PretendedError: all CUDA-capable").all()


def test_a_full_gpu_is_out_of_memory_and_the_next_cell_has_a_fresh_worker(run, rows):
    full = rows.loc[("pretended", "full-eager", "float64", "gpu", "highest")]
    assert (full["status"], full["reason"]) == (
        "out_of_memory",
        "RuntimeError: CUDA out of memory. Tried to allocate 20.00 GiB.",
    )
    ends = [event["record"] for event in read_journal(run.directory) if event["event"] == "cell_end"]
    assert [r["method"] for r in ends if r["launch"] == full["launch"]][-1] == "full-eager"


def test_the_devices_own_figures_are_columns(rows):
    gpu = rows.loc[("pretended", "right-eager", "float64", "gpu", "highest")]
    cpu = rows.loc[("pretended", "right-eager", "float64", "cpu", "highest")]
    assert gpu["event_s"] > 0
    assert gpu["peak_device_bytes"] == 12345
    assert cpu[["event_s", "peak_device_bytes"]].isna().all()


def test_the_journal_keeps_what_the_framework_says_of_its_switches(run):
    said = {
        event["launch"].split("-", 1)[1]: event["switches"]["bits"]
        for event in read_journal(run.directory)
        if event["event"] == "launch_end" and "pretended" in event["launch"] and "switches" in event
    }
    assert said["pretended-float32-gpu-tf32"] == "10"
    assert said["pretended-float32-gpu"] == said["pretended-float64-cpu"] == "23"


def test_the_summary_compares_within_a_device_and_a_precision(run):
    table = run.summary
    best = table[table["status"] == "ok"].groupby(["operator", "dtype", "device", "precision"])["relative"].min()
    assert (best == 1.0).all()
    assert len(best) >= 6

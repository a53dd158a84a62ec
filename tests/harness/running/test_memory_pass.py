"""The memory pass: what a call takes beyond what is there, each cell in a worker of its own."""

import json

import hessbench as hb
from hessbench.results.stored.store import read_journal

N = 600
MATRIX = 8 * N * N


def test_a_hessian_weighs_at_least_its_own_bytes_and_a_gradient_less(hessbench, tmp_path):
    folder = tmp_path / "run"
    done = hessbench(
        "run",
        "quick/quadratic",
        "-n",
        N,
        "--backend",
        "numpy",
        "--method",
        "gradient-complex-step-eager,objective-eager,hvp-richardson-eager",
        "--operator",
        "hvp",
        "--quick",
        "--memory",
        "--out",
        folder,
    )
    assert done.returncode == 0, done.stderr
    frame = hb.load(folder).frame.set_index("operator")
    weights = frame["extra_host_bytes"].astype(float)
    assert weights.notna().all()
    assert weights["objective"].max() < MATRIX / 10
    assert weights["hvp"].max() < 100 * MATRIX


def test_what_is_weighed_is_not_weighed_again_and_what_fails_has_no_weight(hessbench, tmp_path):
    folder = tmp_path / "run"
    chosen = ("-n", 4, "--backend", "faulty", "--method", "right-eager,nan-eager")
    hessbench("run", "quick/rosenbrock", *chosen, "--quick", "--memory", "--out", folder)
    hessbench("run", "--resume", folder)
    weighed = [event for event in read_journal(folder) if event["event"] == "cell_weighed"]
    frame = hb.load(folder).frame.set_index("method")
    assert len(weighed) == 1
    assert frame.loc["right-eager", "extra_host_bytes"] >= 0
    assert frame["extra_host_bytes"].isna()["nan-eager"]
    assert json.loads((folder / "manifest.json").read_text())["configuration"]["memory"] is True

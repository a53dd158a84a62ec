"""Several launches at a time: as right and as stoppable as one."""

import json
import signal
import time

import hessbench as hb
from hessbench.results.stored.store import read_journal


def test_the_outcomes_are_those_of_one_worker(hessbench, tmp_path):
    problems = ("quick/rosenbrock", "quick/quadratic")
    chosen = (
        "-n",
        "2,4",
        "--backend",
        "numpy,faulty",
        "--method",
        "right-eager,nan-eager,segfault-eager,richardson-eager",
    )
    done = hessbench("verify", *problems, *chosen, "--out", tmp_path / "verified", "--json")
    several = {(c["problem"], c["n"], c["method"]): c["status"] for c in json.loads(done.stdout)["cells"]}
    hessbench("run", *problems, *chosen, "--operator", "hessian", "--quick", "--out", tmp_path / "run")
    frame = hb.load(tmp_path / "run").frame.set_index(["problem", "n", "method"])
    assert several == {key: frame.loc[key, "status"] for key in several}
    assert {"ok", "wrong", "crashed"} <= set(several.values())


def test_ctrl_c_stops_all_of_them_and_keeps_what_is_done(hessbench, tmp_path):
    folder = tmp_path / "run"
    chosen = ("--backend", "numpy,faulty", "--method", "right-eager,hang-eager", "-n", "4")
    process = hessbench.start("verify", "quick/rosenbrock", *chosen, "--out", folder)
    end = time.monotonic() + 60
    while not any(event["event"] == "cell_start" for event in (read_journal(folder) if folder.is_dir() else ())):
        assert time.monotonic() < end
        time.sleep(0.05)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 130
    statuses = hb.load(folder).frame.set_index("method")["status"]
    assert statuses["hang-eager"] == "interrupted"

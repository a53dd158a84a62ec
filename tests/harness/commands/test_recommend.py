"""`hessbench recommend` from the command line: an answer with code that runs, and one line for bad input."""

import json
from types import SimpleNamespace

import pandas as pd
import pytest

from hessbench.backends.scripts.recipes import code
from hessbench.harness.commands import recommend
from hessbench.harness.commands.recommend import Wanted, _show, hint, scout_sizes
from hessbench.harness.planning.request import QUICK_LOOK
from hessbench.harness.usage import UsageError
from hessbench.suites import load


def test_an_answer_has_a_method_its_time_and_code(hessbench):
    asked = ("recommend", "quick/quadratic", "-n", 40, "--calls", 10, "--backend", "numpy", "--memory-limit", "4GB")
    done = hessbench(*asked, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["best"] == found["methods"][0]
    assert found["best"]["rel_error"] < 1e-2  # forward differences may be the fastest here, and right as such
    totals = [row["total_s"] for row in found["methods"]]
    assert totals == sorted(totals)
    assert f'method="{found["best"]["method"]}"' in found["code"]


def test_small_sizes_are_scouted_and_a_problem_of_one_size_is_not():
    assert scout_sizes(load("quick")["rosenbrock"], 160) == [10, 20, 40]
    assert scout_sizes(load("classic")["helical_valley"], 3) == []


def hint_for(name, n, operator="hessian"):
    return hint(Wanted(load("quick")[name], f"quick/{name}", n, 10, operator))


def test_who_asks_for_a_dense_hessian_of_few_entries_is_told():
    assert "--operator sparse-hessian" in hint_for("rosenbrock", 160)
    assert not hint_for("rosenbrock", 10)
    assert not hint_for("rosenbrock", 160, "sparse-hessian")


def test_a_sparse_method_is_pasted_as_a_call():
    assert "hb.sparse_hessian(f, x, *data" in code("jax", "sparse-forward-over-reverse-jit", "sparse-hessian", "f")


@pytest.mark.parametrize(("how", "code"), [("cannot-write", 1), ("no-hosts", 3)])
def test_of_a_part_of_a_run_nothing_is_recommended(monkeypatch, tmp_path, how, code):
    monkeypatch.setattr(recommend, "carry_out", lambda folder, machines=None: SimpleNamespace(how=how, folder=folder))
    request = QUICK_LOOK.changed(suites=["quick/quadratic"], sizes=[4], out=tmp_path / "run")
    with pytest.raises(UsageError, match="the run was cut short") as raised:
        recommend._ran(request, None)
    assert raised.value.code == code


@pytest.mark.parametrize("columns", [60, 80, 100, 200])
def test_an_answer_can_be_read_at_every_width(capsys, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    seconds = {"total_s": 0.2, "prepare_s": 0.1, "first_call_s": 0.01, "min_s": 1e-5}
    row = {"backend": "numpy", "method": "differences-of-the-gradient", **seconds, "rel_error": 1e-7}
    row["extra_host_bytes"] = 12_000_000
    _show(Wanted(load("quick")["rosenbrock"], "quick/rosenbrock", 160, 10, "hessian"), pd.DataFrame([row]), False)
    shown = capsys.readouterr().out
    prose = [line for line in shown.splitlines() if not line.startswith("    ")]
    assert all(len(line) <= columns for line in prose)
    said = " ".join(shown.split())
    assert "200 ms in all (100 ms to prepare, 10.0 ms for the first call, 10.0 µs for each further one)" in said
    assert "12 MB" in said
    assert "--operator sparse-hessian looks for the fastest way to those alone." in said


BAD = {
    ("recommend", "quick", "-n", "10"): "recommend wants one problem",
    ("recommend", "quick/nothing", "-n", "10"): "unknown problem",
    ("recommend", "classic/helical_valley", "-n", "10"): "wants n = 3, not n = 10",
    ("recommend", "traps/constant", "-n", "3"): "is not timed; try: hessbench verify traps/constant",
    ("recommend", "quick/quadratic", "-n", "10", "--calls", "0"): "--calls 0 is too few",
    ("recommend", "quick/quadratic", "-n", "10", "--operator", "laplacian"): "cannot be recommended",
    ("recommend", "quick/quadratic"): "the following arguments are required",
}


@pytest.mark.parametrize("arguments", BAD, ids=" ".join)
def test_bad_input_is_one_line(refused, arguments):
    done = refused(*arguments)
    assert (done.returncode, len(done.stderr.strip().splitlines())) == (2, 1)
    assert BAD[arguments] in done.stderr

"""Bad input: one clear line, exit code 2, nothing started, nothing overwritten."""

import json
import shutil
from pathlib import Path

import pytest

from hessbench.harness.planning.request import from_json
from hessbench.harness.running.folder import RunFolder
from hessbench.harness.running.whole_run import carry_out
from hessbench.harness.usage import UsageError

BAD = {
    ("run", "quik"): "unknown suite 'quik'; did you mean quick?",
    ("run", "quick/rosenbrok"): "unknown problem of suite quick 'rosenbrok'; did you mean rosenbrock?",
    ("run", "--backend", "tensorflw"): "unknown backend 'tensorflw'; did you mean tensorflow?",
    ("run", "--backend", "xyz"): "unknown backend 'xyz'; known: ",
    ("run", "--method", "hessian-jt"): "unknown method 'hessian-jt'; did you mean hessian-jit",
    ("run", "--method", "nothing*"): "unknown method 'nothing*'; see: hessbench list methods",
    ("run", "--operator", "hesian"): "unknown operator 'hesian'; did you mean hessian",
    ("run", "--operator", "hvp", "--method", "jacrev-jacrev-*"): "none of the selected methods computes hvp",
    ("run", "--backend", "faulty", "--operator", "hvp"): "none of the selected methods computes hvp; they do hessian",
    ("run", "--mode", "forward-over-revers"): "unknown mode 'forward-over-revers'; did you mean forward-over-reverse",
    ("run", "--execution", "xxla"): "unknown execution 'xxla'; did you mean xla?",
    ("run", "--backend", "jax", "--execution", "graph"): "none of the selected methods is graph",
    ("run", "--chunk", "0"): "chunk size '0' is not a number of rows; write 1 or more, or all",
    ("run", "--chunk", "-4"): "chunk size '-4' is not a number of rows",
    ("run", "--chunk", "101"): "chunk size 101 is beyond n: the selected problems have n up to 100",
    ("run", "--method", "map-chunk0-jit"): "chunk size '0' is not a number of rows",
    ("run", "--batch", "0"): "batch 0 is not a number of vectors or points; write 1 or more",
    ("run", "--dtype", "float16"): "unknown dtype 'float16'; did you mean float",
    ("run", "--device", "gpuu"): "unknown device 'gpuu'; write cpu, gpu, gpu:<index> or all",
    ("run", "--precision", "tf16"): "unknown precision 'tf16'; did you mean tf32?",
    ("run", "--device", "gpu:x"): "unknown device 'gpu:x'",
    ("run", "-n", "ten"): "size 'ten' is not a whole number",
    ("run", "-n", "0"): "size 0 is not a number of variables",
    ("run", "-n", "9" * 30): f"size {'9' * 30} is more numbers than any machine holds; write at most 281474976710656",
    ("recommend", "quick/rosenbrock", "-n", "9" * 30): "is more numbers than any machine holds",
    ("run", "tutorial", "-n", "5"): "no selected problem takes size 5: tutorial wants n = 2 (nearest: 2)",
    ("run", "quick/tanh_network", "-n", "12"): "tanh_network wants n a multiple of 5 (nearest: 10, 15)",
    ("run", "-n", "50..10"): "size range '50..10' is none",
    ("run", "-n", ".."): "size range '..' is none",
    ("run", "-n", "5000.."): "no selected problem has a size within 5000..",
    ("report", "--budget", "soon"): "'soon' is neither a time nor a size",
    ("run", "--rounds", "0"): "--rounds 0 is no number of launches",
    ("run", "--rounds", "5..3"): "--rounds 5..3 is no number of launches",
    ("run", "--seed", "-1"): "--seed -1 is negative",
    ("run", "--seed", "1.5"): "argument --seed: invalid int value: '1.5'",
    ("run", "--tag", "convx"): "unknown tag 'convx'; did you mean convex",
    ("run", "/dev/null"): "'/dev/null' is no suite, and a file of problems is called *.py",
    ("run", "./mine.txt"): "'./mine.txt' is no suite, and a file of problems is called *.py",
    ("run", "--text", "nativ"): "unknown text 'nativ'; did you mean native?",
    ("run", "--text", "native"): "nothing to run",
    ("verify", "quik"): "unknown suite 'quik'; did you mean quick?",
    ("verify", "nist", "-n", "50"): "no selected problem takes size 50",
    ("verify", "--quick"): "unrecognized arguments: --quick",
    ("list", "problems", "--tag", "xyz"): "unknown tag 'xyz'; see: hessbench list problems --verbose",
    ("run", "--rounds", "two"): "--rounds two is no number of launches",
    ("run", "--timeout", "0"): "--timeout 0.0 is no time",
    ("run", "--memory-limit", "much"): "memory limit 'much' is not a size; write for example 4GB",
    ("run", "--frobnicate"): "unrecognized arguments: --frobnicate",
    ("run", "--resume", "nowhere"): "nowhere is not a run folder: it does not exist",
    ("run", "--out", "/proc/nowhere"): "cannot write to /proc/nowhere",
    ("report", "nowhere"): "nowhere is not a run folder: it does not exist",
    ("report",): "no run below runs/",
    ("list", "sweets"): "unknown list 'sweets'",
    ("list", "problems", "--suite", "quik"): "unknown suite 'quik'",
    ("list", "methods", "--backend", "jx"): "unknown backend 'jx'; did you mean jax?",
    ("frobnicate",): "invalid choice: 'frobnicate'",
}


@pytest.mark.parametrize("arguments", BAD, ids=" ".join)
def test_bad_input_is_one_line_and_exit_code_2(refused, tmp_path, arguments):
    """What is said in a process of its own, and its exit code, is in test_streams.py."""
    done = refused(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("hessbench: ")
    assert BAD[arguments] in line
    assert not list(tmp_path.iterdir())


def test_a_folder_with_something_in_it_is_left_alone(hessbench, tmp_path):
    (tmp_path / "thesis.tex").write_text("ten years of work")
    done = hessbench("run", "tutorial", "--backend", "numpy", "--quick", "--out", tmp_path)
    assert done.returncode == 2
    assert "is not empty; choose another --out" in done.stderr
    assert (tmp_path / "thesis.tex").read_text() == "ten years of work"


def test_a_folder_that_is_no_run_cannot_be_resumed_or_reported(hessbench, tmp_path):
    (tmp_path / "manifest.json").write_text("{}")
    for command in (("run", "--resume", "."), ("report", ".")):
        done = hessbench(*command)
        assert done.returncode == 2
        assert "is not a hessbench manifest" in done.stderr


STORED = Path(__file__).parents[1] / "results" / "fixtures" / "run_schema_1"


@pytest.mark.parametrize("command", [("report",), ("compare", STORED), ("report", "--json")])
def test_a_journal_that_cannot_be_opened_is_one_line(refused, tmp_path, command):
    shutil.copy(STORED / "manifest.json", tmp_path)
    (tmp_path / "journal.jsonl").mkdir()
    done = refused(*command, tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"hessbench: {tmp_path / 'journal.jsonl'} cannot be read: Is a directory\n"


def test_nor_can_a_run_go_on_with_it(tmp_path):
    (tmp_path / "journal.jsonl").mkdir()
    request = from_json(json.loads((STORED / "manifest.json").read_text())["configuration"])
    with pytest.raises(UsageError, match=r"cannot write to .*journal.jsonl: Is a directory$"):
        carry_out(RunFolder(tmp_path, request, ()))


def test_a_dry_run_prints_the_plan_and_starts_nothing(hessbench):
    done = hessbench("run", "tutorial", "--backend", "numpy", "--dry-run")
    assert done.returncode == 0
    assert "tutorial/tutorial n=2 numpy richardson-eager" in done.stdout
    assert not list(hessbench.folder.iterdir())


def test_a_problem_that_cannot_take_a_size_is_left_out_with_a_note(hessbench):
    done = hessbench("run", "quick", "-n", "9", "--backend", "numpy", "--dry-run")
    assert done.returncode == 0
    assert "note: quick/tanh_network is left out at n = 9: it wants n a multiple of 5" in done.stderr
    assert "tanh_network" not in done.stdout


def test_a_chunk_beyond_n_is_left_out_with_a_note(hessbench):
    done = hessbench("run", "quick/rosenbrock", "--backend", "jax", "--chunk", "4,32", "--dry-run")
    assert done.returncode == 0
    assert "note: chunk size 32 is left out at n = 10: beyond n" in done.stderr
    assert "n=10 jax map-chunk4-jit" in done.stdout
    assert "n=10 jax map-chunk32-jit" not in done.stdout


def test_a_backend_that_lacks_an_operator_is_named(hessbench):
    done = hessbench("run", "tutorial", "--backend", "numpy,faulty", "--operator", "hvp", "--dry-run")
    assert done.returncode == 0
    assert "note: faulty has no method for hvp" in done.stderr


def test_a_named_chunked_method_beyond_n_is_named(hessbench):
    done = hessbench("run", "tutorial", "--method", "map-chunk16-jit", "--dry-run")
    assert done.returncode == 2
    assert "chunk size 16 is beyond n: the selected problems have n up to 2" in done.stderr

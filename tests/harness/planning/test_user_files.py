"""`hessbench run file.py[:name]`: a file's problems are run like any other."""

import fcntl
import json
import os
import subprocess
import sys
import time

import pytest

import hessbench as hb
from hessbench import backends
from hessbench.harness.planning import user_files
from hessbench.results.stored.files import write_atomically
from hessbench.results.stored.store import MANIFEST
from tests.harness.waiting import wait_for

FILE = """
import numpy as np
import hessbench as hb

print("noise")


@hb.problem(x0=[-1.2, 1.0], hessian=lambda x: np.array(
    [[2 - 400 * (x[1] - 3 * x[0] ** 2), -400 * x[0]], [-400 * x[0], 200.0]]))
def valley(xp, x):
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2


@hb.problem(x0=np.ones, data=lambda n, rng: rng.standard_normal((3, n)), sizes=(4, 6, 9), tags=("fit",))
def fit(xp, x, a):
    return xp.sum(xp.exp(xp.matmul(a, x) / 9))
"""
NUMPY = ("--backend", "numpy", "--quick", "--method", "hyper-dual-eager,central-eager")


@pytest.fixture
def mine(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(FILE)
    return path


def test_a_file_is_planned_without_being_imported_here(mine, capsys):
    from hessbench.harness.commands.cli import main

    assert main(["run", f"{mine}:fit", "-n", "5,6", *NUMPY, "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "mine.py/fit n=5 numpy central-eager" in said
    assert "noise" not in said


def test_a_quick_look_keeps_all_sizes_that_a_user_gave(mine):
    from hessbench.harness.planning.grid import Selection
    from hessbench.harness.planning.plan import plan

    cells = plan(Selection(suites=(f"{mine}:fit",), ranges=("quick",), backends=("numpy",)))
    assert {cell.n for cell in cells} == {4, 6, 9}


def test_cell_keys_do_not_depend_on_the_folder(mine, tmp_path):
    from hessbench.harness.planning.grid import Selection
    from hessbench.harness.planning.plan import plan

    other = tmp_path / "elsewhere" / "mine.py"
    other.parent.mkdir()
    other.write_text(FILE)
    cells = [plan(Selection(suites=(f"{path}:valley",), backends=("numpy",))) for path in (mine, other)]
    assert [cell.key for cell in cells[0]] == [cell.key for cell in cells[1]]


def test_it_runs_reports_without_the_file_and_resumes(hessbench, mine, tmp_path):
    done = hessbench("run", "mine.py", "quick/rosenbrock", *NUMPY, "-n", "2,4", "--out", "r")
    assert done.returncode == 0, done.stderr
    frame = hb.load(tmp_path / "r").frame
    own = frame[frame["suite"] == "mine.py"]
    assert set(own["problem"]) == {"valley", "fit"}
    assert set(own["status"]) == {"ok"}
    assert set(own[own["problem"] == "valley"].query("operator == 'hessian'")["judge"]) == {"closed_form"}
    journal = tmp_path / "r" / "journal.jsonl"
    lines = journal.read_text().splitlines()
    journal.write_text("\n".join(lines[:-4]) + "\n")
    done = hessbench("run", "--resume", "r")
    assert done.returncode == 0, done.stderr
    assert set(hb.load(tmp_path / "r").frame["status"]) == {"ok"}
    mine.write_text(FILE + "# another one\n")
    done = hessbench("run", "--resume", "r")
    assert done.returncode == 2
    assert "cannot resume r: mine.py has changed since; start a new run" in done.stderr
    mine.unlink()
    assert hessbench("report", "r").returncode == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("import nonsense_that_is_not_there", "ModuleNotFoundError: No module named 'nonsense_that_is_not_there'"),
        ("import hessbench as hb\nhb.problem(print, x0=[1])", "mine.py, line 2: x0 of print has dtype int64"),
        ("import os; os._exit(7)", "mine.py ends the process that imports it (code 7)"),
        ("import os; os.write(2, b'no\\nlicence\\n'); os._exit(7)", "that imports it (code 7): licence"),
        (None, "cannot read"),
        (FILE, "unknown problem of mine.py 'vally'; did you mean valley?"),
    ],
)
def test_bad_files_end_with_exit_code_2(hessbench, mine, text, message):
    mine.write_text(text) if text else mine.unlink()
    done = hessbench("run", "mine.py:vally", "--dry-run")
    assert done.returncode == 2
    assert message in done.stderr
    assert "/harness/" not in done.stderr


def test_a_file_that_never_ends_does_not_outlive_a_killed_command(mine, tmp_path):
    """It holds a lock for as long as it lives."""
    held = tmp_path / "held"
    mine.write_text(
        f"import fcntl, time\nlock = open({str(held)!r}, 'w')\nfcntl.flock(lock, fcntl.LOCK_EX)\n"
        "lock.write('mine'), lock.flush()\ntime.sleep(600)\n"
    )
    command = subprocess.Popen(
        [sys.executable, "-m", "hessbench", "run", str(mine), "--dry-run"], stdin=subprocess.DEVNULL
    )
    wait_for(lambda: held.exists() and held.read_text())
    command.kill()
    command.wait()
    with held.open() as other:
        wait_for(lambda: _taken(other))


def _taken(file):
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def test_a_file_that_is_slow_to_import_is_waited_for_aloud(mine, monkeypatch, capsys):
    monkeypatch.setattr(user_files, "PATIENCE_S", 0.0)
    mine.write_text(f"# {time.time()}: not looked at before\n{FILE}")
    user_files.problems(str(mine))
    assert capsys.readouterr().err == "waiting for mine.py to be imported, 180 s at most\n"


def test_a_selection_without_tags_has_none_to_choose_from(mine):
    from hessbench.harness.planning.grid import Selection
    from hessbench.harness.planning.problems import problems_of

    mine.write_text(FILE.replace('tags=("fit",)', "tags=()"))
    with pytest.raises(hb.UsageError, match="none of the selected problems has a tag; leave --tag out"):
        problems_of(Selection(suites=(str(mine),), tags=("zz",)))


def test_a_name_that_the_locale_cannot_write(mine, tmp_path):
    """Python then has stand-ins for its bytes, which cannot be encoded: neither hashed, nor written into a report."""
    mine.rename(tmp_path / "ünï cödé.py")
    done = subprocess.run(
        [sys.executable, "-m", "hessbench", "run", "ünï cödé.py:valley", "--dry-run", *NUMPY],
        capture_output=True,
        cwd=tmp_path,
        env={**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0"},
    )
    assert done.returncode == 0, done.stderr
    assert b"/valley n=2 numpy" in done.stdout
    assert user_files.sources([str(tmp_path / "ünï cödé.py")]).keys() == {"ünï cödé.py"}
    write_atomically(tmp_path / "page", "\udcc3")
    assert (tmp_path / "page").read_bytes() == b"\\udcc3"


def test_a_large_size_is_asked_for_by_itself(mine):
    """Not all the way up to it, which for an absurd one would never end."""
    mine.write_text(FILE.replace("x0=np.ones", "x0=lambda n: np.broadcast_to(1.0, n)"))
    from hessbench.harness.planning.grid import Selection
    from hessbench.harness.planning.plan import plan

    cells = plan(Selection(suites=(f"{mine}:fit",), sizes=(300, 10**12), backends=("numpy",), operators=("gradient",)))
    assert {cell.n for cell in cells} == {300, 10**12}


HELPED = FILE.replace("import numpy", "import deep.weights\nimport helper\nimport numpy")


@pytest.fixture
def helped(tmp_path):
    """A file that imports modules beside it and below; the path of one that it does not is its neighbor."""
    path = tmp_path / "mine.py"
    (tmp_path / "deep").mkdir()
    for name, text in {"mine": HELPED, "helper": "W = 1.0", "deep/weights": "V = 1.0", "other": "U = 1.0"}.items():
        (tmp_path / f"{name}.py").write_text(text)
    return path


def test_what_a_file_imports_from_its_folder_belongs_to_it(helped, tmp_path):
    (found,) = user_files.sources([str(helped)]).values()
    assert set(found["modules"]) == {"helper.py", "deep/weights.py"}
    assert user_files.changed({"mine.py": found}) is None
    (tmp_path / "other.py").write_text("U = 2.0")
    assert user_files.changed({"mine.py": found}) is None
    (tmp_path / "helper.py").write_text("W = 2.0")
    assert user_files.changed({"mine.py": found}) == "helper.py, which mine.py imports, has changed since"
    before = {name: value for name, value in found.items() if name != "modules"}
    assert user_files.changed({"mine.py": before}) is None, "a run of an earlier version can be resumed"


def test_two_files_of_one_name_are_refused(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "mine.py").write_text(FILE)
    with pytest.raises(hb.UsageError, match=r"two files are called mine\.py"):
        user_files.sources([str(tmp_path / "a" / "mine.py"), str(tmp_path / "b" / "mine.py")])


MISTAKES = """
import hessbench as hb


@hb.problem(x0=[0.5, 1.5])
def writes(xp, x):
    x[0] = 2.0
    return xp.sum(x**2)


@hb.problem(x0=[-0.5, 1.5])
def is_nan(xp, x):
    return xp.sum(xp.log(x))


@hb.problem(x0=[0.5, 1.5])
def vector(xp, x):
    return x * x


@hb.problem(x0=[0.5, 1.5])
def misspelt(xp, x):
    return xp.summ(x)


@hb.problem(x0=[0.5, 1.5])
def right(xp, x):
    return xp.sum(xp.exp(x))
"""
SAID = {
    "writes": "writes in numpy: changes its argument x in place",
    "is_nan": "is_nan in numpy: is NaN at this x",
    "vector": "vector in numpy: returned shape (2,)",
    "misspelt": "did you mean xp.sum?",
}


def test_mistakes_are_one_line_and_the_others_go_on(hessbench, mine, tmp_path):
    mine.write_text(MISTAKES)
    assert hessbench("run", "mine.py", *NUMPY, "--operator", "hessian", "--out", "r").returncode == 0
    frame = hb.load(tmp_path / "r").frame.query("operator == 'hessian'").set_index(["problem", "method"])
    assert set(frame.loc["right", "status"]) == {"ok"}
    for problem, said in SAID.items():
        assert set(frame.loc[problem, "status"]) == {"error"}, problem
        assert frame.loc[problem, "reason"].str.contains(said, regex=False).all(), frame.loc[problem, "reason"].tolist()


NATIVE = """
import numpy as np
import hessbench as hb

Z = np.random.default_rng(0).standard_normal((8, 3))
X0 = {"weight": np.full((1, 3), 0.3), "bias": np.zeros(1)}


def f(xp, p, z):
    return xp.sum(xp.tanh(xp.matmul(z, xp.matrix_transpose(p["weight"])) + p["bias"]) ** 2)


def apply(p, z):
    import jax.numpy as jnp

    return jnp.sum(jnp.tanh(z @ p["weight"].T + p["bias"]) ** 2)


def twice(p, z):
    return 2 * apply(p, z)


NATIVES = {"torch": "torch_net:loss", "jax": apply, "tensorflow": "keras_net:loss"}
both = hb.problem(f, name="both", x0=X0, data=Z, native=NATIVES)
only = hb.native_problem("only", x0=X0, data=Z, native=NATIVES)
wrong = hb.problem(f, name="wrong", x0=X0, data=Z, native={"jax": twice})
"""
TORCH = """
import torch

net = torch.nn.Sequential(torch.nn.Linear(3, 1), torch.nn.Tanh()).to(torch.float64)


def loss(p, z):
    p = {f"0.{name}": value for name, value in p.items()}
    return (torch.func.functional_call(net, p, (z,)) ** 2).sum()
"""
KERAS = """
import keras

keras.config.set_floatx("float64")
net = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, "tanh")])


def loss(p, z):
    outputs, _ = net.stateless_call([keras.ops.transpose(p["weight"]), p["bias"]], [], z)
    return keras.ops.sum(outputs**2)
"""
METHODS = {"torch": "jacrev-grad-eager", "jax": "hessian-jit", "tensorflow": "jacobian-graph"}


@pytest.mark.slow
@pytest.mark.worker
@pytest.mark.parametrize("name", [name for name in METHODS if not backends.missing(name)])
def test_a_frameworks_own_layers(hessbench, tmp_path, name):
    for file, text in (("nets.py", NATIVE), ("torch_net.py", TORCH), ("keras_net.py", KERAS)):
        (tmp_path / file).write_text(text)
    done = hessbench(
        "run", "nets.py", "--backend", name, "--method", METHODS[name], "--operator", "hessian", "--quick", "--out", "r"
    )
    assert done.returncode == 0, done.stderr
    frame = hb.load(tmp_path / "r").frame.query("operator == 'hessian'").set_index(["problem", "text"])
    assert frame.loc[("both", "portable"), "status"] == frame.loc[("both", "native"), "status"] == "ok"
    assert frame.loc[("only", "native"), "status"] == "ok"
    assert frame.loc[("only", "native"), "judge"] == f"richardson-53-{name}"
    assert ("only", "portable") not in frame.index
    if name == "jax":
        assert frame.loc[("wrong", "native"), "status"] == "wrong"
        assert "2 times the right one" in frame.loc[("wrong", "native"), "reason"]


def test_the_manifest_says_which_file(hessbench, mine, tmp_path):
    assert hessbench("run", "mine.py:valley", *NUMPY, "--out", "r").returncode == 0
    stored = json.loads((tmp_path / "r" / MANIFEST).read_text())["configuration"]["sources"]
    assert stored["mine.py"]["path"] == str(mine)

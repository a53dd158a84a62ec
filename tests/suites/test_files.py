"""A user's own problems: read from a Python file, or pickled."""

import subprocess
import sys
from functools import partial, reduce

import numpy as np
import pytest

from hessbench.suites.definition import files
from hessbench.suites.definition.problem import Problem

HEAD = "import numpy as np\nimport hessbench as hb\n"
VALLEY = """
@hb.problem(x0=[-1.2, 1.0])
def valley(xp, x):
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2
"""


@pytest.fixture
def written(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))

    def write(text, name="mine.py"):
        path = tmp_path / name
        path.write_text(HEAD + text)
        return path

    return write


def test_problems_in_the_order_of_the_file_each_once(written):
    other = VALLEY.replace("valley", "other")
    found = files.load(written(other + VALLEY + "again = valley\n"))
    assert [problem.name for problem in found] == ["other", "valley"]


def test_the_tuple_problems_is_what_counts(written):
    found = files.load(written(VALLEY + VALLEY.replace("valley", "hidden") + "PROBLEMS = (valley,)\n"))
    assert [problem.name for problem in found] == ["valley"]


def test_what_stands_under_main_is_not_run(written):
    assert files.load(written(VALLEY + "if __name__ == '__main__':\n    raise SystemExit(3)\n"))


def test_a_module_beside_it_can_be_imported(written):
    written("SCALE = 3.0\n", "constants_of_mine.py")
    assert files.load(written("from constants_of_mine import SCALE\n" + VALLEY))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "import nonsense_not_there",
            "mine.py, line 3 fails: ModuleNotFoundError: No module named 'nonsense_not_there'",
        ),
        ("x = 1 / 0", "mine.py, line 3 fails: ZeroDivisionError: division by zero; python mine.py shows where"),
        ("def g():\n    raise OSError\ng()", "mine.py, line 4 fails: OSError; python mine.py shows where that is"),
        ("raise ValueError('two\\nlines')", "line 3 fails: ValueError: two lines"),
        ("raise ValueError('x' * 5000)", "xxx...; python"),
        ("import json; json.loads('{')", "mine.py, line 3 fails: JSONDecodeError: "),
        ("hb.problem(x0='nine')(lambda xp, x: x)", "mine.py, line 3: "),
        ("def f(:\n", "mine.py, line 3 fails: SyntaxError: invalid syntax"),
        ("import sys; sys.exit('no licence')", "mine.py, line 3 fails: SystemExit: no licence"),
        ("x = 1", "mine.py has no problem; put @hb.problem"),
        (VALLEY + "other = hb.problem(valley.objective, x0=[1.0, 2.0])", "two problems called valley"),
    ],
)
def test_what_fails_is_named_in_one_line_with_file_and_line(written, text, message):
    with pytest.raises(files.CannotLoad, match=message) as caught:
        files.load(written(text))
    assert len(str(caught.value).splitlines()) == 1
    assert len(str(caught.value)) < 2 * files.LONGEST
    assert "importlib" not in str(caught.value)


def test_enough_ends_the_reading(written):
    stop = "from hessbench.suites.definition import files\nassert files.being_read()\nraise files.Enough\n"
    assert len(files.load(written(VALLEY + stop + "raise RuntimeError('not reached')\n"))) == 1
    assert not files.being_read()


def test_functions_of_a_session_go_by_value(tmp_path):
    scale = 2.0

    def local(xp, x, a):
        return scale * xp.sum(a * x * x)

    problem = Problem("local", local, (3,), lambda n, rng: np.ones(n), "here", native={"torch": lambda x, a: local})
    path = tmp_path / "problems.pkl"
    path.write_bytes(files.dumped((problem,)))
    code = (
        "import sys; from pathlib import Path; from hessbench.suites.definition import files; import numpy as np\n"
        f"(p,) = files.load(Path({str(path)!r}))\n"
        "print(p(np, np.ones(3), np.ones(3)), type(p.native['torch']).__name__)"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["6.0", "Pickled"]


def test_what_cannot_be_pickled_is_named():
    import threading

    lock = threading.Lock()
    problem = Problem("locked", lambda xp, x: lock, (1,), lambda n, rng: np.ones(n), "here")
    with pytest.raises(files.CannotLoad, match="cannot be sent to a worker: TypeError"):
        files.dumped((problem,))


def powers(xp, x, a):
    return a * xp.sum(x**4)


@pytest.mark.parametrize("f", [partial(powers, a=2.0), partial(np.polyval, [1.0]), partial(reduce, max)])
def test_only_the_functions_that_a_person_wrote_go_by_value(f, tmp_path):
    path = tmp_path / "problems.pkl"
    path.write_bytes(files.dumped((Problem("p", f, (1,), lambda n, rng: np.ones(n), "here"),)))
    (found,) = files.load(path)
    assert isinstance(found.objective, partial)
    assert (found.objective.func is f.func) == (f.func is not powers)

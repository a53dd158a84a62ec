"""Canaries: the composed text is right, the native text is the same function, and every fault shows without us."""

import ast
import functools
import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from hessbench import backends, suites
from hessbench.backends.numeric.lifted import namespace
from hessbench.suites.definition.problem import closed_form, draw

CANARIES = suites.load("canaries")
ROOM = Path(backends.__file__).parent
SCRIPTS = {path: path.relative_to(ROOM).parts[0] for path in sorted(ROOM.glob("*/reproductions/**/*.py"))}
"""Script -> the backend whose framework it imports."""

OUR_ROOMS = {"hessbench", "tests"}
FRAMEWORKS = tuple(name for name in backends.registry() if name in ("torch", "jax", "tensorflow"))
FAULT = 1e-10
"""Relative error beyond which a result in float64 is wrong, not rounded; that of nearly every script is about 1."""


def natives():
    """(backend, key) of every native text."""
    return [(name, key) for name in backends.registry() for key in backends.load(name).natives]


def of_canaries(name):
    return [key.partition("/")[2] for key in backends.load(name).natives if key.startswith("canaries/")]


def scripts():
    return [pytest.param(path, id=f"{framework}-{path.stem}") for path, framework in SCRIPTS.items()]


def test_every_native_text_is_of_a_problem():
    for backend, key in natives():
        suite, _, problem = key.partition("/")
        assert problem in suites.load(suite), f"{backend} has a native text of {key}, which does not exist"


def test_every_canary_has_a_native_text():
    known = {name for backend in backends.registry() for name in of_canaries(backend)}
    assert known == set(CANARIES)


def test_every_canary_is_tagged_and_says_where_it_was_reported(each):
    def check(problem):
        assert "canary" in problem.tags
        assert all(backend in backends.registry() and threads for backend, threads in problem.upstream.items())

    each(CANARIES, check)


def test_a_canary_that_must_stay_at_its_point_has_a_closed_form(each):
    """Differences cannot be trusted where a formula breaks down."""

    def check(problem):
        assert problem.spread or problem.hessian is not None

    each(CANARIES, check)


def test_the_curvature_is_not_zero(each):
    """Else a framework that returns zeros for what it cannot differentiate would pass."""

    def check(problem):
        instance = draw(problem, problem.sizes[0])
        assert np.linalg.norm(closed_form(instance, "hessian", instance.points[0])) > 1e-3

    each({name: problem for name, problem in CANARIES.items() if problem.hessian}, check)


@pytest.mark.slow
@pytest.mark.variant
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_native_text_is_the_same_function(framework):
    if reason := backends.missing(framework):
        pytest.skip(reason)
    backend = backends.load(framework)()
    for name in of_canaries(framework):
        instance = draw(CANARIES[name], CANARIES[name].sizes[0])
        for x in instance.points:
            composed = float(CANARIES[name].objective(namespace(), x, *instance.data))
            with backend.scope():
                arguments = [backend.asarray(array) for array in (x, *instance.data)]
                native = float(backend.to_numpy(backend.natives[f"canaries/{name}"](*arguments)))
            assert native == pytest.approx(composed, rel=1e-12, abs=1e-12), name


def test_reproductions_need_nothing_of_ours(each):
    def check(path):
        tree = ast.parse(path.read_text())
        assert ast.get_docstring(tree), "the first line says what is wrong, and where that was reported"
        imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        imported |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert not {name.partition(".")[0] for name in imported} & OUR_ROOMS

    each({str(path.relative_to(ROOM)): path for path in SCRIPTS}, check)


ALL_IN_ONE = """
import runpy, sys, traceback
for path in sys.argv[1:]:
    print("== " + path)
    try:
        runpy.run_path(path, run_name="__main__")
    except Exception:
        traceback.print_exc(file=sys.stdout)
"""
"""Scripts of one framework share a process here, so that it is imported once."""


@functools.cache
def last_lines(framework):
    """Path -> the last line that a script prints."""
    paths = [str(path) for path, belongs in SCRIPTS.items() if belongs == framework]
    command = [sys.executable, "-P", "-c", ALL_IN_ONE, *paths]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    parts = (part.strip().splitlines() for part in done.stdout.split("== ")[1:])
    return {lines[0]: lines[-1] for lines in parts}


@pytest.mark.slow
@pytest.mark.worker
@pytest.mark.parametrize("path", scripts())
def test_a_reproduction_still_shows_its_fault(path):
    """A fault that a new version has cured is news: remove the script, and say so in the change log."""
    framework = SCRIPTS[path]
    if reason := backends.missing(framework):
        pytest.skip(reason)
    last = last_lines(framework)[str(path)]
    found = re.fullmatch(r"relative error (\S+)", last)
    assert found, f"the last line must be 'relative error ...': {last!r}"
    version = importlib.metadata.version(framework)
    assert not float(found[1]) <= FAULT, f"cured in {framework} {version}"

"""Declarations are checked for all problems in one test that lists every offender."""

import pytest

from hessbench import suites


@pytest.fixture(scope="session")
def problems():
    """Every problem of every suite under "suite/problem"."""
    return {f"{suite}/{name}": problem for suite in suites.registry() for name, problem in suites.load(suite).items()}


@pytest.fixture(scope="session")
def portable(problems):
    """Those with a text for all frameworks."""
    return {name: problem for name, problem in problems.items() if problem.portable}


@pytest.fixture(scope="session")
def moving(portable):
    """Those with more than one point: where the start point itself is what matters, there is no other."""
    return {name: problem for name, problem in portable.items() if problem.spread}


@pytest.fixture
def each():
    """Calls a check with every one of some problems; what fails is told for all of them, under their names."""

    def call(some, check):
        assert some, "there is nothing to check"
        failures = []
        for name, problem in some.items():
            try:
                check(problem)
            except Exception as error:  # whatever is wrong with one must not hide the others
                failures.append(f"{name}: {type(error).__name__}: {' '.join(str(error).split())[:300]}")
        assert not failures, "\n".join(failures)

    return call

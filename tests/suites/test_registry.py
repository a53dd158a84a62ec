"""Suites are found by name, and each one has problems."""

import importlib

import pytest

import suites
from suites.problem import Problem


def test_unknown_suite_is_a_key_error():
    with pytest.raises(KeyError, match="nonsense"):
        suites.load("nonsense")


@pytest.mark.parametrize("name", suites.registry())
def test_module_has_problems(name):
    problems = importlib.import_module(suites.registry()[name]).PROBLEMS
    assert problems
    assert all(isinstance(problem, Problem) for problem in problems)


@pytest.mark.parametrize("name", suites.registry())
def test_problem_names_are_unique(name):
    names = [problem.name for problem in importlib.import_module(suites.registry()[name]).PROBLEMS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", suites.registry())
def test_problems_are_found_by_their_own_names(name):
    assert all(problem.name == key for key, problem in suites.load(name).items())


def test_built_in_names_win(monkeypatch):
    foreign = importlib.metadata.EntryPoint("quick", "elsewhere", "hessbench.suites")
    monkeypatch.setattr(suites, "entry_points", lambda group: [foreign])
    assert suites.registry.__wrapped__()["quick"] == "suites.quick"

"""Suites are found by name, and each one has problems."""

import importlib

import pytest

from hessbench import suites
from hessbench.suites.definition.problem import SIZE_TIERS, Problem


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


@pytest.mark.parametrize("name", suites.registry())
def test_only_what_is_there_to_be_checked_is_not_timed(name):
    assert {problem.timed for problem in suites.load(name).values()} == {name not in ("traps", "canaries")}


@pytest.mark.parametrize("name", suites.registry())
def test_a_tier_takes_sizes_of_the_problem(name):
    for problem in suites.load(name).values():
        smallest, quick = (problem.sizes_in(tier, "cpu") for tier in SIZE_TIERS)
        assert smallest == problem.sizes[:1]
        assert quick[0] == problem.sizes[0]
        assert set(quick) <= set(problem.sizes)


def test_built_in_names_win(monkeypatch):
    foreign = importlib.metadata.EntryPoint("quick", "elsewhere", "hessbench.suites")
    monkeypatch.setattr(suites, "entry_points", lambda group: [foreign])
    assert suites.registry.__wrapped__()["quick"] == "hessbench.suites.selections.quick"

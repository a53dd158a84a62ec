"""Suites are found by name, and each one has problems."""

import importlib

import pytest

from hessbench import suites
from hessbench.suites.definition.problem import SIZE_TIERS, Problem


def test_unknown_suite_is_a_key_error():
    with pytest.raises(KeyError, match="nonsense"):
        suites.load("nonsense")


def modules():
    return {name: importlib.import_module(module) for name, module in suites.registry().items()}


def test_every_module_has_problems(each):
    def check(module):
        assert module.PROBLEMS
        assert all(isinstance(problem, Problem) for problem in module.PROBLEMS)

    each(modules(), check)


def test_names_are_unique_within_a_suite(each):
    def check(module):
        names = [problem.name for problem in module.PROBLEMS]
        assert len(names) == len(set(names))

    each(modules(), check)


def test_problems_are_found_by_their_own_names(problems):
    assert [name for name, problem in problems.items() if name.partition("/")[2] != problem.name] == []


def test_the_quick_suite_is_drawn_from_others(problems):
    """Hence tests that take seconds leave it out."""
    others = [problem for name, problem in problems.items() if not name.startswith("quick/")]
    assert [p.name for p in suites.load("quick").values() if not any(p is other for other in others)] == []


def test_only_what_is_there_to_be_checked_is_not_timed(problems):
    checked = {name for name, problem in problems.items() if not problem.timed}
    assert checked == {name for name in problems if name.startswith(("traps/", "canaries/", "functions/"))}


def test_a_tier_takes_sizes_of_the_problem(problems, each):
    def check(problem):
        smallest, quick = (problem.sizes_in(tier, "cpu") for tier in SIZE_TIERS)
        assert smallest == problem.sizes[:1]
        assert quick[0] == problem.sizes[0]
        assert set(quick) <= set(problem.sizes)

    each(problems, check)


def test_built_in_names_win(monkeypatch):
    foreign = importlib.metadata.EntryPoint("quick", "elsewhere", "hessbench.suites")
    monkeypatch.setattr(suites, "entry_points", lambda group: [foreign])
    assert suites.registry.__wrapped__()["quick"] == "hessbench.suites.selections.quick"

"""The problems of a selection and their sizes."""

from __future__ import annotations

from collections.abc import Collection

from hessbench import suites
from hessbench.harness.planning import user_files
from hessbench.harness.planning.grid import Selection
from hessbench.harness.planning.words import size_range
from hessbench.harness.usage import UsageError, check
from hessbench.suites.definition.problem import SIZE_TIERS, Problem

MOST = 2**48
"""Numbers: two petabytes in float64."""


def find_problems(name: str) -> list[tuple[str, Problem]]:
    """The problems behind a name: `suite`, `suite/problem`, `suite/module.function`, `file.py` or `file.py:problem`.

    Returns:
        Pairs of suite and problem.

    Raises:
        UsageError: There is no such thing, or the file fails.
    """
    if (own := user_files.problems(name)) is not None:
        return own
    suite, slash, wanted = name.partition("/")
    if suite in ("", ".", "..", "~"):
        raise UsageError(f"{name!r} is no suite, and a file of problems is called *.py; see: hessbench list suites")
    check("suite", (suite,), {*suites.registry(), *suites.attached()}, suites.broken())
    problems = suites.load(suite)
    if slash:
        below = [
            (suite, problem) for name, problem in problems.items() if name.startswith((f"{wanted}.", f"{wanted}:"))
        ]
        if below and wanted not in problems:
            return below
        check(f"problem of suite {suite}", (wanted,), problems)
        return [(suite, problems[wanted])]
    return [(suite, problem) for problem in problems.values()]


def problems_of(selection: Selection) -> list[tuple[str, Problem]]:
    """The problems of a selection.

    Returns:
        Pairs of suite and problem.

    Raises:
        UsageError: There is no such suite, problem or tag.
    """
    problems = [pair for name in selection.suites for pair in find_problems(name)]
    known = {tag for _, problem in problems for tag in problem.tags}
    if selection.tags and not known:
        raise UsageError("none of the selected problems has a tag; leave --tag out")
    check("tag", selection.tags, known)
    return [pair for pair in problems if not selection.tags or set(selection.tags) & set(pair[1].tags)]


def instances(selection: Selection, kind: str = "cpu") -> list[tuple[str, Problem, int]]:
    """The problems of a selection at their sizes on a kind of device.

    Returns:
        Triples of suite, problem and n.

    Raises:
        UsageError: No problem takes a size that was asked for, or has one within the ranges.
    """
    problems = problems_of(selection)
    own = [(suite, problem, n) for suite, problem in problems for n in _own_sizes(problem, kind, selection.ranges)]
    if not own and not selection.sizes and selection.ranges:
        raise UsageError(f"no selected problem has a size within {', '.join(selection.ranges)}")
    if not selection.sizes:
        return own
    for n in selection.sizes:
        if impossible(n) or not any(problem.takes(n) for _, problem in problems):
            raise UsageError(_no_problem_takes(n, [problem for _, problem in problems]))
    asked = [(suite, problem, n) for suite, problem in problems for n in selection.sizes if problem.takes(n)]
    return asked + own if selection.ranges else asked


def _own_sizes(problem: Problem, kind: str, ranges: Collection[str]) -> list[int]:
    """Those of the problem's sizes that lie in one of the ranges or tiers; all where none is given."""
    limits = [size_range(text, SIZE_TIERS) for text in ranges if text not in SIZE_TIERS]
    named = {n for tier in SIZE_TIERS if tier in ranges for n in problem.sizes_in(tier, kind)}
    sizes = problem.sizes_on(kind)
    return [n for n in sizes if not ranges or n in named or any(low <= n <= high for low, high in limits)]


def impossible(n: int) -> str:
    """Why n is no number of variables, or the empty string."""
    if n < 1:
        return f"size {n} is not a number of variables; write a whole number of 1 or more"
    return f"size {n} is more numbers than any machine holds; write at most {MOST}" if n > MOST else ""


def _no_problem_takes(n: int, problems: list[Problem]) -> str:
    if impossible(n):
        return impossible(n)
    rules = "; ".join(
        f"{p.name} wants {p.rule} (nearest: {', '.join(map(str, p.nearest_sizes(n)))})" for p in problems[:3]
    )
    return f"no selected problem takes size {n}: {rules}"

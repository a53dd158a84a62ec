"""`hessbench recommend`: which method to use for a function, a size and a number of calls, and the code to paste.

Small sizes are measured first, with every default method; the growth that they show forecasts the real size, and only
the front runners are measured there, which decides.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hessbench.backends.contract.recipes import code
from hessbench.harness.planning.configuration import parse_size
from hessbench.harness.planning.problems import find_problems
from hessbench.harness.usage import UsageError
from hessbench.suites.definition.problem import Problem

if TYPE_CHECKING:
    import pandas as pd

SCOUTS = (16, 8, 4)
"""Fractions of n at which every method is tried."""
LEAST = 8
"""Below this many variables nothing grows, so n itself is measured at once."""
CONFIRMING = "9"
"""Launches at n of the front runners: the time to compile differs by a sixth from one to the next, so that nine tell
methods apart that differ by a tenth."""
OPERATORS = ("hessian", "hvp")


def recommend(options: Any) -> int:
    """The command. Returns 0, or 3 where no method was right."""
    problem, n, calls = _problem(options.target, options.size), options.size, options.calls
    if calls < 1:
        raise UsageError(f"--calls {calls} is too few; write 1 or more")
    if options.operator not in OPERATORS:
        raise UsageError(f"--operator {options.operator} cannot be recommended; write hessian or hvp")
    limit = parse_size(options.memory_limit) if options.memory_limit else None
    with tempfile.TemporaryDirectory(prefix="hessbench-recommend-") as scratch:
        found = measured(options, problem, n, calls, limit, Path(scratch))
    if found.empty:
        print("hessbench: no method was measured and found right at this size", file=sys.stderr)
        return 3
    _show(options, problem, found)
    return 0


def _problem(target: str, n: int) -> Problem:
    problems = [problem for _, problem in find_problems(target)]
    if len(problems) != 1:
        names = ", ".join(problem.name for problem in problems[:5])
        raise UsageError(
            f"recommend wants one problem; {target} has {len(problems)}: {names}; write {target}:NAME "
            "for one of a file, SUITE/NAME for one of a suite"
        )
    if not problems[0].timed:
        raise UsageError(f"{target} is there to be checked and is not timed; try: hessbench verify {target}")
    if not problems[0].takes(n):
        nearest = ", ".join(map(str, problems[0].nearest_sizes(n)))
        raise UsageError(f"{problems[0].name} wants {problems[0].rule}, not n = {n} (nearest: {nearest})")
    return problems[0]


def measured(options: Any, problem: Problem, n: int, calls: int, limit: int | None, scratch: Path) -> pd.DataFrame:
    """The front runners at the real size, fastest in total first."""
    from hessbench.harness.python.run import run
    from hessbench.results.tables.recommendation import forecast, front, totals

    asked = {"operators": [options.operator], "quick": True, "timeout": options.timeout, "seed": options.seed}
    if options.backend:
        asked["backends"] = options.backend
    scouts = scout_sizes(problem, n)
    chosen: dict[str, Any] = {}
    if scouts:
        small = run([options.target], sizes=scouts, out=scratch / "small", **asked)
        best = front(forecast(small.summary, options.operator, n, calls))
        if best.empty:
            return best
        chosen = {"methods": sorted(set(best["method"])), "backends": sorted(set(best["backend"]))}
    final = {**asked, **chosen, "rounds": CONFIRMING, "memory": limit is not None}
    large = run([options.target], sizes=[n], out=scratch / "large", **final)
    return totals(large, options.operator, calls, limit)


def scout_sizes(problem: Problem, n: int) -> list[int]:
    """Sizes well below n that the problem takes: two at least, or none."""
    wanted = sorted({max(2, n // part) for part in SCOUTS})
    sizes = [size for size in wanted if problem.takes(size)]
    sizes = sizes if len(sizes) >= 2 else [size for size in problem.sizes if size <= n // 2]
    return sizes if n >= LEAST and len(sizes) >= 2 else []


def _show(options: Any, problem: Problem, found: pd.DataFrame) -> None:
    best = found.iloc[0]
    paste = code(str(best["backend"]), str(best["method"]), options.operator, problem.name)
    if options.json:
        rows = found.astype(object).where(found.notna(), None).to_dict("records")
        print(
            json.dumps(
                {
                    "problem": problem.name,
                    "n": options.size,
                    "calls": options.calls,
                    "best": rows[0],
                    "code": paste,
                    "methods": rows,
                }
            )
        )
        return
    from hessbench.results.units import scientific, seconds

    print(
        f"For {options.calls} x {options.operator} of {problem.name} at n = {options.size}: "
        f"{best['backend']} {best['method']}, {seconds(best['total_s'])} in all "
        f"({seconds(best['prepare_s'])} to prepare, {seconds(best['first_call_s'])} for the first call, "
        f"{seconds(best['min_s'])} for each further one), relative error {scientific(best['rel_error'])}.\n"
    )
    print("\n".join(f"    {line}".rstrip() for line in paste.splitlines()))
    print("\nThe front runners:")
    for row in found.to_dict("records"):
        weight = row["extra_host_bytes"]
        memory = f", {weight / 1e6:.0f} MB" if isinstance(weight, int) else ""
        print(
            f"  {row['backend']} {row['method']}: {seconds(row['total_s'])} "
            f"({seconds(row['min_s'])} a call{memory}, error {scientific(row['rel_error'])})"
        )

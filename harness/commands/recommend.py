"""`hessbench recommend`: which method to use for a function, a size and a number of calls, and the code to paste.

Small sizes are measured first, with every default method; the growth that they show forecasts the real size, and only
the front runners are measured there, which decides.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hessbench.backends.scripts.recipes import code
from hessbench.backends.sparsity.detection import global_pattern
from hessbench.harness.commands import terminal
from hessbench.harness.commands.exit_codes import CODES, NOTHING_OK
from hessbench.harness.planning.problems import find_problems, impossible
from hessbench.harness.planning.request import QUICK_LOOK, Request
from hessbench.harness.planning.words import Rounds
from hessbench.harness.running.folder import create
from hessbench.harness.running.hosts.connect import connected, on_hosts
from hessbench.harness.running.hosts.machines import Machines
from hessbench.harness.running.whole_run import carry_out, planned
from hessbench.harness.usage import UsageError
from hessbench.suites.definition.problem import Problem, draw

if TYPE_CHECKING:
    import pandas as pd

    from hessbench.results.run import Run

SCOUTS = (16, 8, 4)
"""Fractions of n at which every method is tried."""
LEAST = 8
"""Below this many variables nothing grows, so n itself is measured at once."""
CONFIRMING = 9
"""Launches at n of the front runners: the time to compile differs by a sixth from one to the next, so that nine tell
methods apart that differ by a tenth."""
OPERATORS = ("hessian", "sparse-hessian", "hvp")

SPARSE = 0.1
"""Density below which whoever asks for a dense Hessian is told of the sparse one."""


class CutShort(UsageError):
    """A run ended before its plan did, and has said why."""

    def __init__(self, code: int) -> None:
        super().__init__("the run was cut short; of a part of it nothing is recommended")
        self.code = code


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be recommended.

    Attributes:
        problem: The function.
        target: Its name as a run takes it.
        n: Number of variables.
        calls: Results that are wanted.
        operator: One of `OPERATORS`.
        memory_limit_bytes: Most memory of a call; None for any.
        accuracy: Largest relative error; None for that of `results.tables.ranking.ACCURATE`.
    """

    problem: Problem
    target: str
    n: int
    calls: int
    operator: str
    memory_limit_bytes: int | None = None
    accuracy: float | None = None


def recommend(
    target: str,
    *,
    n: int,
    calls: int = 1000,
    operator: str = "hessian",
    backends: Sequence[str] | None = None,
    memory_limit_bytes: int | None = None,
    accuracy: float | None = None,
    timeout_s: float = 60.0,
    seed: int = 0,
    as_json: bool = False,
    scheduler: str | None = None,
    within_s: float | None = None,
    hosts: Sequence[str] | None = None,
) -> int:
    """The command.

    Args:
        target: suite/problem, or file.py:problem.
        n: Number of variables.
        calls: Results that are wanted.
        operator: One of `OPERATORS`.
        backends: Only these backends.
        memory_limit_bytes: Most memory of a call.
        accuracy: Largest relative error of a result.
        timeout_s: Seconds for each phase of a cell.
        seed: Seed of data and points.
        as_json: Print the answer as JSON.
        scheduler: Of other machines, which do the work.
        within_s: Seconds to wait for them at most.
        hosts: Only these machines; all that take part are of one kind, that of the first.

    Returns:
        0, 3 where no method was right, 130 where it was stopped.

    Raises:
        UsageError: The target is not one problem that is timed, or does not take n, or an option is out of range, or a
            run was cut short.
    """
    wanted = Wanted(_problem(target, n), target, n, calls, operator, memory_limit_bytes, accuracy)
    if accuracy is not None and not accuracy > 0:
        raise UsageError(f"--accuracy {accuracy} is no relative error; write for example 1e-6")
    if calls < 1:
        raise UsageError(f"--calls {calls} is too few; write 1 or more")
    if operator not in OPERATORS:
        raise UsageError(f"--operator {operator} cannot be recommended; write {', '.join(OPERATORS)}")
    request = QUICK_LOOK.changed(
        suites=[target], operators=[operator], backends=backends, timeout_s=timeout_s, seed=seed, hosts=hosts
    )
    request = on_hosts(request.with_sources(), scheduler, "share")
    with (
        connected(scheduler, within_s) as machines,
        tempfile.TemporaryDirectory(prefix="hessbench-recommend-") as scratch,
    ):
        found = measured(wanted, machines.alike(request) if machines else request, Path(scratch), machines)
    if found.empty:
        print("hessbench: no method was found right and measured undisturbed at this size", file=sys.stderr)
        return NOTHING_OK
    _show(wanted, found, as_json)
    return 0


def hint(wanted: Wanted) -> str:
    """What to ask for instead, where a dense Hessian is asked for and few of its entries differ from zero."""
    problem, n = wanted.problem, wanted.n
    if wanted.operator != "hessian" or not problem.portable:
        return ""
    try:
        instance = draw(problem, n, batch=1)
        pattern = global_pattern(problem.objective, instance.points[0], instance.data)
    except Exception:  # f can raise anything, and not every f has a pattern
        return ""
    if pattern.density > SPARSE:
        return ""
    return (
        f"Only {pattern.density:.2g} of the entries of this Hessian may differ from zero: "
        "--operator sparse-hessian looks for the fastest way to those alone."
    )


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
    if reason := impossible(n):
        raise UsageError(reason)
    if not problems[0].takes(n):
        nearest = ", ".join(map(str, problems[0].nearest_sizes(n)))
        raise UsageError(f"{problems[0].name} wants {problems[0].rule}, not n = {n} (nearest: {nearest})")
    return problems[0]


def measured(wanted: Wanted, request: Request, scratch: Path, machines: Machines | None = None) -> pd.DataFrame:
    """Measure the front runners at the real size.

    Args:
        wanted: What is to be recommended.
        request: The problem, the operator and what limits both runs.
        scratch: Where their folders go.
        machines: Where, if not here.

    Returns:
        A table with a row for each, fastest in total first.
    """
    from hessbench.results.tables.recommendation import forecast, front, totals

    # Without scouts every default method is measured at n itself.
    scouts = scout_sizes(wanted.problem, wanted.n)
    if scouts:
        small = _ran(request.changed(sizes=scouts, out=scratch / "small"), machines)
        best = front(forecast(small.summary, wanted.operator, wanted.n, wanted.calls, wanted.accuracy))
        if best.empty:
            return best
        request = request.changed(methods=set(best["method"]), backends=set(best["backend"]))
    weigh = wanted.memory_limit_bytes is not None
    rounds = Rounds(CONFIRMING, CONFIRMING)
    large = _ran(request.changed(sizes=[wanted.n], rounds=rounds, memory=weigh, out=scratch / "large"), machines)
    return totals(large, wanted.operator, wanted.calls, wanted.memory_limit_bytes, wanted.accuracy)


def _ran(request: Request, machines: Machines | None) -> Run:
    from hessbench.results.run import load

    ended = carry_out(create(request, planned(request)), machines=machines)
    if ended.how == "stopped":
        raise KeyboardInterrupt
    if ended.how != "done":
        raise CutShort(CODES[ended.how])
    return load(ended.folder.directory)


def scout_sizes(problem: Problem, n: int) -> list[int]:
    """Sizes well below n that the problem takes: two at least, or none."""
    wanted = sorted({max(2, n // part) for part in SCOUTS})
    sizes = [size for size in wanted if problem.takes(size)]
    sizes = sizes if len(sizes) >= 2 else [size for size in problem.sizes if size <= n // 2]
    return sizes if n >= LEAST and len(sizes) >= 2 else []


def _show(wanted: Wanted, found: pd.DataFrame, as_json: bool) -> None:
    best = found.iloc[0]
    paste = code(str(best["backend"]), str(best["method"]), wanted.operator, wanted.problem.name)
    if as_json:
        rows = found.astype(object).where(found.notna(), None).to_dict("records")
        print(
            json.dumps(
                {
                    "problem": wanted.problem.name,
                    "n": wanted.n,
                    "calls": wanted.calls,
                    "best": rows[0],
                    "code": paste,
                    "hint": hint(wanted),
                    "methods": rows,
                }
            )
        )
        return
    from hessbench.results.units import scientific, seconds

    answer = (
        f"For {wanted.calls} x {wanted.operator} of {wanted.problem.name} at n = {wanted.n}: "
        f"{best['backend']} {best['method']}, {seconds(best['total_s'])} in all "
        f"({seconds(best['prepare_s'])} to prepare, {seconds(best['first_call_s'])} for the first call, "
        f"{seconds(best['min_s'])} for each further one), relative error {scientific(best['rel_error'])}."
    )
    print(f"{terminal.wrapped(answer)}\n")
    print("\n".join(f"    {line}".rstrip() for line in paste.splitlines()))
    print("\nThe front runners:")
    for row in found.to_dict("records"):
        weight = row["extra_host_bytes"]
        memory = f", {weight / 1e6:.0f} MB" if isinstance(weight, int) else ""
        runner = (
            f"  {row['backend']} {row['method']}: {seconds(row['total_s'])} "
            f"({seconds(row['min_s'])} a call{memory}, error {scientific(row['rel_error'])})"
        )
        print(terminal.wrapped(runner, indent="    "))
    if said := hint(wanted):
        print(f"\n{terminal.wrapped(said)}")

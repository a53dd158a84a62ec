"""`hb.run`: a benchmark started from Python, with problems of the session, of files and of the suites."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hessbench import suites
from hessbench.harness.commands import run as execute
from hessbench.harness.commands.cli import parser
from hessbench.harness.planning import configuration as config
from hessbench.harness.planning import user_files
from hessbench.harness.planning.plan import plan
from hessbench.harness.usage import UsageError, unknown
from hessbench.results.run import Run, load
from hessbench.suites.definition import files
from hessbench.suites.definition.problem import Problem

PLURALS = {plural: option for option, plural in config.LISTS.items()}


def run(problems: Iterable[Problem | str | Path] | Problem | str | Path, **options: Any) -> Run:
    """Check and time problems in worker processes, as `hessbench run` does, and load the result.

    Examples:
        >>> import hessbench as hb
        >>> @hb.problem(x0=[-1.2, 1.0])
        ... def valley(xp, x):
        ...     return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2
        >>> run = hb.run([valley, "quick/rosenbrock"], backends="numpy", quick=True)  # doctest: +SKIP
        >>> run.best(operator="hessian", n=2).method  # doctest: +SKIP
        'hyper-dual-eager'

    Args:
        problems: `Problem` objects, suites, `suite/problem`, files; one or several.
        **options: Those of the command line, in the plural where they list: backends, methods, operators, modes,
            executions, chunks, sizes, batches, dtypes, devices, texts, tags; rounds, quick, seed, timeout,
            memory_limit, out. Lists, or single values.

    Returns:
        The run; its folder is `.directory`, one row per cell and round `.frame`.

    Raises:
        UsageError: Something in it does not exist, or cannot be sent to a worker.
        KeyboardInterrupt: It was stopped; what is done is in the folder, and `hessbench run --resume` goes on.
    """
    if threading.current_thread() is not threading.main_thread():
        raise UsageError("hb.run watches for signals, so it runs in the main thread only; start a process for it")
    if files.being_read():  # a worker reads a script for its problems and has come to its own start
        raise files.Enough
    given = [problems] if isinstance(problems, Problem | str | Path) else list(problems)
    own = tuple(problem for problem in given if isinstance(problem, Problem))
    names = [str(name) for name in given if not isinstance(name, Problem)]
    if own:
        _attach(own)
        names.append(user_files.OWN)
    configuration = config.from_options(_parsed(names, options))
    cells = plan(config.selection(configuration))
    if own:
        configuration["sources"][user_files.OWN] = {"path": user_files.PICKLE}
    manifest = execute.manifest_of(configuration, cells)
    directory = execute.create(options.get("out"), manifest)
    if own:
        try:
            files.dump(own, directory / user_files.PICKLE)
        except files.CannotLoad as error:
            raise UsageError(str(error)) from None
    before = signal.getsignal(signal.SIGTERM)
    try:
        ended = execute.carry_out(directory, manifest)
    finally:
        signal.signal(signal.SIGTERM, before)
    if ended == execute.STOPPED:
        raise KeyboardInterrupt
    return load(directory)


def _attach(own: tuple[Problem, ...]) -> None:
    names = [problem.name for problem in own]
    if doubled := [name for name in names if names.count(name) > 1]:
        raise UsageError(f"two problems are called {doubled[0]}; give one another name=...")
    suites.attach(user_files.OWN, own)


def _parsed(names: list[str], options: dict[str, Any]) -> Any:
    """The options as the command line has them."""
    known = vars(parser().parse_args(["run"])).keys() - {"version", "command", "suites", "resume", "dry_run", "json"}
    words: list[str] = []
    for name, value in options.items():
        option = PLURALS.get(name, name)
        if option not in known or (option in PLURALS.values() and name not in PLURALS):
            raise unknown("option", name, sorted(known - set(PLURALS.values()) | set(PLURALS)))
        if value is None or value is False:
            continue
        words.append(f"--{option.replace('_', '-')}")
        words += [] if value is True else [",".join(map(str, _several(value)))]
    return parser().parse_args(["run", *names, *words])


def _several(value: Any) -> list[Any]:
    return list(value) if isinstance(value, Iterable) and not isinstance(value, str) else [value]

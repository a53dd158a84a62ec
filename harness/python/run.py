"""`hb.run`: a benchmark started from Python, with problems of the session, of files and of the suites."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from hessbench import suites
from hessbench.harness.planning import user_files, words
from hessbench.harness.planning.request import QUICK_LOOK, Request, Sharing
from hessbench.harness.python.problem import problem
from hessbench.harness.running import folder, whole_run
from hessbench.harness.running.hosts.connect import connected, on_hosts
from hessbench.harness.usage import UsageError, unknown
from hessbench.results.run import Run, load
from hessbench.suites.definition import files
from hessbench.suites.definition.problem import Problem

P = ParamSpec("P")
T = TypeVar("T")


def _unknown_named(f: Callable[P, T]) -> Callable[P, T]:
    """f, which answers an option that does not exist like every other bad input: with the nearest ones that do."""
    known = list(inspect.signature(f).parameters)

    @wraps(f)
    def checked(*arguments: P.args, **options: P.kwargs) -> T:
        for name in options:
            if name not in known:
                raise unknown("option", name, known[1:])
        return f(*arguments, **options)

    return checked


@_unknown_named
def run(
    problems: Iterable[Problem | str | Path] | Problem | str | Path | Callable[..., Any],
    *,
    x0: Any = None,
    data: Any = (),
    framework: str | None = None,
    backends: words.Several = None,
    methods: words.Several = None,
    operators: words.Several = None,
    modes: words.Several = None,
    executions: words.Several = None,
    chunks: words.Several = None,
    sizes: words.Several = None,
    batches: words.Several = None,
    dtypes: words.Several = None,
    devices: words.Several = None,
    precisions: words.Several = None,
    texts: words.Several = None,
    tags: words.Several = None,
    rounds: int | str | None = None,
    quick: bool = False,
    memory: bool = False,
    seed: int | None = None,
    timeout: float | None = None,
    memory_limit: int | str | None = None,
    out: str | Path | None = None,
    scheduler: str | None = None,
    sharing: Sharing = "",
    hosts: words.Several = None,
) -> Run:
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
        problems: `Problem` objects, suites, `suite/problem`, files; one or several. Or a function, as in `problem`.
        x0: Of a function: its start point, as in `problem`.
        data: Of a function: its further arguments, as in `problem`.
        framework: Of a function: whose own functions it calls, as in `problem`.
        backends: Backends, or "all" (default: all but those that are there on request).
        methods: "default", "modes" (one of each mode), "all", names or glob patterns (default: "default").
        operators: Operators, or "all"; their yardsticks come along (default: hessian and hvp).
        modes: Only methods of these modes, such as "forward-over-reverse".
        executions: Only methods of these executions: "eager", "graph", "jit", "xla", "inductor".
        chunks: Rows at a time of chunked methods: numbers or "all" (default: 16).
        sizes: Numbers of variables; "..50", "10..", "10..50", "smallest" and "quick" choose among each problem's own
            (default: all of those).
        batches: Vectors of multi-hvp, points of batched-hessian and laplacian (default: 16).
        dtypes: "float64", "float32" (default: "float64").
        devices: "cpu", "gpu", "gpu:1", or "all" that each framework sees (default: "cpu").
        precisions: "highest", "tf32": of float32 products on a GPU (default: "highest").
        texts: "portable", "native": the objective over xp, or in a framework's own functions (default: both).
        tags: Only problems that have one of these tags.
        rounds: Worker launches per backend: 5, or "3..10" for at least 3 and more until times settle (default: up to 6
            where the order of methods is open; 1 where quick).
        quick: One round, short sampling, few sizes unless `sizes` says otherwise.
        memory: Weigh every cell afterwards, each in a worker of its own: slow.
        seed: Seed of data, points and order (default: 0).
        timeout: Seconds for each phase of a cell (default: 60).
        memory_limit: Resident memory of a worker and of what it starts, in bytes or as "4GB" (default: 90 % of all).
        out: The folder to make (default: `runs/<time>-<suites>`).
        scheduler: Of Dask, "tcp://HOST:PORT", whose machines do the work; "local:2" starts two workers here.
        sharing: With a scheduler: "each" machine runs everything, or they "share" it (default: "each").
        hosts: With a scheduler: only these machines (default: all that are there).

    Returns:
        The run; its folder is `.directory`, one row per cell and round `.frame`.

    A `UsageError` says what does not exist, or cannot be sent to a worker. Where a person stops the run, a
    `KeyboardInterrupt` goes on to the caller; what is done is in the folder, and `hessbench run --resume` goes on.
    """
    _check_place()
    given = _given(problems, x0, data, framework)
    own = tuple(problem for problem in given if isinstance(problem, Problem))
    names = [str(name) for name in given if not isinstance(name, Problem)]
    _check_names(names)
    request = (QUICK_LOOK if quick else Request()).changed(
        suites=[*names, *([user_files.OWN] if own else [])] or None,
        backends=words.several(backends),
        methods=words.several(methods),
        operators=words.several(operators),
        modes=words.several(modes),
        executions=words.several(executions),
        chunks=words.several(chunks),
        sizes=None if sizes is None else words.sizes(words.line(sizes)),
        batches=None if batches is None else words.numbers(words.line(batches)),
        dtypes=words.several(dtypes),
        devices=words.several(devices),
        precisions=words.several(precisions),
        texts=words.several(texts),
        tags=words.several(tags),
        rounds=None if rounds is None else words.rounds(str(rounds)),
        memory=memory,
        seed=seed,
        timeout_s=timeout,
        memory_limit_bytes=None if memory_limit is None else words.memory_size(str(memory_limit)),
        hosts=words.several(hosts),
        sharing=sharing or None,
        out=None if out is None else Path(out),
    )
    return _carried_out(on_hosts(request.with_sources(), scheduler, "each"), own, scheduler)


def _given(problems: Any, x0: Any, data: Any, framework: str | None) -> list[Problem | str | Path]:
    """What is to be run, one by one; a function with a start point becomes a problem.

    Returns:
        Problems, and names of suites, problems and files.

    Raises:
        UsageError: Something is none of them, or there is nothing.
    """
    known = Problem | str | Path
    if callable(problems) and not isinstance(problems, known) and x0 is not None:
        name = getattr(problems, "__name__", "")
        return [problem(problems, x0=x0, data=data, framework=framework, name=name if name.isidentifier() else "f")]
    if x0 is not None or framework is not None or not (isinstance(data, tuple) and not data):
        raise UsageError("x0, data and framework belong to one function; a problem has its own (hb.problem)")
    one = isinstance(problems, known) or not isinstance(problems, Iterable)
    given = [problems] if one else list(problems)
    for strange in (entry for entry in given if not isinstance(entry, known)):
        if callable(strange):
            name = getattr(strange, "__name__", "")
            how = f"{name}, x0=[...]" if name.isidentifier() else 'f, x0=[...], name="f"'
            raise UsageError(
                f"{name or 'this'} is a function, and a run wants a start point too: hb.run(hb.problem({how})), or put "
                "@hb.problem(x0=[...]) above it"
            )
        raise UsageError(
            f"{strange!r:.60} is no problem, suite or file; write hb.run([my_problem, 'quick/rosenbrock'])"
        )
    if not given:
        raise UsageError("nothing to run; name problems, suites or files: hb.run('quick')")
    return given


def _check_names(names: Iterable[str]) -> None:
    """That problems of earlier runs of this session are not named: a worker knows none but those of its own run."""
    for name in names:
        suite, _, wanted = name.partition("/")
        if user_files.split(name) or suite in suites.registry():
            continue
        if suite == user_files.OWN:
            raise UsageError(f"{suite} is no suite by name; pass the problem itself: hb.run({wanted or 'f'})")
        if suite in suites.attached():
            raise UsageError(f"{suite} is a file; write {suite}:{wanted}")


def _check_place() -> None:
    """That a run can be started from here."""
    if threading.current_thread() is not threading.main_thread():
        raise UsageError("hb.run watches for signals, so it runs in the main thread only; start a process for it")
    if files.being_read():  # a worker reads a script for its problems and has come to its own start
        raise files.Enough


def _carried_out(request: Request, own: tuple[Problem, ...], scheduler: str | None) -> Run:
    """Plan, make the folder, run, load; problems of the session travel in a file of the folder."""
    content = _attached(own) if own else b""  # before there is a folder: what cannot be sent leaves none
    if own:
        source: user_files.Source = {"path": user_files.PICKLE, "sha256": files.digest(content)}
        request = replace(request, sources={**request.sources, user_files.OWN: source})
    with connected(scheduler) as machines:
        request = machines.placed(request) if machines else request
        made = folder.create(request, whole_run.planned(request))
        if own:
            (made.directory / user_files.PICKLE).write_bytes(content)
        if whole_run.carry_out(made, machines=machines).how == "stopped":
            raise KeyboardInterrupt
    return load(made.directory)


def _attached(own: tuple[Problem, ...]) -> bytes:
    """Make problems of the session a suite of this process.

    Returns:
        What makes it one of another.

    Raises:
        UsageError: A problem cannot be sent there, or two have the same name.
    """
    names = [problem.name for problem in own]
    if doubled := [name for name in names if names.count(name) > 1]:
        raise UsageError(f"two problems are called {doubled[0]}; give one another name=...")
    suites.attach(user_files.OWN, own)
    try:
        return files.dumped(own)
    except files.CannotLoad as error:
        raise UsageError(str(error)) from None

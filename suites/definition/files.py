"""A user's own problems: those of a Python file, or pickled ones of a Python session.

A file's problems are the `Problem` objects at its top level, or those in its tuple `PROBLEMS`. The file is executed
under a name of its own, not as `__main__`; its folder comes last on the path, so that modules beside it can be imported
and cannot stand in front of anything.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pickle
import sys
import sysconfig
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from hessbench.suites.definition.blocks import Nested
from hessbench.suites.definition.problem import Problem

INSTALLED, STANDARD = {"site-packages", "dist-packages"}, sysconfig.get_path("stdlib")
"""Folders of modules that every worker finds."""

LONGEST = 300
"""Characters of an error that are shown: some hold whole arrays."""


class CannotLoad(Exception):
    """The file has no problems, or fails; the message says why, in one line."""


class Enough(BaseException):
    """Raised by `hessbench.run` in a file that is only being read: the problems above that line are all there are.

    Not an `Exception`, so that no `try` of the file's catches it.
    """


_reading: list[Path] = []


def being_read() -> bool:
    """Whether this process is executing a user's file for its problems."""
    return bool(_reading)


def load(path: Path) -> tuple[Problem, ...]:
    """The problems of a file: Python, or what `dumped` has made.

    Returns:
        The problems in the order of the file.

    Raises:
        CannotLoad: The file has no problem, has two of one name, or fails.
    """
    try:
        problems = _unpickled(path) if path.suffix == ".pkl" else _problems(_execute(path))
    except CannotLoad:
        raise
    except (Exception, SystemExit) as error:  # a user's file can raise anything, sys.exit() too
        raise CannotLoad(_said(error, path)) from None
    if not problems:
        raise CannotLoad(f"{path.name} has no problem; put @hb.problem(x0=...) above a function f(xp, x, *data)")
    names = [problem.name for problem in problems]
    doubled = next((name for i, name in enumerate(names) if name in names[:i]), None)
    if doubled:
        raise CannotLoad(f"{path.name} has two problems called {doubled}; give one another name=...")
    return problems


def _execute(path: Path) -> ModuleType:
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    name = f"hessbench_file_{path.stem}_{hashlib.sha256(os.fsencode(path)).hexdigest()[:8]}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise CannotLoad(f"{path.name} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    _reading.append(path)
    try:
        spec.loader.exec_module(module)
    except Enough:
        pass
    finally:
        _reading.pop()
    return module


def _problems(module: ModuleType) -> tuple[Problem, ...]:
    named = getattr(module, "PROBLEMS", None)
    found = named if named is not None else vars(module).values()
    return tuple({id(value): value for value in found if isinstance(value, Problem)}.values())


def _said(problem: BaseException, path: Path) -> str:
    """What is wrong in one line: the file's line at which it fails, and the error; `python FILE` shows the rest."""
    line, said = _line(problem, path), " ".join(str(problem).split())
    where = f"{path.name}, line {line}" if line else path.name
    if type(problem).__module__.partition(".")[0] == "hessbench":
        return f"{where}: {said}"
    if isinstance(problem, SyntaxError):
        said = str(problem.msg) if problem.filename == str(path) else said
    told = f"{type(problem).__name__}: {said}" if said else type(problem).__name__
    remedy = f"; python {path.name} shows where that is" if line and path.suffix == ".py" else ""
    return f"{where} fails: {told[:LONGEST]}{'...' if len(told) > LONGEST else ''}{remedy}"


def _line(problem: BaseException, path: Path) -> int | None:
    """The line of the file that was running, or that Python cannot read; the innermost where it calls itself."""
    if isinstance(problem, SyntaxError) and problem.filename == str(path):
        return problem.lineno
    frames, line = problem.__traceback__, None
    while frames:
        if frames.tb_frame.f_code.co_filename == str(path):
            line = frames.tb_lineno
        frames = frames.tb_next
    return line


class Pickled:
    """A native text that only the workers of its framework unpickle: the others need not have what it refers to.

    Args:
        content: The pickled function.
    """

    def __init__(self, content: bytes) -> None:
        self.content = content

    def load(self) -> Any:
        """The function, or "module:function"."""
        return pickle.loads(self.content)

    def __call__(self, *arguments: Any) -> Any:
        """Its value."""
        return self.load()(*arguments)


def dumped(problems: tuple[Problem, ...]) -> bytes:
    """Problems of this process, for others to load from a file: functions of scripts and notebooks go by value.

    Returns:
        What the file is to hold.

    Raises:
        CannotLoad: A problem cannot be pickled.
    """
    import cloudpickle

    modules = _modules(problems)
    try:
        for module in modules:
            cloudpickle.register_pickle_by_value(module)
        frozen = [
            replace(p, native={name: Pickled(cloudpickle.dumps(text)) for name, text in p.native.items()})
            for p in problems
        ]
        return pickle.dumps((sys.path, cloudpickle.dumps(tuple(frozen))))
    except Exception as error:  # pickle's errors have no common type
        raise CannotLoad(f"a problem cannot be sent to a worker: {type(error).__name__}: {error}") from None
    finally:
        for module in modules:
            cloudpickle.unregister_pickle_by_value(module)


def digest(content: bytes) -> str:
    """A hash of what `dumped` has made; the path, on which modules are looked for, does not count."""
    return hashlib.sha256(pickle.loads(content)[1]).hexdigest()


def _modules(problems: tuple[Problem, ...]) -> list[ModuleType]:
    """The user's own modules that the functions of problems are from: a worker need not find them."""
    functions = [f for p in problems for f in (p.objective, p.start, p.data, p.gradient, p.hessian, *p.native.values())]
    functions += [f.f for f in functions if isinstance(f, Nested)]
    functions += [f.func for f in functions if isinstance(f, partial)]
    names = {getattr(f, "__module__", None) or "" for f in functions} - {"__main__", ""}
    return [sys.modules[name] for name in sorted(names) if name in sys.modules and of_a_person(sys.modules[name])]


def of_a_person(module: ModuleType) -> bool:
    """Whether a module is neither of hessbench, nor of the standard library, nor installed."""
    root, file = module.__name__.partition(".")[0], getattr(module, "__file__", None)
    if root == "hessbench" or file is None:  # without a file it is built in, or was made in a session
        return root != "hessbench" and root not in sys.stdlib_module_names
    return INSTALLED.isdisjoint(Path(file).parts) and not Path(file).is_relative_to(STANDARD)


def _unpickled(path: Path) -> tuple[Problem, ...]:
    paths, content = pickle.loads(path.read_bytes())
    sys.path.extend(folder for folder in paths if folder not in sys.path)
    problems: tuple[Problem, ...] = pickle.loads(content)
    return problems

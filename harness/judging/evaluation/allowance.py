"""How long a judge may evaluate f: a worker has a minute to check a result, and a time that was measured is worth more.

Differences by n variables evaluate f some n^2 times. Where that takes too long, random products decide, which take some
hundred values; where those do, nobody can tell, and the result is timed all the same.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeVar

from hessbench.backends.numeric.evaluation import precisions
from hessbench.harness.judging.accuracy import NoJudge
from hessbench.suites.definition.problem import Instance

DIFFERENCES_S, PRODUCTS_S = 20.0, 10.0
"""Seconds for the differences of all points and their condition, and for the products of one point in one precision:
together less than the minute after which a check is given up."""

DENSE = 8192
"""Up to so many variables a Hessian in closed form is written down as a whole: 512 MiB."""

REMEDY = "give hb.problem a gradient= or hessian=, or take a smaller n"

T = TypeVar("T")


class OutOfTime(BaseException):
    """No `Exception`: whoever tries f for what it can do would take it for an answer of f."""


class Hasty:
    """A function that may be called until a time has come.

    Args:
        f: The function.
        until: The time, of `time.monotonic`.
        facts: Attributes that it has in the place of f's, such as `precisions`.
    """

    def __init__(self, f: Callable[..., Any], until: float, **facts: Any) -> None:
        self._f, self._until = f, until
        self.__dict__ |= facts

    def __call__(self, *arguments: Any) -> Any:
        """The value of f."""
        if time.monotonic() > self._until:
            raise OutOfTime
        return self._f(*arguments)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._f, name)


def hasty(instance: Instance, until: float, **facts: Any) -> Instance:
    """The instance with a function, its halves, and a gradient in closed form, that end at a time.

    Args:
        instance: A problem, drawn.
        until: The time, of `time.monotonic`.
        **facts: As for `Hasty`.

    Returns:
        The instance.
    """
    problem = instance.problem
    gradient = Hasty(problem.gradient, until) if problem.gradient else None
    model, objective = problem.model, Hasty(problem.objective, until, **facts)
    if model and model.outputs and model.loss:
        model = replace(model, outputs=Hasty(model.outputs, until, **facts), loss=Hasty(model.loss, until, **facts))
    return replace(instance, problem=replace(problem, objective=objective, gradient=gradient, model=model))


def in_time(ask: Callable[[Instance], T], instance: Instance, seconds: float) -> T:
    """What some hundred values of f tell, in the most precise dtype in which they can be had in time.

    Args:
        ask: From an instance to the answer.
        instance: A problem, drawn.
        seconds: What each of two dtypes is given.

    Returns:
        The answer.

    Raises:
        NoJudge: It takes longer in both.
    """
    dtypes = precisions(instance.problem.objective)
    for dtype in dict.fromkeys((dtypes[0], dtypes[-1])):
        rest = dtypes[dtypes.index(dtype) :]
        with suppress(OutOfTime):
            return ask(hasty(instance, time.monotonic() + seconds, precisions=rest))
    name = instance.problem.name
    raise NoJudge(f"some hundred values of {name} take longer than {seconds:g} s, so nobody can tell; {REMEDY}")

"""A person's outputs and loss, of which f is made: as one problem, and as what Gauss-Newton products are taken of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hessbench.backends.contract.binding import Composed, require_outputs
from hessbench.backends.contract.errors import NotScalar
from hessbench.backends.contract.interface import Backend
from hessbench.harness.judging import text
from hessbench.harness.judging.explain import name_of
from hessbench.harness.machine.time_limit import Limited
from hessbench.harness.python.reading.how import How
from hessbench.harness.python.reading.own_function import native_to, no_start, text_unfolded, whose
from hessbench.harness.python.reading.signature import check_signature
from hessbench.harness.usage import UsageError
from hessbench.suites.definition.blocks import Nested
from hessbench.suites.definition.model import Model
from hessbench.suites.definition.problem import Problem, no_portable_text

NAME = "loss(outputs(x))"
"""What f is called, of which only the halves have names."""


def loss_of_outputs(
    outputs: Callable[..., Any], loss: Callable[..., Any], points: tuple[Any, ...], data: int, how: How
) -> tuple[Problem, tuple[Any, ...]]:
    """The problem of both halves.

    Args:
        outputs: outputs(xp, x, *data), or outputs(x, *data) in a framework's own functions.
        loss: loss(xp, z, *data), or loss(z, *data) likewise.
        points: x and others of its structure.
        data: Number of data arrays.
        how: What else was asked for.

    Returns:
        The problem, and its points, as dicts where only the framework knows their structure.

    Raises:
        UsageError: A half cannot be called, or only one of them takes a namespace.
    """
    named = () if how.backend is None else (how.backend,)
    whole = whose(outputs, how.framework, data, named)
    framework, other = native_to(whole), native_to(whose(loss, how.framework, data, named))
    if framework != other:
        own, *_ = framework or other
        raise UsageError(f"only one of outputs and loss takes xp; write both over xp, or both in {own}'s own functions")
    if not framework:
        check_signature(outputs, data, "outputs")
        check_signature(loss, data, "loss")
        one = _checked(outputs)
        f = with_lines_of(outputs, lambda xp, x, *data: loss(xp, one(xp, x, *data), *data))
        return Problem(NAME, f, (1,), no_start, "the user's own", model=Model(one, loss)), points
    (name,) = framework
    folded, points = text_unfolded(name, outputs, *points)
    one = _checked(folded)
    f, model = with_lines_of(outputs, lambda x, *data: loss(one(x, *data), *data)), Model(native={name: (one, loss)})
    return Problem(NAME, no_portable_text, (1,), no_start, "the user's own", native={name: f}, model=model), points


def with_lines_of(inner: Callable[..., Any], f: Callable[..., Any]) -> Callable[..., Any]:
    """F, of which a message gives the name and the lines of what a person wrote: its own are nobody's."""
    f.__dict__["f"], f.__name__ = inner, name_of(inner)
    return f


def _checked(outputs: Callable[..., Any]) -> Callable[..., Any]:
    """The outputs, which are one real array; frameworks stack a tuple, or say in many lines that they do not."""

    def one(*arguments: Any) -> Any:
        try:
            return require_outputs(outputs(*arguments))
        except NotScalar as error:
            raise UsageError(str(error)) from None

    return one


def in_halves(backend: Backend, problem: Problem) -> Composed:
    """The objective with outputs and loss at hand.

    Args:
        backend: Who differentiates it.
        problem: A problem at a point, with a model.

    Returns:
        Both halves, over a namespace and of a vector x.
    """
    if not problem.portable:
        return text.native_model(backend, problem)
    assert problem.model
    assert problem.model.outputs
    assert problem.model.loss
    outputs = Limited(problem.model.outputs)
    return Composed(Nested(outputs, problem.layout) if problem.layout else outputs, Limited(problem.model.loss))

"""Which text of f a backend differentiates, and which one the judge computes with.

A problem's portable text is written over an array namespace, for all. A native text is written in one framework's own
functions: a person's own, which comes with the problem, or ours, which lies in the backend's folder. A problem can have
either or both; where it has no portable one, the judge takes differences of the native one (`evaluation.values`).
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

from hessbench.backends.contract.binding import Composed, Sliced
from hessbench.backends.contract.interface import Backend, FloatArray, Objective, Unsupported
from hessbench.backends.contract.namespace import operations
from hessbench.backends.contract.operators import OPERATORS
from hessbench.backends.contract.refusal import ProblemFacts
from hessbench.harness.judging.evaluation.values import NumpyText, Values
from hessbench.harness.planning.grid import NATIVE, PORTABLE, Cell
from hessbench.harness.usage import UsageError
from hessbench.suites.definition.blocks import Layout, rebuild
from hessbench.suites.definition.files import Pickled
from hessbench.suites.definition.model import Model
from hessbench.suites.definition.problem import Instance, Problem

NUMPY = "numpy"


@dataclass(frozen=True, slots=True)
class Text:
    """A text of f that was chosen for one cell.

    Attributes:
        objective: The text that methods differentiate.
        evaluated: The same as a judge evaluates it.
        judged: The instance as the judge computes it: with the portable text, or with values of the native one.
        facts: What a method may refuse: the size, and of a portable text the operations in it.
    """

    objective: Objective
    evaluated: Objective
    judged: Instance
    facts: ProblemFacts


def usual(problem: Problem) -> str:
    """The kind of text that is meant where nobody says which: the portable one, where there is one."""
    return PORTABLE if problem.portable else NATIVE


def choose(backend: Backend, cell: Cell, instance: Instance) -> Text:
    """The text that a cell asks for, with what its operator asks for beside f.

    Args:
        backend: Who differentiates it.
        cell: The cell; `text` says which kind.
        instance: The cell's problem, drawn.

    Returns:
        The text, with what the judge computes and what a method may refuse. `native` raises `Unsupported` where the
        problem has no such text for this backend.

    Raises:
        Unsupported: The problem does not declare what the operator asks for.
    """
    asks = OPERATORS[cell.operator].asks
    if asks == "model":
        return _model(backend, cell, instance)
    text = _of_f(backend, cell, instance)
    if asks == "arrays":
        if len(ends := instance.problem.ends(instance.n)) < 2:
            raise Unsupported(f"{instance.problem.name} takes one array, whose only block is its Hessian")
        return replace(text, objective=Sliced(text.objective, ends))
    return text


def _model(backend: Backend, cell: Cell, instance: Instance) -> Text:
    """Outputs and loss as the objective."""
    problem, model = instance.problem, instance.problem.model
    if cell.text == PORTABLE and model and model.portable:
        assert model.outputs
        assert model.loss
        both = Composed(model.outputs, model.loss)
        seen = operations(both, instance.points[-1], instance.data)
        return Text(both, both, instance, ProblemFacts(cell.n, seen))
    both = native_model(backend, problem, cell.suite, cell.n)
    x, data = instance.points[0], instance.data
    if model is None or not model.portable:
        outputs = Values(backend, both.outputs, x, data, scalar=False)
        loss = Values(backend, both.loss, outputs(np, x, *data), data)
        f = problem.objective if problem.portable else Values(backend, _own_text(backend, cell, problem, both), x, data)
        instance = replace(instance, problem=replace(problem, objective=f, model=Model(outputs, loss)))
    return Text(both, Values(backend, both, x, data), instance, ProblemFacts(cell.n, frozenset(problem.native_calls)))


def _own_text(backend: Backend, cell: Cell, problem: Problem, both: Objective) -> Objective:
    """The native text of f beside its model; the loss of its outputs where it has none."""
    try:
        return native(backend, problem, cell.suite, cell.n)
    except Unsupported:
        return both


def native_model(backend: Backend, problem: Problem, suite: str = "", n: int = 0) -> Composed:
    """Outputs and loss of a problem in a framework's own functions.

    Args:
        backend: The framework.
        problem: The problem; a native model of its own comes before the backend's.
        suite: Name of its suite, under which the backend may have one.
        n: Number of variables, for a model in the framework's own layers.

    Returns:
        Both, over a namespace, which they do not need.

    Raises:
        Unsupported: There are none for this backend.
    """
    if backend.name in problem.layers:
        return _in_layers(backend, problem, n)
    own = problem.model.native if problem.model else {}
    pair = own.get(backend.name) or backend.native_models.get(f"{suite}/{problem.name}")
    if pair is None:
        raise Unsupported(
            f"no outputs declared for ggn: {problem.name} has no model; give hb.problem outputs= and loss="
        )
    outputs, loss = map(_loaded, pair)
    return Composed(_over_a_namespace(outputs, problem.layout), _over_a_namespace(loss))


def _of_f(backend: Backend, cell: Cell, instance: Instance) -> Text:
    """The text of f itself."""
    problem = instance.problem
    if cell.text == PORTABLE and problem.portable:
        seen = operations(problem.objective, instance.points[-1], instance.data)
        return Text(problem.objective, problem.objective, instance, ProblemFacts(cell.n, seen))
    text = native(backend, problem, cell.suite, cell.n)
    evaluated = as_judged(backend, text, instance.points[0], instance.data)
    if not problem.portable:
        judge = evaluated if problem.judge_text is None else NumpyText(_loaded(problem.judge_text))
        instance = replace(instance, problem=replace(problem, objective=judge))
    # What a native text calls is not known beyond what the problem says of it.
    return Text(text, evaluated, instance, ProblemFacts(cell.n, frozenset(problem.native_calls)))


def as_judged(backend: Backend, text: Objective, x: FloatArray, data: Sequence[FloatArray]) -> Objective:
    """A native text as a judge computes it: NumPy's own as it stands, since it is NumPy that judges; else its values.

    Args:
        backend: The framework.
        text: The native text.
        x: A point, (n,).
        data: Further arguments of f.

    Returns:
        An objective that NumPy can evaluate.
    """
    return text if backend.name == NUMPY else Values(backend, text, x, data)


def native(backend: Backend, problem: Problem, suite: str = "", n: int = 0) -> Objective:
    """The problem's text in a framework's own functions, as one over a namespace, which it does not need.

    Args:
        backend: The framework.
        problem: The problem; a native text of its own comes before the backend's.
        suite: Name of its suite, under which the backend may have a text.
        n: Number of variables, for a text in the framework's own layers.

    Returns:
        The text, as f(xp, x, *data) of a vector x.

    Raises:
        Unsupported: There is none for this backend.
    """
    if backend.name in problem.layers:
        return _in_layers(backend, problem, n)
    if backend.name not in problem.native:
        if f"{suite}/{problem.name}" in backend.natives:
            return backend.native(f"{suite}/{problem.name}")
        others = ", ".join(sorted({*problem.native, *problem.layers}))
        known = f"; it has one for {others}" if others else ""
        raise Unsupported(f"{problem.name} has no text for {backend.name}{known}")
    return _over_a_namespace(_loaded(problem.native[backend.name]), problem.layout)


def _over_a_namespace(text: Callable[..., Any], layout: Layout | None = None) -> Objective:
    """A native text as others are written, though it needs no namespace; x comes as its layout has it."""
    if layout is None:
        return lambda xp, x, *data: text(x, *data)
    return lambda xp, x, *data: text(layout.nest(xp, x), *data)


def _in_layers(backend: Backend, problem: Problem, n: int) -> Composed:
    """The text in the framework's own layers, made for the shapes of n parameters before anything is traced."""
    assert problem.layouts, "whose layers take named parameters"
    layout = problem.layouts(n)
    try:
        text = problem.layers[backend.name]
        build = _imported(text) if isinstance(text, str) else _loaded(text)
    except ModuleNotFoundError as error:
        missing = error.name or str(error)
        wanted = f"{problem.name} in the layers of {missing}, which is not installed"
        raise Unsupported(f"{wanted}: pip install 'hessbench[{missing}]'") from None
    outputs, loss = build(rebuild(layout, list(layout.shapes)), backend.dtype)
    return Composed(_over_a_namespace(outputs, layout), _over_a_namespace(loss))


def _loaded(text: Callable[..., Any] | str) -> Callable[..., Any]:
    """The function itself, which may be pickled, or named as "module:function"; a `UsageError` where there is none."""
    if isinstance(text, Pickled):
        text = cast("Callable[..., Any] | str", text.load())
    if not isinstance(text, str):
        return text
    try:
        return _imported(text)
    except ModuleNotFoundError as error:
        if f"{text.partition(':')[0]}.".startswith(f"{error.name}."):
            raise UsageError(f"{text!r}: there is no module {error.name} here") from None
        raise  # the module is there and misses another one


def _imported(text: str) -> Callable[..., Any]:
    """The function "module:function"; a `UsageError` where its module has none."""
    module, _, attribute = text.partition(":")
    if not module or not attribute:
        raise UsageError(f"{text!r} names no function; write module:function")
    function = getattr(importlib.import_module(module), attribute, None)
    if not callable(function):
        raise UsageError(f"{text!r}: {module} has no function {attribute}")
    return cast("Callable[..., Any]", function)

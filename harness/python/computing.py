"""One derivative of a person's own function in their own process: what `hb.hessian` and its like have in common.

Built methods are kept by shapes, dtype, device, method, and by the function with all that it reads beside its arguments
(`closed_over`), so that nothing is compiled twice and nothing is stale; the data are passed anew at every call. JAX's
64-bit mode and PyTorch's default dtype are switched inside the call only; TensorFlow's TF32 mode (GPU) is switched off
for good.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from hessbench import backends
from hessbench.backends.contract.errors import readable
from hessbench.backends.contract.interface import DTYPES, Array, Backend, NotScalar, Objective, Unsupported
from hessbench.backends.contract.method import Method, find
from hessbench.backends.contract.operators import OPERATORS, YARDSTICKS
from hessbench.backends.contract.refusal import ProblemFacts
from hessbench.harness.judging import text
from hessbench.harness.judging.evaluation.first_look import NO_NUMBER, Probe, no_number, probe, probe_native, refusal
from hessbench.harness.judging.explain import explain, in_own_words, is_native, name_of, raised_by_framework
from hessbench.harness.machine.devices import canonical
from hessbench.harness.python.by_differences import by_differences
from hessbench.harness.python.reading import closed_over
from hessbench.harness.python.reading.arrays import data_arrays, direction, start_vector
from hessbench.harness.python.reading.at_point import problem_at
from hessbench.harness.python.reading.halves import in_halves
from hessbench.harness.python.reading.how import How
from hessbench.harness.python.reading.modules import of_buffers
from hessbench.harness.python.reading.own_function import native_to, unfolded, whose
from hessbench.harness.python.reading.signature import may_be_native
from hessbench.harness.python.session.evaluating import evaluating
from hessbench.harness.python.session.opened import opened
from hessbench.harness.python.session.patience import long_wait
from hessbench.harness.usage import UsageError, unknown
from hessbench.harness.worker.room import no_room
from hessbench.suites.definition.blocks import Layout
from hessbench.suites.definition.problem import Problem

FloatArray = np.ndarray[Any, np.dtype[Any]]

DEFAULT = "jax"
"""The backend of a portable function that nobody named one for."""

PREFERRED = ("jit", "graph", "symbolic", "eager")
"""Executions for a method that nobody named: compiled where that is quick, else eager."""

WITHOUT_AXES = frozenset({"trace", "spectrum"})
"""Results of which no axis is one of x."""

KEPT = 256

WELL_KNOWN = 1e-6
"""Relative to the largest entry: differences that are known less well come with a warning."""


@dataclass(frozen=True, slots=True)
class Built:
    """A method ready for one function and one set of shapes.

    Attributes:
        engine: The backend.
        method: The method.
        call: What `Backend.build` returned.
        basis: The identity or the probes on the device, where the method takes them.
    """

    engine: Backend
    method: Method
    call: Callable[..., Array]
    basis: tuple[Array, ...]


_BUILT: dict[Any, Built] = {}


def compute(operator: str, f: Callable[..., Any], x: Any, v: Any, data: tuple[Any, ...], how: How) -> FloatArray:
    """One derivative of f.

    Args:
        operator: "gradient", "hessian", "hvp", "diagonal", "newton-step", "spectrum", "trace" or "ggn-vp".
        f: The function.
        x: The point as a person gives it.
        v: The vector of a product likewise; else None.
        data: Further arguments of f.
        how: What else was asked for.

    Returns:
        The result in the shape of x, once for each axis; a trace and a spectrum have none.

    Raises:
        UsageError: v is missing, or as in `hb.hessian`.
    """
    is_product = "v" in OPERATORS[operator].takes
    if is_product and v is None:
        raise UsageError("v is None; give the vector that the Hessian is multiplied with, in the shape of x")
    mine, how = asked(f, data, how)
    mine, (x, v) = unfolded(mine, x, x if v is None else v)
    vector, layout = start_vector(x)
    inputs = (vector, direction(v, vector, layout)) if is_product else (vector,)
    with evaluating(mine):
        found = _computed(operator, mine, inputs, data_arrays(data, not native_to(mine)), layout, how)
    return layout.shaped(found) if layout and operator not in WITHOUT_AXES else found


class MethodRefuses(UsageError):
    """A method is known not to do what f asks for; another one of the backend may."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A derivative that is built once and asked for often.

    Attributes:
        call: Vectors (n,) to the result, without the shape of x.
        start: The point as a vector, (n,).
        layout: How a person gave the point, or None.
    """

    call: Callable[..., FloatArray]
    start: FloatArray
    layout: Layout | None


def prepared(operator: str, f: Callable[..., Any], x: Any, data: tuple[Any, ...], how: How) -> Ready:
    """A derivative of f, built for the shape of x.

    Args:
        operator: An operator that takes x, or x and v.
        f: The function.
        x: The point as a person gives it.
        data: Further arguments of f.
        how: What else was asked for.

    Returns:
        The derivative as a function of vectors.
    """  # noqa: DOC501 - `refused` makes what is raised
    mine, how = asked(f, data, how)
    mine, (x,) = unfolded(mine, x)
    vector, layout = start_vector(x)
    arrays, backend = data_arrays(data, not native_to(mine)), how.backend or DEFAULT
    engine = engine_of(backend, how.dtype, how.device)
    method = method_of(engine, operator, how.method)
    inputs = (vector,) * len(OPERATORS[operator].takes)

    def call(*vectors: FloatArray) -> FloatArray:
        with engine.scope():
            try:
                return _call(built, vectors, arrays)
            except Exception as error:  # an eager f runs only now
                raise refused(error, mine, backend) from error

    with evaluating(mine), engine.scope():
        try:
            built = _build(engine, method, mine, inputs, arrays, layout)
        except Exception as error:  # a framework can raise anything
            raise refused(error, mine, backend) from error
    return Ready(call, vector, layout)


def asked(f: Callable[..., Any], data: tuple[Any, ...], how: How) -> tuple[Callable[..., Any], How]:
    """The function as it is computed with, and the backend where nobody named one."""
    mine = whose(f, how.framework, len(data), () if how.backend is None else (how.backend,))
    if how.backend is None:
        how = replace(how, backend=next(iter(native_to(mine)), DEFAULT))
    return mine, how


def _computed(
    operator: str,
    f: Callable[..., Any],
    inputs: tuple[FloatArray, ...],
    arrays: tuple[FloatArray, ...],
    layout: Layout | None,
    how: How,
) -> FloatArray:
    """The derivative by the variables of x as a vector."""
    backend = how.backend or DEFAULT
    engine = engine_of(backend, how.dtype, how.device)
    method = method_of(engine, operator, how.method)
    read = closed_over.key(f)
    key = (engine, method.name, read, layout, *((array.shape, array.dtype) for array in (*inputs, *arrays)))
    with engine.scope():
        built = _BUILT.get(key) if read is not None else None
        try:
            if built is None:
                built = _build(engine, method, f, inputs, arrays, layout)
                if read is not None:
                    keep(_BUILT, KEPT, key, built)
            found = _call(built, inputs, arrays)
        except Exception as error:  # a framework can raise anything
            final = isinstance(error, (UsageError, NotScalar)) and not isinstance(error, MethodRefuses)
            if final or how.method is not None or not (how.differences and backend == "numpy"):
                raise refused(error, f, backend) from error
            found = _estimated(operator, f, inputs, arrays, layout, how.dtype)
        if not np.isfinite(found.sum()) and (value := not_a_number(engine, f, inputs[0], arrays, layout)):
            raise UsageError(NO_NUMBER.format(name_of(f), backend, value))  # else NaN is the answer
    return found


def not_a_number(
    engine: Backend, f: Callable[..., Any], x: FloatArray, arrays: tuple[FloatArray, ...], layout: Layout | None
) -> str:
    """What f itself is at x where that is no number, or the empty string."""
    problem = problem_at(f, x, layout, arrays)
    if problem.portable:
        return no_number(problem.objective, x, arrays)
    return probe_native(engine, text.native(engine, problem), x, arrays).value


def _estimated(
    operator: str,
    f: Callable[..., Any],
    inputs: tuple[FloatArray, ...],
    arrays: tuple[FloatArray, ...],
    layout: Layout | None,
    dtype: str,
) -> FloatArray:
    """The result where f does what no exact method of NumPy has a rule for; it warns where it is not well known."""
    problem = problem_at(f, inputs[0], layout, arrays)
    try:
        found = by_differences(operator, problem, inputs, arrays, dtype)
    except Exception as error:  # a user's function can raise anything
        raise refused(error, f, "numpy") from error
    largest, bound = np.max(np.abs(found.value), initial=0), np.max(found.bound, initial=0)
    if found.bend or not bound <= WELL_KNOWN * largest:
        why = found.bend or f"an entry may be off by {bound:.1g}, the largest is {largest:.3g}"
        warnings.warn(
            f"{name_of(f)} has no exact derivatives in numpy (xp's functions have), so these are differences: {why}; "
            "hb.reference gives every entry's bound",
            stacklevel=5,
        )
    return found.value.astype(dtype)


def keep(kept: dict[Any, Any], most: int, key: Any, one: Any) -> None:
    """Keep one more, and of all only the last so many."""
    while len(kept) >= most:
        kept.pop(next(iter(kept)))
    kept[key] = one


def _build(
    engine: Backend,
    method: Method,
    f: Callable[..., Any],
    inputs: tuple[FloatArray, ...],
    arrays: tuple[FloatArray, ...],
    layout: Layout | None,
) -> Built:
    problem = problem_at(f, inputs[0], layout, arrays)
    objective = checked(engine, method, problem, inputs[0], arrays)
    if OPERATORS[method.operator].asks == "model":
        objective = in_halves(engine, problem)
    evaluates = engine.name == "numpy" and "hyper-dual" in method.name
    if evaluates and (slow := long_wait(method.operator, objective, inputs[0], arrays)):
        warnings.warn(f"{name_of(f)}: the {method.operator} {slow}", stacklevel=5)
    basis = engine.constants(method, (), inputs[0].size)
    arguments = (*map(engine.asarray, inputs), *basis, *map(engine.asarray, arrays))
    return Built(engine, method, engine.built(method, engine.bind(objective), arguments)[0], basis)


def checked(
    engine: Backend, method: Method, problem: Problem, x: FloatArray, arrays: tuple[FloatArray, ...]
) -> Objective:
    """The text of f for a backend, after a first look.

    Args:
        engine: The backend.
        method: The method.
        problem: The person's function at their point.
        x: The point, (n,).
        arrays: Further arguments of f.

    Returns:
        The objective.

    Raises:
        UsageError: f cannot be differentiated.
        MethodRefuses: The method is known not to do this.
    """
    if problem.portable:
        objective: Objective = problem.objective
        facts = ProblemFacts(x.size, _looked_at(problem, x, arrays, engine, method))
    else:
        objective, facts = text.native(engine, problem), ProblemFacts(x.size)
        _tell(probe_native(engine, objective, x, arrays), problem, engine)
    refusals = (engine.unsupported(method, facts), MethodRefuses), (no_room(method, x.size, 1), UsageError)
    for reason, kind in refusals:  # where there is no room, differences have none either
        if reason:
            raise kind(f"{engine.name} {method.name} does not do this: {reason}")
    return objective


def _looked_at(
    problem: Problem, x: FloatArray, arrays: tuple[FloatArray, ...], engine: Backend, method: Method
) -> frozenset[str]:
    """The operations of f, found by a first look with NumPy, which refuses what cannot be differentiated."""
    seen = probe(problem.objective, x, arrays)
    _tell(seen, problem, engine)
    if seen.drops and method.execution == "eager" and engine.name != "numpy":
        warnings.warn(
            f"{problem.name} makes plain numbers of x (float(), .item(), math.sin): {engine.name} takes no derivatives "
            "through them; use xp's functions",
            stacklevel=7,
        )
    return seen.operations


def _tell(seen: Probe, problem: Problem, engine: Backend) -> None:
    """Refuse what a first look has shown to be no function with derivatives, and warn of digits that it loses."""
    if reason := refusal(seen, problem.name, engine.name):
        raise UsageError(in_own_words(reason, engine.name) if is_native(problem) else reason)
    if seen.value:
        raise UsageError(NO_NUMBER.format(problem.name, engine.name, seen.value))
    if seen.narrow and engine.dtype == "float64":
        warnings.warn(
            f"{problem.name} returns {seen.narrow} where x is float64: it casts inside, and so much is lost",
            stacklevel=7,
        )


def _call(built: Built, inputs: tuple[FloatArray, ...], arrays: tuple[FloatArray, ...]) -> FloatArray:
    engine, method = built.engine, built.method
    given = [engine.as_argument(method, array) for array in inputs]
    given += built.basis
    given += [engine.as_argument(method, array) for array in arrays]
    return engine.to_numpy(built.call(*given))


def refused(error: Exception, f: Any, backend: str) -> Exception:
    """The exception in one line, where a rule knows it."""
    if isinstance(error, UsageError):
        return error
    if isinstance(error, Unsupported):
        return UsageError(f"{name_of(f)} in {backend}: {error}")
    if (said := readable(error)) is not error:
        return UsageError(f"{name_of(f)} in {backend} raises {said}")
    told = of_buffers(explain(error, f, backend), f, backend)
    if isinstance(error, NotScalar):
        return NotScalar(told)
    told = told or raised_by_framework(error, f, backend)
    if told and backend in backends.registry() and may_be_native(f):
        told += f'; if it is {backend}\'s own function of x, say so: framework="{backend}"'
    return UsageError(told) if told else error


@cache
def engine_of(name: str, dtype: str, device: str) -> Backend:
    """The backend of that name, opened; a `UsageError` where a name does not exist or it is not installed."""
    if name not in backends.registry():
        raise unknown("backend", name, backends.registry())
    if dtype not in DTYPES:
        raise unknown("dtype", dtype, DTYPES)
    canonical(device)  # complains where it is no device
    if absent := backends.missing(name):
        raise UsageError(f"{name} is {absent}")
    return opened(name, dtype, device)


@cache
def method_of(engine: Backend, operator: str, name: str | None) -> Method:
    """The method of that name, else the first default one; a `UsageError` where there is none of that name."""
    methods = {method.name: method for method in engine.methods if method.operator == operator}
    if name is None:
        # Yardsticks come along in every run, so there are few of them and none is a default for its own sake.
        usable = [m for m in methods.values() if (m.default or operator in YARDSTICKS) and m.execution in PREFERRED]
        return min(usable, key=lambda m: (-m.accuracy, PREFERRED.index(m.execution)))
    begun = [m for m in methods.values() if OPERATORS[operator].derived and m.name.startswith(f"{name}-")]
    try:
        return begun[0] if begun and name not in methods else find(methods.values(), name)
    except KeyError:
        raise unknown("method", name, methods) from None

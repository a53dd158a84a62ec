"""Second derivatives of a person's own function in their own process: `hb.hessian`, `hvp`, `diagonal`, `reference`.

Built methods are kept by shapes, dtype, device, method, and by the function with all that it reads beside its arguments
(`closed_over`), so that nothing is compiled twice and nothing is stale; the data are passed anew at every call. JAX's
64-bit mode and PyTorch's default dtype are switched inside the call only; TensorFlow's TF32 mode (GPU) is switched off
for good.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from hessbench import backends
from hessbench.backends.contract.interface import DTYPES, Array, Backend, NotScalar, Objective, Unsupported
from hessbench.backends.contract.method import Method, find
from hessbench.backends.contract.refusal import ProblemFacts
from hessbench.backends.numeric.reference import reference as finite_differences
from hessbench.harness.judging import text
from hessbench.harness.judging.explain import explain, name_of
from hessbench.harness.judging.first_look import NAN, is_nan, misfit, probe, refusal
from hessbench.harness.machine.devices import canonical
from hessbench.harness.python import closed_over
from hessbench.harness.python.at_point import problem_at
from hessbench.harness.python.opened import opened
from hessbench.harness.python.problem import data_arrays, start_vector
from hessbench.harness.python.time_limit import limited
from hessbench.harness.usage import UsageError, unknown
from hessbench.suites.definition.blocks import BlockArray, Layout, Nested
from hessbench.suites.definition.problem import Problem

FloatArray = np.ndarray[Any, np.dtype[Any]]

PREFERRED = ("jit", "graph", "symbolic", "eager")
"""Executions for a method that nobody named: compiled where that is quick, else eager."""

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
        basis: The identity on the device, where the method takes it.
    """

    engine: Backend
    method: Method
    call: Callable[..., Array]
    basis: tuple[Array, ...]


_BUILT: dict[Any, Built] = {}


def hessian(
    f: Callable[..., Any],
    x: Any,
    *data: Any,
    backend: str = "jax",
    method: str | None = None,
    dtype: str = "float64",
    device: str = "cpu",
) -> FloatArray:
    """The Hessian of f at x.

    Examples:
        >>> import hessbench as hb
        >>> def f(xp, x):
        ...     return x[0] ** 2 + 3 * x[0] * x[1]
        >>> hb.hessian(f, [1.0, 2.0], backend="numpy", method="hyper-dual-eager")
        array([[2., 3.],
               [3., 0.]])
        >>> net = {"w": np.ones((2, 2)), "b": np.zeros(2)}
        >>> h = hb.hessian(lambda xp, p: xp.sum(p["w"] ** 2) * xp.sum(p["b"] ** 2), net, backend="numpy")
        >>> h.shape, h.block("b", "w").shape
        ((6, 6), (2, 4))

    Args:
        f: The objective `f(xp, x, *data)`, written over the names of `hessbench.VOCABULARY`; returns a scalar.
        x: The point, shape (n,), or a nested dict, list or tuple of arrays; f gets the same structure.
        *data: Further arguments of f: arrays. Integer arrays stay integers (labels, indices).
        backend: "numpy", "jax", "torch", "tensorflow", or a third party's.
        method: A name from `hessbench list methods`; None takes the backend's first default for Hessians that is exact
            but for rounding. In NumPy, where f does what those have no rule for, it takes differences, and warns where
            they are not known to 1e-6.
        dtype: "float64" or "float32".
        device: "cpu", "gpu" or "gpu:<index>".

    Returns:
        The Hessian, shape (n, n); where x is nested, an array whose blocks are at `.block("layers.0", "layers.1")`.

    Raises:
        UsageError: A name does not exist, x is not a vector of floats, the framework is not installed, the method is
            known not to do this, or f does what cannot be differentiated; in one line.
        BackendUnavailable: The device is not there.
        NotScalar: f did not return a scalar array.
    """
    with limited(name_of(f)):
        return _compute("hessian", f, x, None, data, backend, method, dtype, device)


def hvp(
    f: Callable[..., Any],
    x: Any,
    v: Any,
    *data: Any,
    backend: str = "jax",
    method: str | None = None,
    dtype: str = "float64",
    device: str = "cpu",
) -> FloatArray:
    """The Hessian of f at x times v, without the Hessian.

    Args:
        f: As in `hessian`.
        x: As in `hessian`.
        v: The vector, shape (n,), or nested like x.
        *data: As in `hessian`.
        backend: As in `hessian`.
        method: As in `hessian`.
        dtype: As in `hessian`.
        device: As in `hessian`.

    Returns:
        The product, shape (n,); where x is nested, with `.block("layers.0")` for a block and `.nested()` for all.

    Raises:
        UsageError: As in `hessian`; also where v has another shape than x.
        BackendUnavailable: The device is not there.
        NotScalar: f did not return a scalar array.
    """
    with limited(name_of(f)):
        return _compute("hvp", f, x, v, data, backend, method, dtype, device)


def diagonal(
    f: Callable[..., Any],
    x: Any,
    *data: Any,
    backend: str = "jax",
    method: str | None = None,
    dtype: str = "float64",
    device: str = "cpu",
) -> FloatArray:
    """The diagonal of the Hessian of f at x.

    Args:
        f: As in `hessian`.
        x: As in `hessian`.
        *data: As in `hessian`.
        backend: As in `hessian`.
        method: As in `hessian`.
        dtype: As in `hessian`.
        device: As in `hessian`.

    Returns:
        The diagonal, shape (n,), with blocks as in `hvp`.

    Raises:
        UsageError: As in `hessian`.
        BackendUnavailable: The device is not there.
        NotScalar: f did not return a scalar array.
    """
    with limited(name_of(f)):
        return _compute("diagonal", f, x, None, data, backend, method, dtype, device)


def reference(f: Callable[..., Any], x: Any, *data: Any) -> tuple[FloatArray, FloatArray]:
    """The Hessian of f at x by finite differences of f in extended precision, and how well it is known.

    Args:
        f: As in `hessian`.
        x: As in `hessian`.
        *data: As in `hessian`.

    Returns:
        The value and a bound of each entry's absolute error, both of shape (n, n) and float64. Entries that
        could not be found, because f is not finite near x, are NaN with an infinite bound.

    Raises:
        UsageError: x is not a vector of floats, or f cannot be evaluated with NumPy.
        NotScalar: f returned an array.
    """  # noqa: DOC501 - `_refusal` makes what is raised
    vector, layout = start_vector(x)
    arrays = data_arrays(data)
    problem = problem_at(f, vector, layout, arrays)
    with limited(name_of(f)), ExitStack() as stack:
        if problem.portable and (reason := misfit(problem.objective, vector, arrays, problem.name)):
            raise UsageError(reason)
        try:
            objective = problem.objective if problem.portable else _native_values(problem, stack)
            found = finite_differences("hessian", objective, vector, arrays)
        except Exception as error:  # a user's function can raise anything
            raise _refusal(error, f, "numpy") from error
    if layout:
        return BlockArray.of(found.value, layout), BlockArray.of(found.bound, layout)
    return found.value, found.bound


def _native_values(problem: Problem, stack: ExitStack) -> text.Values:
    """Values of a problem that has no portable text, by the first framework that has one and is installed."""
    for name in problem.native:
        if backends.missing(name) is None:
            backend = opened(name, "float64")
            stack.enter_context(backend.scope())
            return text.Values(backend, text.native(backend, problem))
    raise UsageError(f"{problem.name} has texts for {', '.join(problem.native)} only, and none of them is installed")


def _compute(
    operator: str,
    f: Callable[..., Any],
    x: Any,
    v: Any,
    data: tuple[Any, ...],
    backend: str,
    name: str | None,
    dtype: str,
    device: str,
) -> FloatArray:
    vector, layout = start_vector(x)
    inputs = (vector,) if operator != "hvp" else (vector, _direction(v, vector, layout))
    arrays = data_arrays(data)
    engine = _engine(backend, dtype, device)
    method = _method(engine, operator, name)
    read = closed_over.key(f)
    key = (engine, method.name, read, layout, *((array.shape, array.dtype) for array in (*inputs, *arrays)))
    with engine.scope():
        built = _BUILT.get(key) if read is not None else None
        try:
            if built is None:
                built = _build(engine, method, f, inputs, arrays, layout)
                if read is not None:
                    _keep(key, built)
            found = _call(built, inputs, arrays)
        except Exception as error:  # a framework can raise anything
            has_differences = any(one.accuracy < 1 for one in engine.methods if one.operator == operator)
            if isinstance(error, (UsageError, NotScalar)) or name is not None or not has_differences:
                raise _refusal(error, f, backend) from error
            found = _by_differences(operator, f, inputs, arrays, layout, dtype)
    if np.isnan(found.sum()) and is_nan(Nested(f, layout) if layout else f, vector, arrays):  # else NaN is the answer
        raise UsageError(NAN.format(name_of(f), backend))
    return BlockArray.of(found, layout) if layout else found


def _by_differences(
    operator: str,
    f: Callable[..., Any],
    inputs: tuple[FloatArray, ...],
    arrays: tuple[FloatArray, ...],
    layout: Layout | None,
    dtype: str,
) -> FloatArray:
    """The result where f does what no exact method has a rule for; it warns where it is not well known."""
    try:
        found = finite_differences(
            operator, problem_at(f, inputs[0], layout, arrays).objective, inputs[0], arrays, *inputs[1:]
        )
    except Exception as error:  # a user's function can raise anything
        raise _refusal(error, f, "numpy") from error
    largest, bound = np.max(np.abs(found.value), initial=0), np.max(found.bound, initial=0)
    if found.bend or not bound <= WELL_KNOWN * largest:
        why = found.bend or f"an entry may be off by {bound:.1g}, the largest is {largest:.3g}"
        warnings.warn(
            f"{name_of(f)} has no exact derivatives in numpy (xp's functions have), so these are differences: {why}; "
            "hb.reference gives every entry's bound",
            stacklevel=4,
        )
    return found.value.astype(dtype)


def _keep(key: Any, built: Built) -> None:
    while len(_BUILT) >= KEPT:
        _BUILT.pop(next(iter(_BUILT)))
    _BUILT[key] = built


def _build(
    engine: Backend,
    method: Method,
    f: Callable[..., Any],
    inputs: tuple[FloatArray, ...],
    arrays: tuple[FloatArray, ...],
    layout: Layout | None,
) -> Built:
    problem = problem_at(f, inputs[0], layout, arrays)
    if problem.portable:
        objective: Objective = problem.objective
        facts = ProblemFacts(inputs[0].size, _looked_at(problem, inputs[0], arrays, engine, method))
    else:
        objective, facts = text.native(engine, problem), ProblemFacts(inputs[0].size)
    if reason := engine.unsupported(method, facts):
        raise UsageError(f"{engine.name} {method.name} does not do this: {reason}")
    basis = (engine.asarray(np.eye(inputs[0].size)),) if method.needs_basis else ()
    arguments = (*map(engine.asarray, inputs), *basis, *map(engine.asarray, arrays))
    return Built(engine, method, engine.build(method, engine.bind(objective), arguments)[0], basis)


def _looked_at(
    problem: Problem, x: FloatArray, arrays: tuple[FloatArray, ...], engine: Backend, method: Method
) -> frozenset[str]:
    """The operations of f, found by a first look with NumPy, which refuses what cannot be differentiated."""
    seen = probe(problem.objective, x, arrays)
    if reason := refusal(seen, problem.name, engine.name):
        raise UsageError(reason)
    if seen.drops and method.execution == "eager" and engine.name != "numpy":
        warnings.warn(
            f"{problem.name} makes plain numbers of x (float(), .item(), math.sin): {engine.name} takes no derivatives "
            "through them; use xp's functions",
            stacklevel=6,
        )
    if seen.narrow and engine.dtype == "float64":
        warnings.warn(
            f"{problem.name} returns {seen.narrow} where x is float64: it casts inside, and so much is lost",
            stacklevel=6,
        )
    return seen.operations


def _call(built: Built, inputs: tuple[FloatArray, ...], arrays: tuple[FloatArray, ...]) -> FloatArray:
    engine, method = built.engine, built.method
    given = [engine.as_argument(method, array) for array in inputs]
    given += built.basis
    given += [engine.as_argument(method, array) for array in arrays]
    return engine.to_numpy(built.call(*given))


def _refusal(problem: Exception, f: Any, backend: str) -> Exception:
    """The exception in one line, where a rule knows it."""
    if isinstance(problem, UsageError):
        return problem
    if isinstance(problem, Unsupported):
        return UsageError(f"{name_of(f)} in {backend}: {problem}")
    told = explain(problem, f, backend)
    if isinstance(problem, NotScalar):
        return NotScalar(told)
    return UsageError(told) if told else problem


def _direction(v: Any, x: FloatArray, layout: Layout | None) -> FloatArray:
    vector, own = start_vector(v, "v")
    if vector.shape != x.shape:
        raise UsageError(f"v has shape {vector.shape}, x has shape {x.shape}; give them the same")
    if own and own != layout:
        raise UsageError("v is nested in another way than x; give them the same structure")
    return vector


@cache
def _engine(name: str, dtype: str, device: str) -> Backend:
    if name not in backends.registry():
        raise unknown("backend", name, backends.registry())
    if dtype not in DTYPES:
        raise unknown("dtype", dtype, DTYPES)
    canonical(device)  # complains where it is no device
    if absent := backends.missing(name):
        raise UsageError(f"{name} is {absent}")
    return opened(name, dtype, device)


@cache
def _method(engine: Backend, operator: str, name: str | None) -> Method:
    methods = {method.name: method for method in engine.methods if method.operator == operator}
    if name is None:
        usable = [m for m in methods.values() if m.default and m.execution in PREFERRED]
        return min(usable, key=lambda m: (-m.accuracy, PREFERRED.index(m.execution)))
    try:
        return find(methods.values(), name)
    except KeyError:
        raise unknown("method", name, methods) from None

"""Derivatives of a person's own function in their own process: `hb.hessian`, `hvp`, `diagonal` and their like."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from hessbench import backends
from hessbench.backends.contract.interface import FloatArray, Objective
from hessbench.backends.numeric.reference import reference as finite_differences
from hessbench.harness.judging.evaluation.first_look import misfit
from hessbench.harness.judging.explain import is_native
from hessbench.harness.judging.text import as_judged, native
from hessbench.harness.machine import memory
from hessbench.harness.python.computing import compute, refused
from hessbench.harness.python.reading.arrays import data_arrays, start_vector
from hessbench.harness.python.reading.at_point import problem_at
from hessbench.harness.python.reading.how import How
from hessbench.harness.python.reading.own_function import native_to, unfolded, whose
from hessbench.harness.python.session.evaluating import evaluating
from hessbench.harness.python.session.opened import opened
from hessbench.harness.usage import UsageError
from hessbench.suites.definition.problem import Problem


def hessian(
    f: Callable[..., Any],
    x: Any,
    *data: Any,
    backend: str | None = None,
    method: str | None = None,
    dtype: str = "float64",
    device: str = "cpu",
    framework: str | None = None,
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
        >>> hb.hessian(lambda x: np.sum(x) ** 2, np.ones((2, 2)), framework="numpy").shape
        (2, 2, 2, 2)

    Args:
        f: The objective `f(xp, x, *data)`, written over the names of `hessbench.VOCABULARY`, or `f(x, *data)` in one
            framework's own functions; returns a scalar.
        x: The point, shape (n,), or a number, a matrix, or a nested dict, list or tuple of arrays; f gets the same.
        *data: Further arguments of f: arrays. Integer arrays stay integers (labels, indices).
        backend: "numpy", "jax", "torch", "tensorflow", or a third party's; None takes the framework of f, else JAX.
        method: A name from `hessbench list methods`; None takes the backend's first default for Hessians that is exact
            but for rounding. In NumPy, where f does what those have no rule for, it takes differences, and warns where
            they are not known to 1e-6.
        dtype: "float64" or "float32".
        device: "cpu", "gpu" or "gpu:<index>".
        framework: Whose own functions f calls, as `f(x, *data)`: "torch", "jax", "tensorflow", "keras", "numpy".
            Where f takes nothing before x, the backend says it too.

    Returns:
        The Hessian, shape (n, n), or x.shape + x.shape; where x is nested, an array whose blocks are at
        `.block("layers.0", "layers.1")`.

    Raises:
        UsageError: A name does not exist, x does not consist of floats, the framework is not installed, the method is
            known not to do this, or f does what cannot be differentiated; in one line.
        BackendUnavailable: The device is not there.
        NotScalar: f did not return a scalar array.
    """
    return compute("hessian", f, x, None, data, How(backend, method, dtype, device, framework))


def hvp(
    f: Callable[..., Any],
    x: Any,
    v: Any,
    *data: Any,
    backend: str | None = None,
    method: str | None = None,
    dtype: str = "float64",
    device: str = "cpu",
    framework: str | None = None,
) -> FloatArray:
    """The Hessian of f at x times v, without the Hessian.

    Args:
        f: As in `hessian`.
        x: As in `hessian`.
        v: The vector, of the shape or structure of x; whole numbers will do.
        *data: As in `hessian`.
        backend: As in `hessian`.
        method: As in `hessian`.
        dtype: As in `hessian`.
        device: As in `hessian`.
        framework: As in `hessian`.

    Returns:
        The product, in the shape of x; where x is nested, with `.block("layers.0")` for a block, `.nested()` for all.

    Raises:
        UsageError: As in `hessian`; also where v has another shape than x.
        BackendUnavailable: The device is not there.
        NotScalar: f did not return a scalar array.
    """
    return compute("hvp", f, x, v, data, How(backend, method, dtype, device, framework))


def gradient(
    f: Callable[..., Any],
    x: Any,
    *data: Any,
    backend: str | None = None,
    method: str | None = None,
    dtype: str = "float64",
    device: str = "cpu",
    framework: str | None = None,
) -> FloatArray:
    """The gradient of f at x.

    Args:
        f: As in `hessian`.
        x: As in `hessian`.
        *data: As in `hessian`.
        backend: As in `hessian`.
        method: As in `hessian`.
        dtype: As in `hessian`.
        device: As in `hessian`.
        framework: As in `hessian`.

    Returns:
        The gradient, in the shape of x, with blocks as in `hvp`.

    Raises:
        UsageError: As in `hessian`.
        BackendUnavailable: The device is not there.
        NotScalar: f did not return a scalar array.
    """
    return compute("gradient", f, x, None, data, How(backend, method, dtype, device, framework))


def diagonal(
    f: Callable[..., Any],
    x: Any,
    *data: Any,
    backend: str | None = None,
    method: str | None = None,
    dtype: str = "float64",
    device: str = "cpu",
    framework: str | None = None,
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
        framework: As in `hessian`.

    Returns:
        The diagonal, in the shape of x, with blocks as in `hvp`.

    Raises:
        UsageError: As in `hessian`.
        BackendUnavailable: The device is not there.
        NotScalar: f did not return a scalar array.
    """
    return compute("diagonal", f, x, None, data, How(backend, method, dtype, device, framework))


def reference(f: Callable[..., Any], x: Any, *data: Any, framework: str | None = None) -> tuple[FloatArray, FloatArray]:
    """The Hessian of f at x by finite differences of f in extended precision, and how well it is known.

    Of a framework's own function they are differences of what that evaluates to, in float64.

    Args:
        f: As in `hessian`.
        x: As in `hessian`.
        *data: As in `hessian`.
        framework: As in `hessian`.

    Returns:
        The value and a bound of each entry's absolute error, both in the shape of the Hessian and float64. Entries
        that could not be found, because f is not finite near x, are NaN with an infinite bound.

    Raises:
        UsageError: x does not consist of floats, or f cannot be evaluated with NumPy.
        NotScalar: f returned an array.
    """  # noqa: DOC501 - `refused` makes what is raised
    mine, (x,) = unfolded(whose(f, framework, len(data)), x)
    vector, layout = start_vector(x)
    arrays = data_arrays(data, not native_to(mine))
    problem = problem_at(mine, vector, layout, arrays)
    if reason := memory.too_large("hessian", vector.size, 1):
        raise UsageError(f"the reference would be {reason}; hb.check judges a product or a gradient without it")
    with evaluating(mine), ExitStack() as stack:
        if problem.portable and (reason := misfit(problem.objective, vector, arrays, problem.name)):
            raise UsageError(reason)
        try:
            objective = problem.objective if problem.portable else _native_values(problem, vector, arrays, stack)
            found = finite_differences("hessian", objective, vector, arrays)
        except Exception as error:  # a user's function can raise anything
            raise refused(error, problem, next(iter(problem.native)) if is_native(problem) else "numpy") from error
    return (layout.shaped(found.value), layout.shaped(found.bound)) if layout else (found.value, found.bound)


def _native_values(problem: Problem, x: FloatArray, data: tuple[FloatArray, ...], stack: ExitStack) -> Objective:
    """What evaluates a problem that has no portable text: the first framework that has one and is installed."""
    for name in problem.native:
        if backends.missing(name) is None:
            backend = opened(name, "float64")
            stack.enter_context(backend.scope())
            return as_judged(backend, native(backend, problem), x, data)
    raise UsageError(f"{problem.name} has texts for {', '.join(problem.native)} only, and none of them is installed")

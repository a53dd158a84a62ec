"""Traces, Laplacians, blocks and Gauss-Newton products of a person's own function: `hb.trace` and its like."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from hessbench.backends.contract.interface import FloatArray
from hessbench.harness.judging.explain import name_of
from hessbench.harness.python.computing import compute
from hessbench.harness.python.reading.arrays import start_vector
from hessbench.harness.python.reading.halves import loss_of_outputs, with_lines_of
from hessbench.harness.python.reading.how import How
from hessbench.harness.python.reading.own_function import native_to, unfolded, whose
from hessbench.harness.usage import UsageError
from hessbench.suites.definition import given
from hessbench.suites.definition.blocks import Layout, rebuild
from hessbench.suites.definition.problem import Problem


def trace(
    f: Callable[..., Any],
    x: Any,
    *data: Any,
    backend: str | None = None,
    method: str | None = None,
    dtype: str = "float64",
    device: str = "cpu",
    framework: str | None = None,
) -> float:
    """The trace of the Hessian of f at x, exact unless an estimator is named.

    Examples:
        >>> import hessbench as hb
        >>> def f(xp, x):
        ...     return xp.sum(x**4)
        >>> hb.trace(f, [1.0, 2.0], backend="numpy")
        60.0

    Args:
        f: As in `hessian`.
        x: As in `hessian`.
        *data: As in `hessian`.
        backend: As in `hessian`.
        method: A name from `hessbench list methods`, such as "trace-xtrace-m64-jit": XTrace with 64 products, and with
            "-m64s3-" from seed 3.
        dtype: As in `hessian`.
        device: As in `hessian`.
        framework: As in `hessian`.

    Returns:
        The trace, or its estimate.

    Raises:
        UsageError: As in `hessian`; also where an estimator has more products than x has variables, or too few, and
            where the trace is not finite.
        BackendUnavailable: The device is not there.
        NotScalar: f did not return a scalar array.
    """
    return _trace(f, x, data, How(backend, method, dtype, device, framework), "x")


def laplacian(
    f: Callable[..., Any],
    points: Any,
    *data: Any,
    backend: str | None = None,
    method: str | None = None,
    dtype: str = "float64",
    device: str = "cpu",
    framework: str | None = None,
) -> FloatArray:
    """The trace of the Hessian of f at each of b points, the rows of a matrix.

    Args:
        f: As in `hessian`, of one point (n,).
        points: The points, (b, n).
        *data: As in `hessian`, the same for all points.
        backend: As in `hessian`.
        method: A name from `hessbench list methods --operator trace`, or None.
        dtype: As in `hessian`.
        device: As in `hessian`.
        framework: As in `hessian`.

    Returns:
        The Laplacians, (b,).

    Raises:
        UsageError: As in `hessian`; also where the points are no matrix, or a Laplacian is not finite.
        BackendUnavailable: The device is not there.
        NotScalar: f did not return a scalar array.
    """
    try:
        rows_of = given.numbers(points, "points") if isinstance(points, list | tuple) else points
    except given.NotNumbers as error:
        raise UsageError(str(error)) from None
    vector, layout = start_vector(rows_of, "points")
    if layout is None or not layout.is_array or len(layout.shapes[0]) != 2:
        raise UsageError("points are no matrix (b, n); of one point hb.trace is the Laplacian")
    how = How(backend, method, dtype, device, framework)
    rows = enumerate(vector.reshape(layout.shapes[0]))
    return np.asarray([_trace(f, x, data, how, f"points[{place}]") for place, x in rows], dtype=how.dtype)


def _trace(f: Callable[..., Any], x: Any, data: tuple[Any, ...], how: How, where: str) -> float:
    """The trace at one point; a `UsageError` where it is not finite."""
    found = float(compute("trace", f, x, None, data, how))
    if not np.isfinite(found):
        raise UsageError(
            f"the trace of the Hessian of {name_of(f)} is {found} at {where}: an entry is not finite, or it leaves the "
            f"range of {how.dtype}; choose another x"
        )
    return found


def blocks(
    f: Callable[..., Any],
    params: Any,
    *data: Any,
    backend: str | None = None,
    method: str | None = None,
    dtype: str = "float64",
    device: str = "cpu",
    framework: str | None = None,
) -> dict[str, FloatArray]:
    """The diagonal blocks of the Hessian, one for each array of the parameters, without the rest.

    Examples:
        >>> import hessbench as hb
        >>> net = {"w": np.ones((2, 3)), "b": np.zeros(2)}
        >>> found = hb.blocks(lambda xp, p: xp.sum(p["w"] ** 3) * xp.sum(p["b"] ** 2), net, backend="numpy")
        >>> {name: block.shape for name, block in found.items()}
        {'w': (2, 3, 2, 3), 'b': (2, 2)}

    Args:
        f: As in `hessian`.
        params: A nested dict, list or tuple of arrays, or a structure of f's framework (a pytree).
        *data: As in `hessian`.
        backend: As in `hessian`.
        method: A name of a method for Hessians, or None.
        dtype: As in `hessian`.
        device: As in `hessian`.
        framework: As in `hessian`.

    Returns:
        The path to each array ("layers.0.weight"), and its block, of shape array.shape + array.shape.

    Raises:
        UsageError: As in `hessian`; also where the parameters are one array.
        BackendUnavailable: The device is not there.
        NotScalar: f did not return a scalar array.
    """
    mine = whose(f, framework, len(data), () if backend is None else (backend,))
    mine, (params,) = unfolded(mine, params)
    vector, layout = start_vector(params)
    if layout is None or layout.is_array:
        raise UsageError("params is one array, whose only block is its Hessian: hb.hessian gives that")
    leaves = [vector[layout.span(name)].reshape(shape) for name, shape in zip(layout.names, layout.shapes, strict=True)]
    how, found = How(backend, method, dtype, device, None), {}
    for index, (name, leaf) in enumerate(zip(layout.names, leaves, strict=True)):
        if not leaf.size:  # nothing to differentiate by
            found[name] = np.zeros(leaf.shape * 2, how.dtype)
            continue
        found[name] = np.asarray(compute("hessian", _of_one(mine, layout, index), leaf, None, (*leaves, *data), how))
    return found


def ggn_vp(
    outputs: Callable[..., Any],
    loss: Callable[..., Any],
    x: Any,
    v: Any,
    *data: Any,
    backend: str | None = None,
    method: str | None = None,
    dtype: str = "float64",
    device: str = "cpu",
    framework: str | None = None,
) -> FloatArray:
    """The generalized Gauss-Newton matrix J'LJ of loss(outputs(x)) times v: J of the outputs, L the loss's Hessian.

    It is the Hessian without the curvature of the outputs, and equal to it where they are linear, or where the loss has
    no slope.

    Examples:
        >>> import hessbench as hb
        >>> hb.ggn_vp(lambda xp, x: x**2, lambda xp, z: xp.sum(z**2), [1.0, 2.0], [1.0, 1.0], backend="numpy")
        array([ 8., 32.])

    Args:
        outputs: The model `outputs(xp, x, *data)`, written over the names of `hessbench.VOCABULARY`, or
            `outputs(x, *data)` in one framework's own functions; an array.
        loss: The loss `loss(xp, z, *data)` of the outputs, or `loss(z, *data)` likewise; a scalar.
        x: As in `hessian`.
        v: As in `hvp`.
        *data: Further arguments of both.
        backend: As in `hessian`.
        method: A name from `hessbench list methods --operator ggn-vp`, or None.
        dtype: As in `hessian`.
        device: As in `hessian`.
        framework: As in `hessian`, of both.

    Returns:
        The product, in the shape of x, with blocks as in `hvp`.

    Raises:
        UsageError: As in `hvp`; also where outputs or loss are no functions, or the product is not finite.
        BackendUnavailable: The device is not there.
        NotScalar: The loss did not return a scalar array.
    """
    if not callable(outputs) or not callable(loss):
        raise UsageError("a Gauss-Newton product needs outputs(xp, x, *data) and loss(xp, z, *data); f alone has none")
    how = How(backend, method, dtype, device, framework)
    points = (x,) if v is None else (x, v)
    f, (x, *vectors) = loss_of_outputs(outputs, loss, points, len(data), how)
    along = vectors[0] if vectors else None
    product = compute("ggn-vp", f, x, along, data, replace(how, framework=None))
    if not np.all(np.isfinite(product)):
        raise UsageError(
            "the Gauss-Newton product is not finite at x: a derivative of outputs or loss is not, or it leaves the "
            f"range of {how.dtype}; choose another x"
        )
    return product


def _of_one(f: Callable[..., Any], layout: Layout, index: int) -> Callable[..., Any]:
    """F as a function of one of its arrays; all of them come before the data, and that one is left unused."""
    count = len(layout.names)

    def portable(xp: Any, block: Any, *rest: Any) -> Any:
        return f(xp, rebuild(layout, [*rest[:index], block, *rest[index + 1 : count]]), *rest[count:])

    if not native_to(f):
        return with_lines_of(f, portable)
    assert isinstance(f, Problem)
    ((name, text),) = f.native.items()
    assert callable(text)

    def native(block: Any, *rest: Any) -> Any:
        return text(rebuild(layout, [*rest[:index], block, *rest[index + 1 : count]]), *rest[count:])

    return replace(f, native={name: with_lines_of(text, native)})

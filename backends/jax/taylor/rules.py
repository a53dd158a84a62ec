"""How one step of a program pushes value, slopes and the sum of second derivatives along.

Every rule but one is a short cut for steps of a kind; a step of no known kind is differentiated by nested `jax.jvp`,
which knows every primitive, custom rules included, and is mapped over the directions before it is summed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from operator import add
from typing import Any

import numpy as np

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.lazy import Lazy

jax = Lazy("jax")

Function = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Series:
    """A value that depends on x, along D directions.

    Attributes:
        value: The value, any shape.
        first: Its slopes, (D, *shape).
        second: The sum over the directions of its second derivatives, shape of the value.
    """

    value: Array
    first: Array
    second: Array


@dataclass(frozen=True, slots=True)
class Step:
    """One operation of the program.

    Attributes:
        name: Name of its primitive.
        apply: The operation: arrays to a list of arrays.
        parameters: Parameters of the primitive.
        shape: Shape of its first result.
    """

    name: str
    apply: Function
    parameters: Mapping[str, Any]
    shape: tuple[int, ...]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


AFFINE = _words(
    """
    add sub neg add_any copy copy_p reduce_sum reshape broadcast_in_dim squeeze expand_dims transpose slice rev
    pad concatenate gather dynamic_slice cumsum convert_element_type select_n reduce_precision real imag conj complex
    fft reduce_window_sum split
    """
)
"""Linear in all that depends on x together, but for a constant: no second derivative. (Indices, predicates and bounds
are whole numbers, which do not depend on x in this sense; what takes parts of complex numbers is linear over the real
ones, which is all that counts.)"""

ELEMENTWISE = _words(
    """
    tanh exp exp2 log log1p expm1 sin cos tan asin acos atan sinh cosh asinh acosh atanh sqrt rsqrt cbrt square
    integer_pow logistic erf erfc erf_inv lgamma digamma abs sign div pow atan2 max min
    """
)
"""Entry by entry: derivatives are arrays of the value's shape, and slopes multiply before they are summed."""

BILINEAR = frozenset(("mul", "dot_general", "conv_general_dilated"))
"""Linear in either of two factors; where only one depends on x, affine."""


def push(step: Step, values: Sequence[Any]) -> list[Any]:
    """What a step gives for arguments of which at least one depends on x.

    Args:
        step: The operation.
        values: Its arguments, arrays and `Series`.

    Returns:
        Its results, likewise; whole numbers depend on nothing.
    """
    varying = [i for i, value in enumerate(values) if isinstance(value, Series)]
    series = [values[i] for i in varying]

    def of(*moved: Array) -> list[Array]:
        """The step as a function of what depends on x alone."""
        inputs = list(values)
        for i, value in zip(varying, moved, strict=True):
            inputs[i] = value
        return list(step.apply(*inputs))

    affine = step.name in AFFINE or (step.name in BILINEAR and len(series) == 1)
    if affine or step.name in BILINEAR:
        if affine and step.name == "dot_general" and not any(step.parameters["dimension_numbers"][1]):
            return [_contracted(step, values)]
        own = None if affine else partial(_product, step)
    elif step.name in ELEMENTWISE and {one.value.shape for one in series} == {step.shape} and not _complex(series):
        return [_entry_by_entry(lambda *moved: of(*moved)[0], series)]
    else:
        own = partial(_nested, of)
    return _along(of, series, own)


def _complex(series: Sequence[Series]) -> bool:
    """Whether anything is complex, where a slope need not be one number: that of |z| is not."""
    return any(np.issubdtype(one.value.dtype, np.complexfloating) for one in series)


def _along(of: Function, series: Sequence[Series], own: Function | None) -> list[Any]:
    """First derivatives by `jax.jvp`; `own` gives the term of the step's own second derivative, None: there is none."""
    points = tuple(one.value for one in series)
    values, passed = jax.jvp(of, points, tuple(one.second for one in series))
    slopes = jax.vmap(lambda *first: jax.jvp(of, points, first)[1])(*(one.first for one in series))
    bent = own(series) if own else [0.0] * len(values)
    return [
        Series(value, first, second + more) if np.issubdtype(value.dtype, np.inexact) else value
        for value, first, second, more in zip(values, slopes, passed, bent, strict=True)
    ]


def _contracted(step: Step, values: Sequence[Any]) -> Series:
    """A product of a constant with what depends on x, which goes first: so the slopes lie in rows before and after."""
    # As the right factor they would be turned over, to columns and back: seen on a CPU, a quarter of the whole time.
    left, right = values
    turned = isinstance(right, Series)
    one, constant = (right, left) if turned else (left, right)
    axes = step.parameters["dimension_numbers"][0]
    own, other = reversed(axes) if turned else axes
    told = {name: step.parameters[name] for name in ("precision", "preferred_element_type")}

    def times_constant(array: Array, skipped: int) -> Array:
        numbers = ((tuple(i + skipped for i in own), tuple(other)), ((), ()))
        found = jax.lax.dot_general(array, constant, numbers, **told)
        free = constant.ndim - len(other)
        last = tuple(range(found.ndim - free, found.ndim))
        return jax.numpy.moveaxis(found, last, tuple(range(skipped, skipped + free))) if turned else found

    return Series(times_constant(one.value, 0), times_constant(one.first, 1), times_constant(one.second, 0))


def _nested(of: Function, series: Sequence[Series]) -> list[Any]:
    """The sum of g''[y1, y1] by jvp of jvp, for any step."""
    points = tuple(one.value for one in series)

    def bent(*first: Array) -> list[Array]:
        return list(jax.jvp(lambda *moved: jax.jvp(of, moved, first)[1], points, first)[1])

    return [_total(one) for one in jax.vmap(bent)(*(one.first for one in series))]


def _total(rows: Array) -> Array:
    """The sum over the directions; what has no derivative (whole numbers) has none here either."""
    return rows.sum(0) if np.issubdtype(rows.dtype, np.inexact) else rows[0]


def _product(step: Step, series: Sequence[Series]) -> list[Array]:
    """The sum of 2 g(a1, b1) for a product g: of a `dot_general` the directions are one more index to contract."""
    left, right = (one.first for one in series)
    if step.name != "dot_general":
        return [2 * jax.vmap(lambda a, b: step.apply(a, b)[0])(left, right).sum(0)]
    (over_left, over_right), (batch_left, batch_right) = step.parameters["dimension_numbers"]
    shifted = [tuple(i + 1 for i in axes) for axes in (over_left, over_right, batch_left, batch_right)]
    numbers = (((0, *shifted[0]), (0, *shifted[1])), (shifted[2], shifted[3]))
    told = {name: step.parameters[name] for name in ("precision", "preferred_element_type")}
    return [2 * jax.lax.dot_general(left, right, numbers, **told)]


def _entry_by_entry(of: Function, series: Sequence[Series]) -> Series:
    """Of g(a, b, ...) entry by entry: the sum of g_a a2, and of g_ab a1 b1 over all pairs, mixed ones twice."""
    points = tuple(one.value for one in series)
    count = len(points)

    def slope(i: int, *at: Array) -> Array:
        units = tuple(jax.numpy.full_like(value, float(i == j)) for j, value in enumerate(at))
        return jax.jvp(of, at, units)[1]

    def bend(i: int, j: int) -> Array:
        units = tuple(jax.numpy.full_like(value, float(j == k)) for k, value in enumerate(points))
        return jax.jvp(partial(slope, i), points, units)[1]

    value, slopes = of(*points), [slope(i, *points) for i in range(count)]
    first = reduce(add, (slope * one.first for slope, one in zip(slopes, series, strict=True)))
    second = reduce(add, (slope * one.second for slope, one in zip(slopes, series, strict=True)))
    for i in range(count):
        for j in range(i, count):
            pairs = (series[i].first * series[j].first).sum(0)
            second = second + (1 if i == j else 2) * bend(i, j) * pairs
    return Series(value, first, second)

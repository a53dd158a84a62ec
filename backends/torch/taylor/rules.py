"""How one step of a program pushes value, slopes and the sum of second derivatives along.

Every rule but one is a short cut for steps of a kind. A step of no known kind is differentiated in reverse mode only,
which in 2.13 is right where nested forward mode is wrong (linear algebra, normalization: pytorch#192540, #196699), and
mapped over the directions before it is summed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial, reduce
from operator import add
from typing import Any

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.lazy import Lazy

torch = Lazy("torch")
func = Lazy("torch.func")

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


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


CONSTANT = frozenset(("detach", "lift_fresh", "sign", "floor", "ceil", "round"))
"""What has no derivative, or is told to have none."""

LINEAR = _words(
    """
    neg clone alias view _unsafe_view reshape expand permute transpose t unsqueeze squeeze select slice split
    split_with_sizes unbind sum mean cumsum index gather index_select take diagonal diag_embed trace flip roll
    tril triu _to_copy unfold _fft_r2c _fft_c2c _fft_c2r view_as_real view_as_complex _conj _conj_physical
    resolve_conj real imag
    """
)
"""Linear in the one argument that may depend on x: slopes and second derivatives take the very same step. (What takes
parts of complex numbers is linear over the real ones, which is all that counts.)"""

AFFINE = LINEAR | _words(
    """
    add sub rsub copy cat stack where constant_pad_nd slice_scatter select_scatter diagonal_scatter index_put
    scatter_add index_add
    """
)
"""Linear in all that depends on x together, but for a constant: no second derivative. (Indices and conditions are whole
numbers, which do not depend on x in this sense.)"""

ELEMENTWISE = _words(
    """
    tanh exp exp2 log log2 log10 log1p expm1 sin cos tan asin acos atan sinh cosh asinh acosh atanh sqrt rsqrt
    square reciprocal sigmoid silu gelu softplus elu mish relu leaky_relu erf erfc erfinv lgamma digamma abs pow
    div atan2 maximum minimum logaddexp hypot
    """
)
"""Entry by entry: derivatives are arrays of the value's shape, and slopes multiply before they are summed."""

BILINEAR = frozenset(("mul", "mv", "mm", "bmm", "dot"))
"""Linear in either of two factors; where only one depends on x, affine."""

AFFINE_IN_EACH = BILINEAR | {"convolution"}
"""Affine where only one of its arguments depends on x."""


def _times(rows: Array, matrix: Array) -> Array:
    """Rows (..., k) times a matrix (k, n): one large product; as `@` it would become D small ones."""
    return (rows.reshape(-1, rows.shape[-1]) @ matrix).reshape(*rows.shape[:-1], matrix.shape[-1])


ROWS_TIMES: Mapping[str, tuple[Function, Function]] = {
    "mv": (lambda rows, v: rows @ v, lambda a, rows: _times(rows, a.mT)),
    "dot": (lambda rows, v: rows @ v, lambda v, rows: rows @ v),
    "mm": (_times, lambda a, rows: _times(rows.mT, a.mT).mT),
    "bmm": (lambda rows, b: rows @ b, lambda a, rows: a @ rows),
}
"""Products of slopes (D, ...) with a constant on the right or on the left."""


def push(name: str, apply: Function, leaves: Sequence[Any]) -> Any:
    """What a step gives for arguments of which at least one depends on x.

    Args:
        name: Name of the operation.
        apply: The operation: its arguments to an array, or a tuple or list of arrays.
        leaves: Its arguments, arrays, `Series` and whatever else it takes.

    Returns:
        Its results, likewise; whole numbers depend on nothing.
    """
    varying = [i for i, leaf in enumerate(leaves) if isinstance(leaf, Series)]
    series = [leaves[i] for i in varying]

    def of(*moved: Array) -> Any:
        """The step as a function of what depends on x alone."""
        inputs = list(leaves)
        for i, value in zip(varying, moved, strict=True):
            inputs[i] = value
        return apply(*inputs)

    if name in CONSTANT:
        return of(*(one.value for one in series))
    if name in ROWS_TIMES and len(series) == 1:
        return _contracted(ROWS_TIMES[name][varying[0]], leaves[1 - varying[0]], varying[0], of, series[0])
    if name in LINEAR and not any(isinstance(leaf, torch.Tensor) and _smooth(leaf) for leaf in leaves):
        return _passed_on(of, series[0])
    if name in ("add", "sub") and len(series) == 1 and len(leaves) == 2:
        return _moved(of, series, -1 if name == "sub" and varying[0] else 1)
    if name in ELEMENTWISE and not any(one.value.is_complex() for one in series):
        value = of(*(one.value for one in series))
        if {one.value.shape for one in series} == {value.shape}:
            return _entry_by_entry(of, series, value)
    if name in AFFINE or (name in AFFINE_IN_EACH and len(series) == 1):
        return _along(of, series)
    return _product(of, series) if name in BILINEAR else _reverse(of, series)


def _jvp(of: Function, points: Sequence[Array], tangents: Sequence[Array]) -> tuple[Array, Array]:
    """`func.jvp`, which writes to tangents, laid out as the points are: neither may have been expanded."""
    found: tuple[Array, Array] = func.jvp(of, tuple(map(_spread, points)), tuple(map(_spread, tangents)))
    return found


def _spread(array: Array) -> Array:
    """The array, none of whose numbers lie in the same place."""
    expanded = any(step == 0 and size > 1 for step, size in zip(array.stride(), array.shape, strict=True))
    return array.clone(memory_format=torch.contiguous_format) if expanded else array


def _along(of: Function, series: Sequence[Series]) -> Series:
    """A step without second derivative."""
    points = tuple(one.value for one in series)
    value, second = _jvp(of, points, tuple(one.second for one in series))
    first = func.vmap(lambda *first: _jvp(of, points, first)[1])(*(one.first for one in series))
    return Series(value, first, second)


def _product(of: Function, series: Sequence[Series]) -> Series:
    """A product g of two that depend on x: to the second derivative come 2 g(a1, b1)."""
    found, products = _along(of, series), func.vmap(of)(*(one.first for one in series))
    return replace(found, second=found.second + 2 * products.sum(0))


def _passed_on(of: Function, one: Series) -> Any:
    """A linear step, taken by value, slopes and second derivatives alike."""
    value, first, second = of(one.value), func.vmap(of)(one.first), of(one.second)
    if isinstance(value, torch.Tensor):
        return Series(value, first, second) if _smooth(value) else value
    return [Series(*parts) for parts in zip(value, first, second, strict=True)]


def _moved(of: Function, series: Sequence[Series], sign: int) -> Series:
    """A constant added: nothing is copied, as mapping the step would do, unless that makes the array larger."""
    (one,) = series
    value = of(one.value)
    if value.shape != one.value.shape or value.dtype != one.value.dtype:
        return _along(of, series)
    return Series(value, one.first, one.second) if sign == 1 else Series(value, -one.first, -one.second)


def _reverse(of: Function, series: Sequence[Series]) -> Any:
    """Any step, in reverse mode: q(x, u) = u'J(x)v is linear in u, and so is its slope r along v in x."""
    # Hence Jv and g''[v, v] are the gradients of q and r with respect to u.
    points, values = tuple(one.value for one in series), of(*(one.value for one in series))
    single = isinstance(values, torch.Tensor)
    results = [values] if single else list(values)
    smooth = [i for i, result in enumerate(results) if _smooth(result)]
    if not smooth:  # comparisons, indices
        return values
    unknown = tuple(torch.zeros_like(results[i]) for i in smooth)

    def chosen(*moved: Array) -> tuple[Array, ...]:
        found = of(*moved)
        return tuple([found][i] if single else found[i] for i in smooth)

    def slope(u: tuple[Array, ...], moved: tuple[Array, ...], v: tuple[Array, ...]) -> Array:
        return _inner(func.vjp(chosen, *moved)[1](u), v)

    def bend(u: tuple[Array, ...], v: tuple[Array, ...]) -> Array:
        return _inner(func.grad(slope, argnums=1)(u, points, v), v)

    along = tuple(one.first for one in series)
    first = func.vmap(lambda *v: func.grad(slope)(unknown, points, v))(*along)
    terms = func.vmap(lambda *v: func.grad(bend)(unknown, v))(*along)
    passed = func.grad(slope)(unknown, points, tuple(one.second for one in series))
    for i, rows, own, more in zip(smooth, first, terms, passed, strict=True):
        results[i] = Series(results[i], rows, more + own.sum(0))
    return results[0] if single else results


def _inner(left: Sequence[Array], right: Sequence[Array]) -> Array:
    """The sum of products, for which a complex number is a pair of real ones, as it is in PyTorch's gradients."""
    pairs = ((_in_pairs(a), _in_pairs(b)) for a, b in zip(left, right, strict=True))
    return reduce(add, ((a * b).sum() for a, b in pairs))


def _in_pairs(array: Array) -> Array:
    return torch.stack([array.real, array.imag]) if array.is_complex() else array


def _smooth(array: Array) -> bool:
    """Whether an array may have derivatives: whole numbers and truth values have none."""
    return bool(array.is_floating_point() or array.is_complex())


def _contracted(times: Function, constant: Array, place: int, of: Function, one: Series) -> Series:
    """A product of a constant with what depends on x."""
    first = times(one.first, constant) if place == 0 else times(constant, one.first)
    return Series(of(one.value), first, of(one.second))


def _entry_by_entry(of: Function, series: Sequence[Series], value: Array) -> Series:
    """Of g(a, b, ...) entry by entry: the sum of g_a a2, and of g_ab a1 b1 over all pairs, mixed ones twice."""
    points = tuple(one.value for one in series)
    count = len(points)

    def units(i: int, at: Sequence[Array]) -> tuple[Array, ...]:
        return tuple(torch.full_like(value, float(i == j)) for j, value in enumerate(at))

    def slope(i: int, *at: Array) -> Array:
        return _jvp(of, at, units(i, at))[1]

    def bend(i: int, j: int) -> Array:
        return _jvp(partial(slope, i), points, units(j, points))[1]

    slopes = [slope(i, *points) for i in range(count)]
    first = reduce(add, (slope * one.first for slope, one in zip(slopes, series, strict=True)))
    second = reduce(add, (slope * one.second for slope, one in zip(slopes, series, strict=True)))
    for i in range(count):
        for j in range(i, count):
            pairs = (series[i].first * series[j].first).sum(0)
            second = second + (1 if i == j else 2) * bend(i, j) * pairs
    return Series(value, first, second)

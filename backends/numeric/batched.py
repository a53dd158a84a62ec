"""One evaluation of f at many points: arrays of the objective with an axis for the points in front, unseen by f.

Finite differences ask for f at thousands of points; NumPy spends most of that time between its calls. Here `Batch`
stands for m arrays of one shape, stored as (m, *shape), and shows that shape only; `namespace` has the names of the
vocabulary for it. What is the same at every point (data, constants) stays a plain array. An objective that leaves the
vocabulary, or asks for a plain number (`if x[0] > 0`, `float(x[0])`), meets a `TypeError`: then there is no batch,
and `evaluation` goes point by point.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from hessbench.backends.contract.arrays import FloatArray
from hessbench.backends.contract.namespace import ELEMENTWISE
from hessbench.backends.numeric import extended_linalg


class Batch(NDArrayOperatorsMixin):
    """m arrays of one shape.

    Args:
        values: The m arrays, stacked: shape (m, *shape).
    """

    __slots__ = ("values",)

    def __init__(self, values: FloatArray) -> None:
        self.values = values

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one array, without the axis of the points."""
        return self.values.shape[1:]

    @property
    def ndim(self) -> int:
        """The number of axes of one array."""
        return self.values.ndim - 1

    @property
    def size(self) -> int:
        """The number of entries of one array."""
        return int(np.prod(self.shape))

    @property
    def dtype(self) -> Any:
        """The dtype of all arrays."""
        return self.values.dtype

    @property
    def T(self) -> Batch:  # noqa: N802
        """The arrays, each transposed."""
        return permute_dims(self, tuple(reversed(range(self.ndim))))

    def __array__(self, *arguments: Any, **options: Any) -> Any:
        raise TypeError("a batch of arrays is not one array")

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        if method != "__call__" or options:
            return NotImplemented
        if ufunc is np.matmul:  # the operator @: its axes are matched from behind, so `aligned` would be wrong
            return matmul(*inputs)
        return Batch(ufunc(*aligned(*inputs)))

    def __getitem__(self, key: Any) -> Batch:
        keys = key if isinstance(key, tuple) else (key,)
        if any(isinstance(part, Batch) for part in keys):
            raise TypeError("an index that depends on x has no batch")
        return Batch(self.values[(slice(None), *keys)])

    def __len__(self) -> int:
        return self.shape[0]

    def __iter__(self) -> Iterator[Batch]:
        return (self[i] for i in range(len(self)))

    def __bool__(self) -> bool:
        raise TypeError("the truth of a batch differs from point to point")

    __float__ = __int__ = __index__ = __bool__


def aligned(*arrays: Any) -> list[Any]:
    """The storage of batches, with axes of length one behind the first so that they broadcast together.

    Broadcasting matches axes from behind: (m, 3) beside (2, 3) would otherwise take the m points for rows.

    Returns:
        The storage, batch by batch; plain arrays as they are.
    """
    ndim = max(map(_ndim, arrays))
    return [
        a.values.reshape(len(a.values), *(1,) * (ndim - a.ndim), *a.shape) if isinstance(a, Batch) else a
        for a in arrays
    ]


def spread(array: Any, like: Batch) -> FloatArray:
    """The storage of a batch; of a plain array, the same one for all points."""
    if isinstance(array, Batch):
        return array.values
    plain = np.asarray(array)
    return np.broadcast_to(plain, (len(like.values), *plain.shape))


def _axes(axis: Any, ndim: int) -> Any:
    """Axes of each array as axes of the storage."""
    if axis is None:
        return tuple(range(1, ndim + 1))
    if isinstance(axis, tuple | list):
        return tuple(_axes(one, ndim) for one in axis)
    return operator.index(axis) % ndim + 1 if ndim else axis


def _first(*arrays: Any) -> Batch | None:
    return next((a for a in arrays if isinstance(a, Batch)), None)


def _plain_or(rule: Callable[..., Any], function: Callable[..., Any]) -> Callable[..., Any]:
    """NumPy's function where no batch is met, else the rule."""

    def apply(first: Any, *rest: Any, **options: Any) -> Any:
        listed = first if isinstance(first, list | tuple) else (first,)
        met = _first(*listed, *rest, *options.values())
        return function(first, *rest, **options) if met is None else rule(first, *rest, **options)

    return apply


def _elementwise(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *arrays: Batch(function(*aligned(*arrays)))


def _reduction(function: Callable[..., Any]) -> Callable[..., Any]:
    def reduce(x: Batch, axis: Any = None, keepdims: bool = False) -> Batch:
        return Batch(function(x.values, axis=_axes(axis, x.ndim), keepdims=keepdims))

    return reduce


def _flat(x: Batch) -> Batch:
    return reshape(x, (-1,))


def reshape(x: Batch, shape: Any) -> Batch:
    """Each array in another shape: the axis of the points stays in front."""
    sizes = tuple(shape) if isinstance(shape, tuple | list) else (shape,)
    return Batch(np.reshape(x.values, (len(x.values), *sizes)))


def permute_dims(x: Batch, axes: Sequence[int]) -> Batch:
    """The axes of each array in another order, that of the points not among them."""
    return Batch(np.transpose(x.values, (0, *_axes(tuple(axes), x.ndim))))


def broadcast_to(x: Batch, shape: Any) -> Batch:
    """Each array repeated along new axes, which come behind that of the points."""
    sizes = tuple(shape) if isinstance(shape, tuple | list) else (shape,)
    (values, _) = aligned(x, np.empty(sizes))
    return Batch(np.broadcast_to(values, (len(x.values), *sizes)))


def concat(arrays: Sequence[Any], axis: int | None = 0) -> Batch:
    """Arrays joined along an axis of theirs; a plain one is the same at every point."""
    like = _first(*arrays)
    assert like is not None
    parts = [Batch(spread(a, like)) for a in arrays]
    if axis is None:
        parts, axis = [_flat(part) for part in parts], 0
    return Batch(np.concatenate([part.values for part in parts], axis=_axes(axis, parts[0].ndim)))


def stack(arrays: Sequence[Any], axis: int = 0) -> Batch:
    """Arrays joined along a new axis of theirs; a plain one is the same at every point."""
    like = _first(*arrays)
    assert like is not None
    return Batch(np.stack([spread(a, like) for a in arrays], axis=_axes(axis, like.ndim + 1)))


def expand_dims(x: Batch, axis: int = 0) -> Batch:
    """An axis of length one among those of each array."""
    return Batch(np.expand_dims(x.values, _axes(axis, x.ndim + 1)))


def squeeze(x: Batch, axis: Any) -> Batch:
    """Each array without an axis of length one; that of the points is never taken for it."""
    return Batch(np.squeeze(x.values, axis=_axes(axis, x.ndim)))


def flip(x: Batch, axis: Any = None) -> Batch:
    """The entries of each array in reverse order along its axes, all of them without a choice."""
    return Batch(np.flip(x.values, axis=_axes(axis, x.ndim)))


def roll(x: Batch, shift: Any, axis: Any = None) -> Batch:
    """The entries of each array shifted along an axis, or through all of them in turn as in NumPy."""
    if axis is None:
        return reshape(roll(_flat(x), shift, 0), x.shape)
    return Batch(np.roll(x.values, shift, axis=_axes(axis, x.ndim)))


def take(x: Batch, indices: Any, axis: int | None = None) -> Batch:
    """Entries of each array by number; without an axis, of the array laid flat."""
    if axis is None:
        return take(_flat(x), indices, 0)
    return Batch(np.take(x.values, indices, axis=_axes(axis, x.ndim)))


def cumulative_sum(x: Batch, axis: int | None = None) -> Batch:
    """Running sums along an axis of each array; a vector has only one."""
    return Batch(np.cumulative_sum(x.values, axis=_axes(0 if axis is None else axis, x.ndim)))


def matmul(a: Any, b: Any) -> Batch:
    """The matrix product at every point; where one factor is the same at all points, one product for all of them."""
    left, right = _ndim(a), _ndim(b)
    if left == 2 and right == 1 and not isinstance(a, Batch):
        return Batch(np.dot(b.values, np.asarray(a).T))  # one product for all points
    if left == right == 2 and not isinstance(a, Batch):
        return Batch(np.moveaxis(np.tensordot(a, b.values, axes=(1, 1)), 0, 1))
    if left == 1 and right == 2 and not isinstance(b, Batch):
        return Batch(np.dot(a.values, np.asarray(b)))
    # Vectors as matrices of one row or column, so that NumPy does not take the axis of the points for one of theirs.
    first = a[None, :] if left == 1 else a
    second = b[:, None] if right == 1 else b
    product = np.matmul(*aligned(first, second))
    product = product[..., 0] if right == 1 else product
    return Batch(np.squeeze(product, axis=-2 if right > 1 else -1) if left == 1 else product)


def _ndim(array: Any) -> int:
    return array.ndim if isinstance(array, Batch) else np.ndim(array)


def vecdot(a: Any, b: Any, axis: int = -1) -> Batch:
    """Sums of products along one axis, the first factor conjugated, of pairs of arrays that broadcast together."""
    first, second = aligned(a, b)
    product = Batch(np.multiply(np.conj(first), second))
    return Batch(np.sum(product.values, axis=_axes(axis, product.ndim)))


def tensordot(a: Any, b: Any, axes: Any = 2) -> Batch:
    """Sums of products over pairs of axes, at every point.

    Every axis gets a number, as in `einsum`: 0 is that of the points, and two axes that are summed over share one.

    Returns:
        A batch with the axes of a that are left, then those of b.
    """
    left, right = _ndim(a), _ndim(b)
    if isinstance(axes, int):
        axes = (range(left - axes, left), range(axes))
    over = [[part] if isinstance(part, int) else list(part) for part in axes]
    names_a, names_b = list(range(1, left + 1)), list(range(left + 1, left + right + 1))
    for i, j in zip(*over, strict=True):
        names_b[j] = names_a[i]
    # What is left over comes in the order of a, then of b, behind the axis of the points.
    shared = {names_a[i] for i in over[0]}
    result = [0, *(k for k in [*names_a, *names_b] if k not in shared)]
    sides = [
        (x.values, [0, *names]) if isinstance(x, Batch) else (np.asarray(x), names)
        for x, names in ((a, names_a), (b, names_b))
    ]
    return Batch(np.einsum(*sides[0], *sides[1], result))


def outer(a: Any, b: Any) -> Batch:
    """All products of the entries of two vectors, at every point."""
    return Batch(np.multiply(*aligned(a[:, None], b[None, :])))


def solve(a: Any, b: Any) -> Batch:
    """The solutions of A X = B at every point; a vector b is a vector at every point, not a matrix of all of them."""
    like = _first(a, b)
    assert like is not None
    left, right = spread(a, like), spread(b, like)
    if right.ndim == 2:
        return Batch(_linalg(like).solve(left, right[..., None])[..., 0])
    return Batch(_linalg(like).solve(left, right))


def _linalg(x: Batch) -> Any:
    return extended_linalg.namespace.linalg if x.dtype == np.longdouble != np.float64 else np.linalg


def _by_matrix(name: str) -> Callable[[Batch], Any]:
    """Functions of the last two axes, which NumPy maps over those in front."""

    def apply(x: Batch) -> Any:
        found = getattr(_linalg(x), name)(x.values)
        return tuple(map(Batch, found)) if isinstance(found, tuple) else Batch(found)

    return apply


def _like(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, **options: function(np.empty(x.shape, dtype=x.dtype), **options)


def _triangle(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x, k=0: Batch(function(x.values, k=k))


def asarray(x: Any, dtype: Any = None) -> Batch:
    """A batch of what is given: itself, or nested lists with batches in them, stacked."""
    array = x if isinstance(x, Batch) else stack([asarray(part) if isinstance(part, list) else part for part in x])
    return Batch(array.values.astype(dtype)) if dtype else array


_RULES: dict[str, Callable[..., Any]] = {
    **{name: _elementwise(getattr(np, name)) for name in ELEMENTWISE},
    **{name: _reduction(getattr(np, name)) for name in ("max", "mean", "min", "prod", "sum")},
    "asarray": asarray,
    "ones_like": _like(np.ones_like),
    "zeros_like": _like(np.zeros_like),
    "tril": _triangle(np.tril),
    "triu": _triangle(np.triu),
    "broadcast_to": broadcast_to,
    "concat": concat,
    "expand_dims": expand_dims,
    "flip": flip,
    "matrix_transpose": lambda x: Batch(np.matrix_transpose(x.values)),
    "permute_dims": permute_dims,
    "reshape": reshape,
    "roll": roll,
    "squeeze": squeeze,
    "stack": stack,
    "take": take,
    "cumulative_sum": cumulative_sum,
    "matmul": matmul,
    "tensordot": tensordot,
    "vecdot": vecdot,
}

_LINALG: dict[str, Callable[..., Any]] = {
    **{name: _by_matrix(name) for name in ("cholesky", "det", "diagonal", "eigvalsh", "inv", "slogdet", "trace")},
    "outer": outer,
    "solve": solve,
}


class _Linalg:
    def __getattr__(self, name: str) -> Any:
        plain = getattr(extended_linalg.namespace.linalg, name)
        return _plain_or(_LINALG[name], plain) if name in _LINALG else plain


class _Namespace:
    """NumPy for arrays and batches; what is not in the vocabulary raises a `TypeError` for a batch."""

    linalg = _Linalg()

    def __getattr__(self, name: str) -> Any:
        plain = getattr(np, name)
        return _plain_or(_RULES[name], plain) if name in _RULES else plain


namespace = _Namespace()

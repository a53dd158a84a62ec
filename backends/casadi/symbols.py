"""Arrays of CasADi symbols with any number of axes; CasADi itself has matrices only.

The entries are one dense column in NumPy's order (the last axis fastest), whatever the shape. CasADi's own order is
the other one, so a column of r * c entries reshaped by CasADi to (c, r) is the transpose of the array (r, c), at no
cost. What moves entries without computing (slices, transposes, broadcasting) is done by NumPy on the positions of the
entries, once, while tracing: `arrange`.

The same class serves both of CasADi's expression types: SX, a graph of scalars, and MX, a graph of matrices.
Constants are NumPy arrays, which `lift` turns into CasADi's numbers (DM); an operation on those folds at once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, Self

import numpy as np

from hessbench.backends.casadi.lacks import NO_BITS
from hessbench.backends.contract.errors import Unsupported
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.standard.lacking import NO_COMPLEX, sentence

ca = Lazy("casadi")

Shape = tuple[int, ...]
Transform = Callable[..., Any]
"""A function of NumPy arrays that moves, repeats or drops entries."""


class Symbols:
    """An array of expressions.

    Args:
        entries: A column of CasADi's type DM, SX or MX, in NumPy's order.
        shape: The array's shape.
        dtype: What the entries stand for; CasADi computes in double precision whatever it is.
    """

    __slots__ = ("dtype", "entries", "shape")
    __array_ufunc__ = None
    """NumPy's operators leave it to ours: `np.ones(3) * x` is `x.__rmul__`."""

    def __init__(self, entries: Any, shape: Shape, dtype: Any = np.float64) -> None:
        self.entries = ca.densify(entries)
        self.shape = shape
        self.dtype = np.dtype(dtype)

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of entries."""
        return math.prod(self.shape)

    @property
    def mT(self) -> Symbols:  # noqa: N802 - the standard's name
        """The last two axes exchanged."""
        return arrange(lambda positions: np.matrix_transpose(positions), self)

    @property
    def T(self) -> Symbols:  # noqa: N802 - the standard's name
        """The transpose of a matrix."""
        if self.ndim != 2:
            raise ValueError(f".T is for matrices, and this has shape {self.shape}; write xp.permute_dims")
        return self.mT

    def __len__(self) -> int:
        return self.shape[0]

    def __iter__(self) -> Iterator[Self]:
        return (self[i] for i in range(len(self)))

    def __bool__(self) -> bool:
        raise TypeError("a symbol has no value while the objective is traced; use the namespace's where")

    __float__ = __index__ = __bool__

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        raise TypeError("NumPy cannot hold symbols; use the namespace's functions")

    def __getitem__(self, key: Any) -> Any:
        if any(isinstance(k, Symbols) for k in (key if isinstance(key, tuple) else (key,))):
            raise Unsupported("x[indices] is not possible in CasADi where indices are data: write xp.take(x, indices)")
        return arrange(lambda positions: positions[key], self)

    def __neg__(self) -> Symbols:
        return Symbols(-self.entries, self.shape, self.dtype)

    def __pos__(self) -> Self:
        return self

    def __abs__(self) -> Symbols:
        return elementwise(ca.fabs, self)

    def __add__(self, other: Any) -> Symbols:
        return _of_truths(ca.logic_or, ca.plus, self, other)

    def __radd__(self, other: Any) -> Symbols:
        return _of_truths(ca.logic_or, ca.plus, other, self)

    def __sub__(self, other: Any) -> Symbols:
        return elementwise(ca.minus, self, other)

    def __rsub__(self, other: Any) -> Symbols:
        return elementwise(ca.minus, other, self)

    def __mul__(self, other: Any) -> Symbols:
        return _of_truths(ca.logic_and, ca.times, self, other)

    def __rmul__(self, other: Any) -> Symbols:
        return _of_truths(ca.logic_and, ca.times, other, self)

    def __truediv__(self, other: Any) -> Symbols:
        return elementwise(ca.rdivide, self, other)

    def __rtruediv__(self, other: Any) -> Symbols:
        return elementwise(ca.rdivide, other, self)

    def __pow__(self, other: Any) -> Symbols:
        return elementwise(ca.power, self, other)

    def __rpow__(self, other: Any) -> Symbols:
        return elementwise(ca.power, other, self)

    def __matmul__(self, other: Any) -> Symbols:
        return matmul(self, other)

    def __rmatmul__(self, other: Any) -> Symbols:
        return matmul(other, self)

    def __floordiv__(self, other: Any) -> Symbols:
        return elementwise(_floor_divide, self, other)

    def __rfloordiv__(self, other: Any) -> Symbols:
        return elementwise(_floor_divide, other, self)

    def __mod__(self, other: Any) -> Symbols:
        return elementwise(_remainder, self, other)

    def __rmod__(self, other: Any) -> Symbols:
        return elementwise(_remainder, other, self)

    def __lt__(self, other: Any) -> Symbols:
        return truth(ca.lt, self, other)

    def __le__(self, other: Any) -> Symbols:
        return truth(ca.le, self, other)

    def __gt__(self, other: Any) -> Symbols:
        return truth(ca.gt, self, other)

    def __ge__(self, other: Any) -> Symbols:
        return truth(ca.ge, self, other)

    def __eq__(self, other: object) -> Any:
        return truth(ca.eq, self, other)

    def __ne__(self, other: object) -> Any:
        return truth(ca.ne, self, other)

    def __and__(self, other: Any) -> Symbols:
        return truth(ca.logic_and, _boolean(self), _boolean(other))

    def __or__(self, other: Any) -> Symbols:
        return truth(ca.logic_or, _boolean(self), _boolean(other))

    def __xor__(self, other: Any) -> Symbols:
        return truth(ca.ne, _boolean(self), _boolean(other))

    def __invert__(self) -> Symbols:
        return truth(ca.logic_not, _boolean(self))

    __rand__, __ror__, __rxor__ = __and__, __or__, __xor__

    __hash__ = None  # type: ignore[assignment]


def symbols(kind: Any, like: Any) -> Symbols:
    """Fresh symbols of CasADi's SX or MX, as many as an array has entries."""
    return Symbols(kind.sym("a", math.prod(like.shape)), tuple(like.shape), like.dtype)


def lift(a: Any) -> Symbols:
    """A number or a NumPy array as constants; symbols as they are. Complex ones are `Unsupported`."""
    if isinstance(a, Symbols):
        return a
    a = np.asarray(a)
    if np.iscomplexobj(a):
        raise Unsupported(f"a complex number beside x is not possible in CasADi: {NO_COMPLEX}")
    return Symbols(ca.DM(a.ravel().astype(np.float64)), a.shape, a.dtype)


def traced(f: Callable[..., Any], x: Symbols, *data: Any) -> Symbols:
    """What f returns at symbols, in their own type: a constant f returns numbers, which have no derivatives."""
    value = lift(f(x, *data))
    return Symbols(type(x.entries)(value.entries), value.shape, value.dtype)


def arrange(transform: Transform, *arrays: Any) -> Symbols:
    """The entries of the arrays, moved as `transform` moves those of NumPy arrays of the same shapes."""
    lifted = [lift(a) for a in arrays]
    starts = np.cumsum([0, *(a.size for a in lifted)])
    positions = [np.arange(s, s + a.size).reshape(a.shape) for s, a in zip(starts, lifted, strict=False)]
    moved = np.asarray(transform(*positions))
    entries = lifted[0].entries if len(lifted) == 1 else ca.vertcat(*(a.entries for a in lifted))
    chosen = moved.ravel()
    if not np.array_equal(chosen, np.arange(starts[-1])):
        entries = ca.vec(entries.nz[chosen.tolist()])  # of a single entry CasADi makes a row
    return Symbols(entries, moved.shape, np.result_type(*(a.dtype for a in lifted)))


def elementwise(operation: Callable[..., Any], *arrays: Any) -> Symbols:
    """An operation on the entries of arrays that are broadcast against each other."""
    lifted = [lift(a) for a in arrays]
    shape = np.broadcast_shapes(*(a.shape for a in lifted))
    # CasADi repeats a single entry itself
    fitted = [a if a.size == 1 or a.shape == shape else broadcast_to(a, shape) for a in lifted]
    return Symbols(operation(*(a.entries for a in fitted)), shape)


def truth(operation: Callable[..., Any], *arrays: Any) -> Symbols:
    """An operation whose results are true or false."""
    found = elementwise(operation, *arrays)
    return Symbols(found.entries, found.shape, np.bool_)


def _of_truths(logical: Callable[..., Any], operation: Callable[..., Any], a: Any, b: Any) -> Symbols:
    """An operation that is another one where both are true or false: then so is the result."""
    a, b = lift(a), lift(b)
    return truth(logical, a, b) if a.dtype == b.dtype == np.bool_ else elementwise(operation, a, b)


def _boolean(a: Any) -> Symbols:
    a = lift(a)
    if a.dtype != np.bool_:
        raise Unsupported(sentence("CasADi", "bitwise_and", NO_BITS))
    return a


def _floor_divide(a: Any, b: Any) -> Any:
    return ca.floor(a / b)


def _remainder(a: Any, b: Any) -> Any:
    return a - b * ca.floor(a / b)


def broadcast_to(a: Any, shape: Shape) -> Symbols:
    """Repeated along new and unit axes."""
    return arrange(lambda positions: np.broadcast_to(positions, shape), a)


def to_matrix(a: Symbols) -> Any:
    """CasADi's matrix of an array (r, c)."""
    return ca.reshape(a.entries, a.shape[1], a.shape[0]).T


def from_matrix(matrix: Any) -> Symbols:
    """The array (r, c) of CasADi's matrix."""
    return Symbols(ca.vec(matrix.T), tuple(matrix.shape), np.float64)


def matmul(a: Any, b: Any) -> Symbols:
    """The matrix product with the standard's rules for vectors and stacks of matrices."""
    a, b = lift(a), lift(b)
    left = arrange(lambda i: i[None, :], a) if a.ndim == 1 else a
    right = arrange(lambda i: i[:, None], b) if b.ndim == 1 else b
    stack = np.broadcast_shapes(left.shape[:-2], right.shape[:-2])
    (r, m), c = left.shape[-2:], right.shape[-1]
    lefts = broadcast_to(left, (*stack, r, m)).entries if stack else left.entries
    rights = broadcast_to(right, (*stack, m, c)).entries if stack else right.entries
    count = math.prod(stack)
    pairs = zip(_split(lefts, r * m, count), _split(rights, m * c, count), strict=True)
    # The transpose of the product, by the transposes of the factors: see the top of this file.
    products = [ca.vec(ca.mtimes(ca.reshape(q, c, m), ca.reshape(p, m, r))) for p, q in pairs]
    shape = (*stack, *((r,) if a.ndim > 1 else ()), *((c,) if b.ndim > 1 else ()))
    return Symbols(ca.vertcat(*products), shape)


def _split(entries: Any, size: int, count: int) -> list[Any]:
    """Consecutive parts of a column, which may be empty."""
    return ca.vertsplit(entries, size) if size and count > 1 else [entries] * count

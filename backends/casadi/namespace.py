"""The closed vocabulary (`backends.contract.namespace`) over arrays of CasADi symbols."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache, partial
from types import SimpleNamespace
from typing import Any

import numpy as np

from hessbench.backends.casadi import linalg
from hessbench.backends.casadi.lacks import LACKS
from hessbench.backends.casadi.symbols import Symbols, arrange, broadcast_to, elementwise, lift, matmul, truth
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.standard import compositions, lacking

ca = Lazy("casadi")

Axis = int | tuple[int, ...] | None

ELEMENTWISE = {
    **{
        name: name
        for name in (
            "acos",
            "acosh",
            "asin",
            "asinh",
            "atan",
            "atan2",
            "atanh",
            "cos",
            "ceil",
            "cosh",
            "exp",
            "expm1",
            "floor",
            "log",
            "log10",
            "log1p",
            "sign",
            "sin",
            "sinh",
            "sqrt",
            "tan",
            "tanh",
        )
    },
    "abs": "fabs",
    "maximum": "fmax",
    "minimum": "fmin",
    "pow": "power",
}
"""The standard's name -> CasADi's."""

MOVING = {
    "expand_dims": np.expand_dims,
    "flip": np.flip,
    "matrix_transpose": np.matrix_transpose,
    "permute_dims": np.permute_dims,
    "reshape": np.reshape,
    "roll": np.roll,
    "squeeze": np.squeeze,
}
"""What only moves entries: NumPy does it to their positions."""


NUMPYS = (
    *("arange", "empty", "eye", "ones", "zeros", "e", "inf", "nan", "newaxis", "pi"),
    *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    *("float32", "float64", "complex64", "complex128", "can_cast", "finfo", "iinfo", "isdtype", "result_type"),
)
"""What is NumPy's own: constants, dtypes, and arrays made from nothing."""


def _xor(a: Any, b: Any) -> Any:
    return ca.logic_not(a) != ca.logic_not(b)


def _moving(function: Any) -> Callable[..., Symbols]:
    return lambda x, *args, **kwargs: arrange(lambda positions: function(positions, *args, **kwargs), x)


def round(x: Any) -> Symbols:
    """Rounded to the nearest integer, halves to the even one."""

    def nearest(a: Any) -> Any:
        up = ca.floor(a + 0.5)
        return ca.if_else(ca.logic_and(up - a == 0.5, ca.fmod(up, 2) != 0), up - 1, up)

    return elementwise(nearest, x)


def astype(x: Any, dtype: Any, *, copy: bool = True, device: Any = None) -> Any:
    """The array in another dtype: of integers without what is behind the point, of Booleans whether it is zero."""
    x = lift(x)
    if np.isdtype(np.dtype(dtype), "integral") and x.dtype.kind == "f":
        x = elementwise(lambda a: ca.if_else(a < 0, ca.ceil(a), ca.floor(a)), x)
    return x != 0 if np.dtype(dtype) == np.bool_ else Symbols(x.entries, x.shape, dtype)


def square(x: Any) -> Symbols:
    """The product of x with itself."""
    return elementwise(lambda a: a * a, x)


def log2(x: Any) -> Symbols:
    """Logarithm to base 2."""
    return elementwise(lambda a: ca.log(a) / np.log(2.0), x)


def logaddexp(a: Any, b: Any) -> Symbols:
    """log(exp(a) + exp(b)) as the larger one + log1p(exp(-|a - b|)).

    Written so that the branches join smoothly: fabs and fmax have derivatives of their own at a tie. Two that are
    infinite alike have no difference.

    Returns:
        The entries, in the shape that a and b broadcast to.
    """

    def joined(a: Any, b: Any) -> Any:
        d = ca.if_else(ca.logic_and(a == b, ca.fabs(b) == np.inf), 0, a - b)
        return ca.if_else(d > 0, a, b) + ca.log1p(ca.exp(ca.if_else(d > 0, -d, d)))

    return elementwise(joined, a, b)


def where(condition: Any, x: Any, y: Any) -> Symbols:
    """Entries of x or y."""
    found = elementwise(ca.if_else, condition, x, y)
    return Symbols(found.entries, found.shape, np.result_type(lift(x).dtype, lift(y).dtype))


def stack(arrays: Sequence[Any], *, axis: int = 0) -> Symbols:
    """Arrays joined along a new axis."""
    return arrange(lambda *positions: np.stack(positions, axis=axis), *arrays)


def concat(arrays: Sequence[Any], *, axis: int | None = 0) -> Symbols:
    """Arrays joined along an axis."""
    return arrange(lambda *positions: np.concat(positions, axis=axis), *arrays)


def tril(x: Any, *, k: int = 0) -> Symbols:
    """The part on and below the k-th diagonal."""
    return _masked(x, lambda columns_ahead: columns_ahead <= k)


def triu(x: Any, *, k: int = 0) -> Symbols:
    """The part on and above the k-th diagonal."""
    return _masked(x, lambda columns_ahead: columns_ahead >= k)


def _masked(x: Any, kept: Callable[[Any], Any]) -> Symbols:
    rows, columns = np.indices(x.shape[-2:])
    return arrange(lambda positions, zero: np.where(kept(columns - rows), positions, zero), x, 0.0)


def take(x: Any, indices: Any, *, axis: int | None = None) -> Symbols:
    """Elements along an axis, by index; an index that is data is a symbol itself."""
    x, axis = lift(x), axis or 0
    if not isinstance(indices, Symbols):
        return arrange(lambda positions: np.take(positions, indices, axis=axis), x)
    axis %= x.ndim
    indices = where(indices < 0, indices + x.shape[axis], indices)
    if isinstance(indices.entries, ca.SX) or isinstance(x.entries, ca.SX):
        return _take_by_comparison(x, indices, axis)
    first = np.take(np.arange(x.size).reshape(x.shape), np.zeros(indices.shape, dtype=int), axis=axis)
    stride = int(np.prod(x.shape[axis + 1 :], dtype=int))
    along = arrange(lambda i: np.reshape(i, i.shape + (1,) * (x.ndim - 1 - axis)), indices)
    positions = stride * along + first
    return Symbols(ca.MX(x.entries)[positions.entries], first.shape, x.dtype)


def _take_by_comparison(x: Symbols, indices: Symbols, axis: int) -> Symbols:
    """A graph of scalars cannot look up: each result is the sum of all candidates, of which one is not zero."""
    moved = arrange(lambda positions: np.moveaxis(positions, axis, -1), x)
    flat = arrange(lambda i: np.reshape(i, (-1, 1)), indices)
    candidates = arrange(lambda i: np.expand_dims(i, -2), moved)
    taken = elementwise(lambda hit, a: ca.if_else(hit, a, 0), flat == np.arange(x.shape[axis]), candidates)
    summed = sum_(taken, axis=-1)
    rest = moved.shape[:-1]
    apart = arrange(lambda i: np.reshape(i, (*rest, *indices.shape)), summed)
    order = (*range(axis), *range(len(rest), len(rest) + indices.ndim), *range(axis, len(rest)))
    return astype(arrange(lambda i: np.permute_dims(i, order), apart), x.dtype)


def _gathered(x: Any, axis: Axis) -> tuple[Any, tuple[int, ...], tuple[int, ...]]:
    """CasADi's matrix with the axes of a reduction as its rows; the shapes of the result without and with them."""
    x = lift(x)
    axes = {i % x.ndim for i in (range(x.ndim) if axis is None else np.atleast_1d(axis).tolist())}
    kept = [i for i in range(x.ndim) if i not in axes]
    moved = arrange(lambda positions: np.permute_dims(positions, (*kept, *sorted(axes))), x)
    shape = tuple(x.shape[i] for i in kept)
    rows = math.prod(x.shape[i] for i in axes)
    matrix = ca.reshape(moved.entries, rows, math.prod(shape))
    return matrix, shape, tuple(1 if i in axes else length for i, length in enumerate(x.shape))


def _reducing(reduce: Callable[[Any], Any], result: Any = np.float64) -> Callable[..., Symbols]:
    """A reduction by a function that makes one row of a matrix; the result's dtype."""

    def reduction(x: Any, *, axis: Axis = None, dtype: Any = None, keepdims: bool = False) -> Symbols:
        matrix, without, with_them = _gathered(x if dtype is None else astype(x, dtype), axis)
        return Symbols(ca.vec(reduce(matrix)), with_them if keepdims else without, result)

    return reduction


def _halving(operation: Callable[[Any, Any], Any], matrix: Any, identity: float | None = None) -> Any:
    """An associative operation on all rows: the upper half with the lower half, until one row is left."""
    if not matrix.shape[0]:
        if identity is None:
            raise ValueError("no entry of an empty array is the largest or the smallest")
        return identity * ca.DM.ones(1, matrix.shape[1])
    while (rows := matrix.shape[0]) > 1:
        half = rows // 2
        joined = operation(matrix[:half, :], matrix[half : 2 * half, :])
        matrix = ca.vertcat(joined, matrix[2 * half :, :]) if rows % 2 else joined
    return matrix


sum_ = _reducing(lambda matrix: ca.sum1(matrix))
max_ = _reducing(lambda matrix: _halving(ca.fmax, matrix))
min_ = _reducing(lambda matrix: _halving(ca.fmin, matrix))
prod = _reducing(lambda matrix: _halving(ca.times, matrix, 1))
all_ = _reducing(lambda matrix: _halving(ca.logic_and, matrix != 0, 1), np.bool_)
any_ = _reducing(lambda matrix: _halving(ca.logic_or, matrix != 0, 0), np.bool_)
mean = _reducing(lambda matrix: ca.sum1(matrix) / matrix.shape[0])


def cumulative_sum(x: Any, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False) -> Symbols:
    """Running sums along an axis."""
    x = lift(x if dtype is None else astype(x, dtype))
    axis = (axis or 0) % x.ndim
    if include_initial:
        x = concat([np.zeros((*x.shape[:axis], 1, *x.shape[axis + 1 :])), x], axis=axis)
    if not x.size:
        return x
    matrix, without, _ = _gathered(x, axis)
    sums = Symbols(ca.vec(ca.cumsum(matrix)), (*without, matrix.shape[0]))
    return arrange(lambda positions: np.moveaxis(positions, -1, axis), sums)


def vecdot(a: Any, b: Any, *, axis: int = -1) -> Symbols:
    """Inner products along an axis."""
    a, b = lift(a), lift(b)
    if a.ndim == b.ndim == 1:
        return matmul(a, b)
    return sum_(a * b, axis=axis)


def tensordot(a: Any, b: Any, *, axes: Any = 2) -> Symbols:
    """Sum of products over pairs of axes, as one matrix product."""
    a, b = lift(a), lift(b)
    pairs = (range(a.ndim - axes, a.ndim), range(axes)) if isinstance(axes, int) else axes
    of_a, of_b = ([i % x.ndim for i in np.atleast_1d(list(p)).tolist()] for x, p in ((a, pairs[0]), (b, pairs[1])))
    rest_a, rest_b = ([i for i in range(x.ndim) if i not in of] for x, of in ((a, of_a), (b, of_b)))
    length = math.prod(a.shape[i] for i in of_a)
    rows, columns = [a.shape[i] for i in rest_a], [b.shape[i] for i in rest_b]
    left = arrange(lambda i: np.permute_dims(i, (*rest_a, *of_a)).reshape(math.prod(rows), length), a)
    right = arrange(lambda i: np.permute_dims(i, (*of_b, *rest_b)).reshape(length, math.prod(columns)), b)
    return Symbols(matmul(left, right).entries, (*rows, *columns))


def asarray(x: Any, *, dtype: Any = None, device: Any = None, copy: Any = None) -> Any:
    """An array of symbols where there is a symbol in it; else NumPy's."""
    if isinstance(x, Symbols):
        return x if dtype is None else astype(x, dtype)
    if isinstance(x, (list, tuple)) and any(isinstance(entry, (Symbols, list, tuple)) for entry in x):
        return stack([asarray(entry, dtype=dtype) for entry in x])
    return np.asarray(x, dtype=dtype)


def full(shape: Any, fill_value: Any, *, dtype: Any = None, device: Any = None) -> Any:
    """An array of one value."""
    if isinstance(fill_value, Symbols):
        return broadcast_to(asarray(fill_value, dtype=dtype), shape if isinstance(shape, tuple) else (shape,))
    own = np.asarray(fill_value).dtype
    return np.full(shape, fill_value, dtype=dtype or (own if own.kind in "biu" else np.result_type(np.float64, own)))


def linspace(start: Any, stop: Any, num: int, *, dtype: Any = None, device: Any = None, endpoint: bool = True) -> Any:
    """Evenly spaced numbers, by count."""
    if isinstance(start, Symbols) or isinstance(stop, Symbols):
        return start + (lift(stop) - start) * np.linspace(0.0, 1.0, num, endpoint)
    return np.linspace(start, stop, num, endpoint, dtype=dtype)


def ones_like(x: Any, *, dtype: Any = None, device: Any = None) -> Any:
    """Ones in the shape of an array."""
    return np.ones(x.shape, dtype=dtype or x.dtype)


def zeros_like(x: Any, *, dtype: Any = None, device: Any = None) -> Any:
    """Zeros in the shape of an array."""
    return np.zeros(x.shape, dtype=dtype or x.dtype)


def diagonal(x: Any, *, offset: int = 0) -> Symbols:
    """A diagonal of the last two axes."""
    return arrange(lambda positions: np.linalg.diagonal(positions, offset=offset), x)


def trace(x: Any, *, offset: int = 0, dtype: Any = None) -> Symbols:
    """The sums of a diagonal of the last two axes."""
    return sum_(diagonal(x, offset=offset), axis=-1, dtype=dtype)


def outer(a: Any, b: Any) -> Symbols:
    """All products of an entry of one vector with an entry of the other."""
    return matmul(arrange(lambda i: i[:, None], a), arrange(lambda i: i[None, :], b))


@cache
def namespace() -> SimpleNamespace:
    """What an objective takes as `xp`."""
    truths = {"logical_and": ca.logic_and, "logical_not": ca.logic_not, "logical_or": ca.logic_or, "logical_xor": _xor}
    own = (
        astype,
        round,
        square,
        log2,
        logaddexp,
        where,
        broadcast_to,
        stack,
        concat,
        tril,
        triu,
        take,
        cumulative_sum,
        matmul,
        vecdot,
        tensordot,
        asarray,
        full,
        linspace,
        ones_like,
        zeros_like,
    )
    xp = SimpleNamespace(
        **{name: partial(elementwise, getattr(ca, theirs)) for name, theirs in ELEMENTWISE.items()},
        **{name: partial(truth, operation) for name, operation in truths.items()},
        **{name: _moving(function) for name, function in MOVING.items()},
        **{name: getattr(np, name) for name in NUMPYS},
        **{function.__name__: function for function in own},
        from_dlpack=asarray,
        empty_like=zeros_like,
        sum=sum_,
        max=max_,
        min=min_,
        all=all_,
        any=any_,
        prod=prod,
        mean=mean,
    )
    _complete(xp)
    return xp


def _complete(xp: SimpleNamespace) -> None:
    """Add what is composed, what is refused, and the inner namespaces."""
    vars(xp).update(compositions.missing(xp, vars(xp)))
    vars(xp).update(lacking.stubs("CasADi", LACKS))
    matrices = {
        **{name: getattr(linalg, name) for name in ("cholesky", "det", "eigvalsh", "inv", "slogdet", "solve")},
        **{"diagonal": diagonal, "outer": outer, "trace": trace},
        **lacking.stubs("CasADi", LACKS, "linalg."),
    }
    xp.linalg = SimpleNamespace(**matrices, **compositions.missing_linalg(xp, matrices))
    xp.fft = SimpleNamespace(
        **lacking.stubs("CasADi", LACKS, "fft."),
        **{name: _moving(getattr(np.fft, name)) for name in ("fftshift", "ifftshift")},
        **{name: getattr(np.fft, name) for name in ("fftfreq", "rfftfreq")},
    )

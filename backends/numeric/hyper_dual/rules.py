"""The rules of hyper-dual arithmetic: tables of derivatives, and the few patterns that use them.

With a = a0 + a1 e1 + a2 e2 + a3 e12 and e1^2 = e2^2 = 0 a Taylor series ends after the second order:

* one argument:   f(a) = f + f' a1 e1 + f' a2 e2 + (f' a3 + f'' a1 a2) e12, derivatives taken at a0;
* two arguments:  the same in each of them, plus f_ab (a1 b2 + a2 b1) e12;
* bilinear:       B(a, b) has the parts B(a0, b0), B(a1, b0) + B(a0, b1), B(a2, b0) + B(a0, b2) and
                  B(a3, b0) + B(a1, b2) + B(a2, b1) + B(a0, b3).

A constant argument drops its terms instead of multiplying them by zero, for 0 * inf is NaN: x^2 at x < 0 must
not see log x. The linear algebra is in `numeric.hyper_dual.linalg`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from hessbench.backends.contract.arrays import FloatArray
from hessbench.backends.numeric.lifted import Function, Lifted, Rules, gathered, value_of

Pair = tuple[Any, Any]


def _over(y: FloatArray, number: int) -> FloatArray:
    """1 / log(number) in the precision of y."""
    return 1 / np.log(y.dtype.type(number))


def _logarithm(inner: FloatArray, factor: Any = 1) -> Pair:
    """Derivatives of factor log(inner)."""
    return factor / inner, -factor / inner / inner


def _root(product: FloatArray, x: FloatArray, sign: int) -> Pair:
    """The pair f' = product^-1/2 and f'' = sign x product^-3/2: those of acosh and asin."""
    d = 1 / np.sqrt(product)
    return d, sign * x * d * d * d


def _negated(pair: Pair) -> Pair:
    return -pair[0], -pair[1]


def _tanh(x: FloatArray, y: FloatArray) -> Pair:
    """1 - tanh^2 = 4 t / (1 + t)^2 with t = exp(-2 |x|): the difference would cancel for large x."""
    t = np.exp(-2 * np.abs(x))
    d = 4 * t / np.square(1 + t)
    return d, -2 * y * d


def _asinh(x: FloatArray, y: FloatArray) -> Pair:
    del y
    d = 1 / np.hypot(1, x)  # hypot: x^2 would overflow
    return d, -x * d * d * d


def _atan(x: FloatArray, y: FloatArray) -> Pair:
    del y
    r = 1 / np.hypot(1, x)
    return r * r, -2 * (x * r) * (r * r) * r


def _sqrt(x: FloatArray, y: FloatArray) -> Pair:
    d = 0.5 / y
    return d, -0.5 * d / x


LINEAR = None
"""The second derivative of what has none."""

UNARY: Mapping[Function, Function] = MappingProxyType(
    {
        np.acos: lambda x, y: _negated(_root((1 - x) * (1 + x), x, 1)),
        np.acosh: lambda x, y: _root((x - 1) * (x + 1), x, -1),
        np.asin: lambda x, y: _root((1 - x) * (1 + x), x, 1),
        np.asinh: _asinh,
        np.atan: _atan,
        np.atanh: lambda x, y: (1 / ((1 - x) * (1 + x)), 2 * x / np.square((1 - x) * (1 + x))),
        np.cos: lambda x, y: (-np.sin(x), -y),
        np.cosh: lambda x, y: (np.sinh(x), y),
        np.exp: lambda x, y: (y, y),
        np.expm1: lambda x, y: (np.exp(x), np.exp(x)),  # not y + 1, which cancels for x << 0
        np.log: lambda x, y: _logarithm(x),
        np.log10: lambda x, y: _logarithm(x, _over(x, 10)),
        np.log1p: lambda x, y: _logarithm(1 + x),
        np.log2: lambda x, y: _logarithm(x, _over(x, 2)),
        np.sin: lambda x, y: (np.cos(x), -y),
        np.sinh: lambda x, y: (np.cosh(x), y),
        np.sqrt: _sqrt,
        np.square: lambda x, y: (2 * x, 2),
        np.tan: lambda x, y: (1 + y * y, 2 * y * (1 + y * y)),
        np.tanh: _tanh,
    }
)
"""f -> (x, f(x)) -> (f'(x), f''(x))."""


class Binary(NamedTuple):
    """The derivatives of f(a, b), each a function of (a, b, f(a, b)) as arrays of the result's dtype."""

    first: Function
    """-> (f_a, f_aa)"""
    second: Function
    """-> (f_b, f_bb)"""
    mixed: Function
    """-> f_ab"""


def _term(factor: FloatArray, a: FloatArray, exponent: FloatArray) -> FloatArray:
    """Factor times a^exponent; zero where the factor is, also at a = 0, where 0 * 0^-1 would be NaN."""
    return factor * np.power(a, np.where(factor == 0, 1, exponent))


def _log_of_base(a: FloatArray) -> FloatArray:
    """The logarithm of a, and 0 for a = 0: the derivatives of 0^b by b are zero (b > 0)."""
    return np.log(np.where(a == 0, 1, a))


def _shares(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
    """exp(a) / (exp(a) + exp(b)) and the same for b: what logaddexp weights its arguments with."""
    small = np.exp(-np.abs(a - b))
    large, small = 1 / (1 + small), small / (1 + small)
    return np.where(a >= b, large, small), np.where(a >= b, small, large)


def _share(a: FloatArray, b: FloatArray, which: int) -> Pair:
    shares = _shares(a, b)
    return shares[which], shares[0] * shares[1]


def _turn(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The direction (b, a) / r and r."""
    r = np.hypot(a, b)
    return b / r, a / r, r


def _atan2_first(a: FloatArray, b: FloatArray, y: FloatArray) -> Pair:
    cosine, sine, r = _turn(a, b)
    return cosine / r, -2 * sine * cosine / r / r


def _atan2_second(a: FloatArray, b: FloatArray, y: FloatArray) -> Pair:
    cosine, sine, r = _turn(a, b)
    return -sine / r, 2 * sine * cosine / r / r


def _atan2_mixed(a: FloatArray, b: FloatArray, y: FloatArray) -> FloatArray:
    cosine, sine, r = _turn(a, b)
    return (sine - cosine) * (sine + cosine) / r / r


BINARY: Mapping[Function, Binary] = MappingProxyType(
    {
        np.divide: Binary(
            lambda a, b, y: (1 / b, LINEAR),
            lambda a, b, y: (-y / b, 2 * y / b / b),
            lambda a, b, y: -1 / b / b,
        ),
        np.pow: Binary(
            lambda a, b, y: (_term(b, a, b - 1), _term(b * (b - 1), a, b - 2)),
            lambda a, b, y: (y * _log_of_base(a), y * np.square(_log_of_base(a))),
            lambda a, b, y: np.power(a, b - 1) + _term(b, a, b - 1) * _log_of_base(a),
        ),
        np.atan2: Binary(_atan2_first, _atan2_second, _atan2_mixed),
        np.logaddexp: Binary(
            lambda a, b, y: _share(a, b, 0),
            lambda a, b, y: _share(a, b, 1),
            lambda a, b, y: -_share(a, b, 0)[1],
        ),
    }
)


def _chain(cls: type[Lifted], a: Lifted, y: FloatArray, slopes: Pair) -> Lifted:
    d1, d2 = slopes
    _, e1, e2, e12 = a.parts
    bent = d1 * e12 if d2 is LINEAR else d1 * e12 + d2 * (e1 * e2)  # 0 * inf would be NaN for slopes beyond 1e154
    return cls(y, d1 * e1, d1 * e2, bent)


def unary(cls: type[Lifted], func: Function, a: Lifted) -> Lifted:
    """An elementwise function by the table `UNARY`."""
    y = func(a.real)
    return _chain(cls, a, y, UNARY[func](a.real, y))


def binary(cls: type[Lifted], func: Function, a: Any, b: Any) -> Lifted:
    """An elementwise function of two arguments by the table `BINARY`."""
    y = func(value_of(a), value_of(b))
    values = [np.asarray(value_of(argument), dtype=y.dtype) for argument in (a, b)]
    rule = BINARY[func]
    if not isinstance(b, Lifted):
        return _chain(cls, a, y, rule.first(*values, y))
    if not isinstance(a, Lifted):
        return _chain(cls, b, y, rule.second(*values, y))
    one, two = _chain(cls, a, y, rule.first(*values, y)), _chain(cls, b, y, rule.second(*values, y))
    cross = rule.mixed(*values, y) * (a.parts[1] * b.parts[2] + a.parts[2] * b.parts[1])
    e1, e2, e12 = (p + q for p, q in zip(one.parts[1:], two.parts[1:], strict=True))
    return cls(y, e1, e2, e12 + cross)


def bilinear(cls: type[Lifted], func: Function, a: Any, b: Any, *args: Any, **kwargs: Any) -> Lifted:
    """A product of whatever kind."""

    def product(p: Any, q: Any) -> Any:
        return func(p, q, *args, **kwargs)

    if not isinstance(b, Lifted):
        return cls(*(product(part, b) for part in a.parts))
    if not isinstance(a, Lifted):
        return cls(*(product(a, part) for part in b.parts))
    (a0, a1, a2, a3), (b0, b1, b2, b3) = a.parts, b.parts
    return cls(
        product(a0, b0),
        product(a1, b0) + product(a0, b1),
        product(a2, b0) + product(a0, b2),
        product(a3, b0) + product(a1, b2) + product(a2, b1) + product(a0, b3),
    )


def prod(
    cls: type[Lifted], func: Function, a: Lifted, axis: Any = None, *, dtype: Any = None, keepdims: bool = False
) -> Lifted:
    """Factors multiplied in pairs, level by level: no division by a factor, so zeros do no harm."""
    shape = np.shape(func(a.real, axis=axis, keepdims=keepdims))
    rest: Any = cls(*(np.asarray(gathered(part, axis), dtype=cls.storage(dtype)) for part in a.parts))
    if rest.shape[-1] == 0:
        return cls(*cls.parts_of(np.ones(shape, dtype=rest.dtype)))
    while (count := rest.shape[-1]) > 1:
        pairs = rest[..., : count // 2] * rest[..., count // 2 : count // 2 * 2]
        rest = np.concat([pairs, rest[..., -1:]], axis=-1) if count % 2 else pairs
    return cls(*(np.reshape(part, shape) for part in rest.parts))


ELEMENTARY: Rules = MappingProxyType(
    {
        **dict.fromkeys(UNARY, unary),
        **dict.fromkeys(BINARY, binary),
        **dict.fromkeys((np.multiply, np.matmul, np.vecdot, np.tensordot, np.linalg.outer), bilinear),
        np.prod: prod,
    }
)
"""All rules but those of linear algebra."""

"""The complex-step method: derivatives of f from its imaginary part a tiny step away from the real axis.

**First derivatives.** Where f is analytic, f(x + ih) = f + ih f' - h^2 f''/2 - i h^3 f'''/6 + ..., so

    f'(x) = Im f(x + ih) / h + h^2 f'''(x) / 6 + O(h^4):

no difference is taken, so nothing cancels, and h may be as small as one likes (Squire & Trapp 1998,
doi:10.1137/S003614459631241X; Martins, Sturdza & Alonso 2003, doi:10.1145/838250.838251). Here h = eps^2: the
term in h^2 is eps^4 and lost in the rounding of f', while h f' stays above the smallest normal number for
|f'| > 2^-918 in float64 and 2^-80 in float32. As a power of two it divides exactly. What varies over less than
h / sqrt(eps) = eps^1.5 is not resolved: log x needs x > 3e-24, in float32 x > 4e-11.

**Second derivatives** are real differences of that gradient (Ridout 2009, doi:10.1198/tast.2009.0013, eq. 10):

    f_jk = Im [f(x + i h e_j + s e_k) - f(x + i h e_j - s e_k)] / (2 h s) + O(s^2).

The gradient's rounding eps / s balances s^2 at s = eps^(1/3): a relative error of eps^(2/3), 4e-11 in float64. The
one-sided difference has the error s + eps / s, so s = eps^(1/2), and half the digits. Division is by the distance
that x really moved: (x + s) - x is not s.

**Analytic versions.** NumPy's complex functions serve wherever they are analytic, and are as accurate there as the real
ones (measured: a few eps in value and slope). `Holomorphic` replaces the others:

* abs, sign, maximum, minimum, max, min, where and comparisons go by the real part: `numeric.lifted`, with its ties.
* vecdot conjugates its first argument; here it does not.
* Outside its real domain a function is NaN again (log -1 is not i pi), and its value is that of the real
  function: NumPy's complex log1p has no digits left at 1e-16.
* atan2 and logaddexp have no complex version; pow takes the angle of a negative base times a large exponent, whose
  rounding is far above h; cholesky takes the conjugate transpose, eigvalsh that matrix to be Hermitian, and slogdet
  the modulus. There f + i b f' is used, b being the imaginary part: b is of the order h, and the next term h^2 = eps^4.

**Limits.** An infinite slope comes out as a large number (sqrt at 0: 3e15). Where f has a kink, a difference of
slopes across it comes out as the jump over 2 s, around 1e5. `numpy.linalg` has no extended precision: solve, inv,
cholesky, det, slogdet and eigvalsh raise a TypeError for longdouble. A BLAS that multiplies complex matrices by three
real products would mix real and imaginary parts; none does so by default.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np

from hessbench.backends.contract.arrays import FloatArray
from hessbench.backends.numeric.hyper_dual import unit
from hessbench.backends.numeric.hyper_dual.linalg import cholesky_slope, from_lower
from hessbench.backends.numeric.hyper_dual.rules import BINARY
from hessbench.backends.numeric.lifted import SHARED, Function, Lifted, Rules, scalar, value_of
from hessbench.backends.numeric.lifted import namespace as namespace
from hessbench.backends.numeric.scales import steps

Scalar = Callable[[Any], Any]
"""f of x alone; returns a scalar array, lifted where it depends on x."""


def native(cls: type[Holomorphic], func: Function, *args: Any, **kwargs: Any) -> Holomorphic:
    """NumPy's own complex function."""
    if "dtype" in kwargs:
        kwargs["dtype"] = cls.storage(kwargs["dtype"])
    return cls(func(*(cls.parts_of(a)[0] for a in args), **kwargs))


def on_domain(cls: type[Holomorphic], func: Function, a: Holomorphic) -> Holomorphic:
    """NumPy's complex function with the value of the real one, NaN outside its domain."""
    value = func(a.real)
    return cls.of(value, np.where(np.isnan(value), value, func(a.parts[0]).imag))


def product(cls: type[Holomorphic], func: Function, a: Any, b: Any, *args: Any, **kwargs: Any) -> Holomorphic:
    """NumPy's complex product; vecdot conjugates its first argument, so it gets the conjugate.

    With a constant two real products do: NumPy would make a complex copy of the constant at every call.

    Returns:
        A number whose imaginary part is the change of the product.
    """
    if isinstance(a, Holomorphic) and isinstance(b, Holomorphic):
        first = np.conj(a.parts[0]) if func is np.vecdot else a.parts[0]
        return cls(func(first, b.parts[0], *args, **kwargs))
    change = (argument.imag if isinstance(argument, Holomorphic) else argument for argument in (a, b))
    return cls.of(func(value_of(a), value_of(b), *args, **kwargs), func(*change, *args, **kwargs))


def binary(cls: type[Holomorphic], func: Function, a: Any, b: Any) -> Holomorphic:
    """The first order by the table of `numeric.hyper_dual.rules`."""
    value = func(value_of(a), value_of(b))
    x, y = (np.asarray(value_of(argument), dtype=value.dtype) for argument in (a, b))
    imag = np.zeros_like(value)
    if isinstance(a, Holomorphic):
        imag = imag + BINARY[func].first(x, y, value)[0] * a.imag
    if isinstance(b, Holomorphic):
        imag = imag + BINARY[func].second(x, y, value)[0] * b.imag
    return cls.of(value, imag)


def cholesky(cls: type[Holomorphic], func: Function, a: Any, *, upper: bool = False) -> Any:
    """L of L L' = A to the first order, as for hyper-dual numbers."""
    if upper:
        return np.matrix_transpose(cholesky(cls, func, np.matrix_transpose(a)))
    lower = func(a.real)
    return cls.of(lower, cholesky_slope(lower, np.linalg.inv(lower), from_lower(a.imag)))


def slogdet(cls: type[Holomorphic], func: Function, a: Holomorphic) -> Any:
    """The sign, which is constant, and d log|det A| = tr(A^-1 dA)."""
    sign, logarithm = result = func(a.real)
    return type(result)(sign, cls.of(logarithm, np.linalg.trace(np.linalg.solve(a.real, a.imag))))


def eigvalsh(cls: type[Holomorphic], func: Function, a: Holomorphic) -> Holomorphic:
    """Perturbation theory: dw_i = v_i' dA v_i."""
    _, vectors = np.linalg.eigh(a.real)
    return cls.of(func(a.real), np.sum(vectors * (from_lower(a.imag) @ vectors), axis=-2))


ENTIRE = (
    np.asinh,
    np.atan,
    np.cos,
    np.cosh,
    np.divide,
    np.exp,
    np.expm1,
    np.linalg.det,
    np.linalg.inv,
    np.linalg.solve,
    np.multiply,
    np.prod,
    np.sin,
    np.sinh,
    np.square,
    np.tan,
    np.tanh,
)
"""Analytic in NumPy as they stand, at all real arguments."""

PARTIAL = (np.acos, np.acosh, np.asin, np.atanh, np.log, np.log10, np.log1p, np.log2, np.sqrt)
"""Analytic in NumPy, but with more than their real domain."""

RULES: Rules = {
    **SHARED,
    **dict.fromkeys(ENTIRE, native),
    **dict.fromkeys(PARTIAL, on_domain),
    **dict.fromkeys((np.linalg.outer, np.matmul, np.tensordot, np.vecdot), product),
    **dict.fromkeys((np.atan2, np.logaddexp, np.pow), binary),
    np.linalg.cholesky: cholesky,
    np.linalg.eigvalsh: eigvalsh,
    np.linalg.slogdet: slogdet,
}


class Holomorphic(Lifted):
    """A complex array whose imaginary part is a derivative times `step`; dtype and comparisons are the real part's."""

    __slots__ = ()

    name = "complex steps"
    count = 1
    rules: ClassVar[Rules] = RULES

    @classmethod
    def of(cls, real: Any, imag: Any) -> Self:
        """From both parts; real + 1j * imag would turn an infinite value into NaN."""
        real, imag = np.broadcast_arrays(real, imag)
        z = np.empty(real.shape, dtype=np.result_type(real, np.complex64))
        z.real, z.imag = real, imag
        return cls(z)

    @classmethod
    def storage(cls, dtype: Any) -> Any:
        """The complex dtype of that precision."""
        return None if super().storage(dtype) is None else np.result_type(dtype, np.complex64)

    def _apply(self, func: Function, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        if any(isinstance(a, complex) or (isinstance(a, np.ndarray) and a.dtype.kind == "c") for a in args):
            self.refuse_complex()
        return super()._apply(func, args, kwargs)

    @property
    def real(self) -> FloatArray:
        """The value."""
        return self.parts[0].real

    @property
    def imag(self) -> FloatArray:
        """The derivative times the step."""
        return self.parts[0].imag


def step(dtype: Any) -> Any:
    """The h of a precision, eps^2."""
    return np.finfo(dtype).eps ** 2


def slope(f: Scalar, x: FloatArray, v: FloatArray) -> Any:
    """The derivative of f along v, shape (): one complex evaluation; zero where f returns no lifted array."""
    h = step(x.dtype)
    with np.errstate(all="ignore"):  # a slope may be infinite where f is finite
        y = scalar(f(Holomorphic.of(x, h * v)))
    return y.imag / h if isinstance(y, Holomorphic) else x.dtype.type(0)


def gradient(f: Scalar, x: FloatArray) -> FloatArray:
    """The gradient (n,): n complex evaluations."""
    return np.array([slope(f, x, unit(x, i)) for i in range(x.size)], dtype=x.dtype)


def _shifted(x: FloatArray, j: int, distance: Any) -> FloatArray:
    moved = x.copy()
    moved[j] += distance
    return moved


def hessian(f: Scalar, x: FloatArray) -> FloatArray:
    """The Hessian (n, n) by central differences of the slopes, a triangle of it: n (n + 1) complex evaluations."""
    n, basis, s = x.size, np.eye(x.size, dtype=x.dtype), steps(x, 1 / 3)
    result = np.empty((n, n), dtype=x.dtype)
    for j in range(n):
        ahead, behind = _shifted(x, j, s[j]), _shifted(x, j, -s[j])
        for i in range(j + 1):
            change = slope(f, ahead, basis[i]) - slope(f, behind, basis[i])
            result[i, j] = result[j, i] = change / (ahead[j] - behind[j])
    return result


def hessian_forward(f: Scalar, x: FloatArray) -> FloatArray:
    """The Hessian (n, n) by one-sided differences of the gradient, a triangle of it: n (n + 3) / 2 evaluations."""
    n, basis, s = x.size, np.eye(x.size, dtype=x.dtype), steps(x, 1 / 2)
    here = gradient(f, x)
    result = np.empty((n, n), dtype=x.dtype)
    for j in range(n):
        ahead = _shifted(x, j, s[j])
        for i in range(j + 1):
            change = slope(f, ahead, basis[i]) - here[i]
            result[i, j] = result[j, i] = change / (ahead[j] - x[j])
    return result


def hvp(f: Scalar, x: FloatArray, v: FloatArray) -> FloatArray:
    """The Hessian times v (n,) by central differences of the gradient along v: 2 n complex evaluations.

    x moves so far along v that no coordinate exceeds its own step eps^(1/3) max(|x_i|, 1), and one reaches it.

    Returns:
        The product, shape (n,).
    """
    v = np.asarray(v, dtype=x.dtype)
    if not np.any(v):
        return np.zeros_like(x)
    with np.errstate(divide="ignore"):
        t = np.min(steps(x, 1 / 3) / np.abs(v))
    return (gradient(f, x + t * v) - gradient(f, x - t * v)) / (2 * t)

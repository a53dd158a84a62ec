"""Real functions of real variables that pass through complex numbers, beside the same in real arithmetic."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.suites.definition.pointwise import NONE_FOUND, canary, fixed, generic, weights

PAIRS = (0.8, -0.5, 1.1, 0.7)
"""Two complex numbers z = a + ib, as (a, b)."""
NONHOLOMORPHIC = {"tensorflow": "tensorflow#27845"}


def _abs(xp: Any, x: Any, weights: Any) -> Any:
    r"""f(x) = sum_k w_k |z_k|, z = a + ib with x = (a, b), two entries each.

    $$f(x) = \sum_k w_k |z_k|, \quad z = a + i b$$
    """
    return xp.sum(weights * xp.sqrt(x[:2] * x[:2] + x[2:] * x[2:]))


complex_abs = canary(
    "complex_abs", _abs, PAIRS, data=fixed(weights(2)), source="torch.abs of torch.complex", upstream=NONHOLOMORPHIC
)


def _angle(xp: Any, x: Any, weights: Any) -> Any:
    r"""f(x) = sum_k w_k arg(z_k)^2, z = a + ib with x = (a, b), two entries each.

    $$f(x) = \sum_k w_k \arg^2 z_k, \quad z = a + i b$$
    """
    return xp.sum(weights * xp.square(xp.atan2(x[2:], x[:2])))


complex_angle = canary(
    "complex_angle", _angle, PAIRS, data=fixed(weights(2)), source="torch.angle", upstream=NONHOLOMORPHIC
)


def _exp(xp: Any, x: Any, weights: Any) -> Any:
    r"""f(x) = sum_k w_k Re exp(z_k^2), z = a + ib with x = (a, b), two entries each.

    $$f(x) = \sum_k w_k \operatorname{Re} e^{z_k^2} = \sum_k w_k e^{a_k^2 - b_k^2} \cos(2 a_k b_k)$$
    """
    a, b = x[:2], x[2:]
    return xp.sum(weights * xp.exp(a * a - b * b) * xp.cos(2 * a * b))


complex_exp = canary(
    "complex_exp", _exp, PAIRS, data=fixed(weights(2)), source="torch.exp of a complex square, its real part"
)


def _sqrt(xp: Any, x: Any, weights: Any) -> Any:
    r"""f(x) = sum_k w_k Im log z_k Re sqrt(z_k), z = a + ib with x = (a, b), two entries each, a > 0.

    $$f(x) = \sum_k w_k \operatorname{Im}(\log z_k) \operatorname{Re} \sqrt{z_k}, \quad
    \operatorname{Re} \sqrt{z} = \sqrt{\frac{|z| + a}{2}}$$
    """
    a, b = x[:2], x[2:]
    return xp.sum(weights * xp.atan2(b, a) * xp.sqrt((xp.sqrt(a * a + b * b) + a) / 2))


complex_sqrt = canary(
    "complex_sqrt", _sqrt, PAIRS, data=fixed(weights(2)), source="torch.log and torch.sqrt of complex numbers"
)


def _matmul(xp: Any, x: Any, weights: Any) -> Any:
    r"""f(x) = sum_i w_i |(Z z)_i|^4 with the rows z, z' of Z (2, 2) as complex numbers, Z = A + iB, x = (A, B).

    $$f(x) = \sum_i w_i \Bigl|\sum_j Z_{ij} Z_{1j}\Bigr|^4, \quad Z = A + i B$$
    """
    a, b = xp.reshape(x[:4], (2, 2)), xp.reshape(x[4:], (2, 2))
    real = xp.matmul(a, a[0, :]) - xp.matmul(b, b[0, :])
    imaginary = xp.matmul(a, b[0, :]) + xp.matmul(b, a[0, :])
    return xp.sum(weights * xp.square(real * real + imaginary * imaginary))


complex_matmul = canary(
    "complex_matmul", _matmul, generic(8), data=fixed(weights(2)), source="torch.matmul of complex matrices"
)


def _eigenvalues(xp: Any, x: Any) -> Any:
    r"""f(x) = Re sum_k exp(l_k) of the two conjugate eigenvalues l of the matrix x (2, 2).

    $$f(x) = \operatorname{Re} \sum_k e^{\lambda_k} = 2 e^{t/2} \cos \sqrt{d - t^2/4}, \quad t = \mathrm{tr}\, A, \quad
    d = \det A$$
    """
    half = (x[0] + x[3]) / 2
    return 2 * xp.exp(half) * xp.cos(xp.sqrt(x[0] * x[3] - x[1] * x[2] - half * half))


eigenvalues_complex = canary(
    "eigenvalues_complex",
    _eigenvalues,
    (0.4, -1.1, 0.9, -0.2),
    source="torch.linalg.eigvals of a matrix with a rotation in it",
    upstream={"jax": "jax#2748, jax#24308"},
)

KERNEL = np.array([1.0, 0.5, -0.25, 0.125, 0.75])


def _filter(xp: Any, x: Any, weights: Any, kernel: Any, circulant: Any) -> Any:
    r"""f(x) = sum_k w_k y_k^3 with the cyclic convolution y of x and a kernel, five entries each.

    $$f(x) = \sum_k w_k y_k^3, \quad y_k = \sum_j h_{k - j} x_j$$
    """
    del kernel
    y = xp.matmul(circulant, x)
    return xp.sum(weights * y * y * y)


rfft_filter = canary(
    "rfft_filter",
    _filter,
    generic(5),
    data=fixed(weights(5), KERNEL, np.stack([np.roll(KERNEL, k) for k in range(5)], axis=1)),
    source="torch.fft.rfft, a product, and torch.fft.irfft",
)
ANGLES = 2 * np.pi * np.outer(np.arange(4), np.arange(4)) / 4


def _amplitudes(xp: Any, x: Any, weights: Any, cosines: Any, sines: Any) -> Any:
    r"""f(x) = sum_k w_k |F_k| of a spectrum without zeros; weights of conjugate bins are the same.

    $$f(x) = \sum_k w_k |F_k|, \quad F_k = \sum_j x_j e^{-2 \pi i j k / 4}$$
    """
    return xp.sum(weights * xp.sqrt(xp.square(xp.matmul(cosines, x)) + xp.square(xp.matmul(sines, x))))


fft_amplitudes = canary(
    "fft_amplitudes",
    _amplitudes,
    (0.9, -0.4, 1.3, 0.2),
    data=fixed([1.0, 1.5, 2.0, 1.5], np.cos(ANGLES), np.sin(ANGLES)),
    source="torch.abs of torch.fft.fft",
    upstream={"torch": NONE_FOUND, **NONHOLOMORPHIC},
)

PROBLEMS = (
    complex_abs,
    complex_angle,
    complex_exp,
    complex_sqrt,
    complex_matmul,
    eigenvalues_complex,
    rfft_filter,
    fft_amplitudes,
)

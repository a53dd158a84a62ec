"""Zero coefficients, complex numbers on the way, and special functions far out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.lazy import Lazy

jnp, lax, nn = Lazy("jax.numpy"), Lazy("jax.lax"), Lazy("jax.nn")
special, linalg, fft = Lazy("jax.scipy.special"), Lazy("jax.numpy.linalg"), Lazy("jax.numpy.fft")


def _pairs(x: Array) -> Array:
    return lax.complex(x[:2], x[2:])


def _sqrt(x: Array, w: Array) -> Array:
    return (w * jnp.log(_pairs(x)).imag * jnp.sqrt(_pairs(x)).real).sum()


def _matmul(x: Array, w: Array) -> Array:
    z = lax.complex(x[:4].reshape(2, 2), x[4:].reshape(2, 2))
    return (w * jnp.abs(z @ z[0]) ** 4).sum()


def _filter(x: Array, w: Array, kernel: Array, circulant: Array) -> Array:
    return (w * fft.irfft(fft.rfft(x) * fft.rfft(kernel), n=5) ** 3).sum()


TEXTS: Mapping[str, Callable[..., Array]] = {
    "xlogy_zero": lambda x: special.xlogy(x[0], x[1]) + x[1] ** 2,
    "xlog1py_zero": lambda x: special.xlog1py(x[0], x[1]) + x[1] ** 2,
    "complex_abs": lambda x, w: (w * jnp.abs(_pairs(x))).sum(),
    "complex_angle": lambda x, w: (w * jnp.angle(_pairs(x)) ** 2).sum(),
    "complex_exp": lambda x, w: (w * jnp.exp(_pairs(x) ** 2).real).sum(),
    "complex_sqrt": _sqrt,
    "complex_matmul": _matmul,
    "eigenvalues_complex": lambda x: jnp.exp(linalg.eigvals(x.reshape(2, 2))).sum().real,
    "rfft_filter": _filter,
    "fft_amplitudes": lambda x, w, cosines, sines: (w * jnp.abs(fft.fft(x))).sum(),
    "log_ndtr_tail": lambda x, w: (w * special.log_ndtr(-x)).sum(),
    "erfc_tail": lambda x, w: (w * special.erfc(x / 2**0.5)).sum(),
    "log_sigmoid_tail": lambda x, w: (w * nn.log_sigmoid(x)).sum(),
    "softplus_tail": lambda x, w: (w * nn.softplus(x)).sum(),
    "logsumexp_masked": lambda x, mask: nn.logsumexp(jnp.concatenate([x, mask[3:]])),
    "lgamma_tail": lambda x, w: (w * special.gammaln(x)).sum(),
    "gammaincc_tail": lambda x, w: (w * special.gammaincc(2.0, x)).sum(),
    "bessel_i0e_tail": lambda x, w, angles: (w * special.i0e(x)).sum(),
}

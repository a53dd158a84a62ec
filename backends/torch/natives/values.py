"""Zero coefficients, complex numbers on the way, and special functions far out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.lazy import Lazy

torch, linalg, special, nn = Lazy("torch"), Lazy("torch.linalg"), Lazy("torch.special"), Lazy("torch.nn.functional")
fft = Lazy("torch.fft")


def _pairs(x: Array) -> Array:
    return torch.complex(x[:2], x[2:])


def _sqrt(x: Array, w: Array) -> Array:
    return (w * torch.log(_pairs(x)).imag * torch.sqrt(_pairs(x)).real).sum()


def _matmul(x: Array, w: Array) -> Array:
    z = torch.complex(x[:4].reshape(2, 2), x[4:].reshape(2, 2))
    return (w * torch.matmul(z, z[0]).abs() ** 4).sum()


def _filter(x: Array, w: Array, kernel: Array, circulant: Array) -> Array:
    return (w * fft.irfft(fft.rfft(x) * fft.rfft(kernel), n=5) ** 3).sum()


def _gammaincc(x: Array, w: Array) -> Array:
    return (w * special.gammaincc(torch.full_like(x, 2), x)).sum()


TEXTS: Mapping[str, Callable[..., Array]] = {
    "xlogy_zero": lambda x: torch.xlogy(x[0], x[1]) + x[1] ** 2,
    "xlog1py_zero": lambda x: special.xlog1py(x[0], x[1]) + x[1] ** 2,
    "complex_abs": lambda x, w: (w * _pairs(x).abs()).sum(),
    "complex_angle": lambda x, w: (w * _pairs(x).angle() ** 2).sum(),
    "complex_exp": lambda x, w: (w * torch.exp(_pairs(x) ** 2).real).sum(),
    "complex_sqrt": _sqrt,
    "complex_matmul": _matmul,
    "eigenvalues_complex": lambda x: linalg.eigvals(x.reshape(2, 2)).exp().sum().real,
    "rfft_filter": _filter,
    "fft_amplitudes": lambda x, w, cosines, sines: (w * fft.fft(x).abs()).sum(),
    "log_ndtr_tail": lambda x, w: (w * special.log_ndtr(-x)).sum(),
    "erfc_tail": lambda x, w: (w * torch.erfc(x / 2**0.5)).sum(),
    "erfcx_tail": lambda x, w: (w * special.erfcx(x)).sum(),
    "log_sigmoid_tail": lambda x, w: (w * nn.logsigmoid(x)).sum(),
    "softplus_tail": lambda x, w: (w * nn.softplus(x)).sum(),
    "logsumexp_masked": lambda x, mask: torch.logsumexp(torch.cat([x, mask[3:]]), 0),
    "lgamma_tail": lambda x, w: (w * torch.lgamma(x)).sum(),
    "gammaincc_tail": _gammaincc,
    "bessel_i0e_tail": lambda x, w, angles: (w * special.i0e(x)).sum(),
}

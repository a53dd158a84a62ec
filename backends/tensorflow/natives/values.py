"""Zero coefficients, complex numbers on the way, and special functions far out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.lazy import Lazy

tf = Lazy("tensorflow")


def _pairs(x: Array) -> Array:
    return tf.complex(x[:2], x[2:])


def _sqrt(x: Array, w: Array) -> Array:
    return tf.reduce_sum(w * tf.math.imag(tf.math.log(_pairs(x))) * tf.math.real(tf.sqrt(_pairs(x))))


def _matmul(x: Array, w: Array) -> Array:
    z = tf.complex(tf.reshape(x[:4], (2, 2)), tf.reshape(x[4:], (2, 2)))
    return tf.reduce_sum(w * tf.abs(tf.linalg.matvec(z, z[0])) ** 4)


def _filter(x: Array, w: Array, kernel: Array, circulant: Array) -> Array:
    length = tf.constant([5])
    spectrum = tf.signal.rfft(x, length) * tf.signal.rfft(kernel, length)
    return tf.reduce_sum(w * tf.signal.irfft(spectrum, length) ** 3)


def _amplitudes(x: Array, w: Array, cosines: Array, sines: Array) -> Array:
    return tf.reduce_sum(w * tf.abs(tf.signal.fft(tf.complex(x, tf.zeros_like(x)))))


def _gammaincc(x: Array, w: Array) -> Array:
    return tf.reduce_sum(w * tf.math.igammac(tf.fill(x.shape, tf.cast(2, x.dtype)), x))


TEXTS: Mapping[str, Callable[..., Array]] = {
    "xlogy_zero": lambda x: tf.math.xlogy(x[0], x[1]) + x[1] ** 2,
    "xlog1py_zero": lambda x: tf.math.xlog1py(x[0], x[1]) + x[1] ** 2,
    "xdivy_zero": lambda x: tf.math.xdivy(x[0], x[1]) + x[1] ** 2,
    "divide_no_nan_zero": lambda x: tf.math.divide_no_nan(x[0], x[1]) + x[1] ** 2,
    "multiply_no_nan_zero": lambda x: tf.math.multiply_no_nan(x[1], x[0]) + x[1] ** 2,
    "complex_abs": lambda x, w: tf.reduce_sum(w * tf.abs(_pairs(x))),
    "complex_angle": lambda x, w: tf.reduce_sum(w * tf.math.angle(_pairs(x)) ** 2),
    "complex_exp": lambda x, w: tf.reduce_sum(w * tf.math.real(tf.exp(_pairs(x) ** 2))),
    "complex_sqrt": _sqrt,
    "complex_matmul": _matmul,
    "eigenvalues_complex": lambda x: tf.math.real(tf.reduce_sum(tf.exp(tf.linalg.eigvals(tf.reshape(x, (2, 2)))))),
    "rfft_filter": _filter,
    "fft_amplitudes": _amplitudes,
    "erfc_tail": lambda x, w: tf.reduce_sum(w * tf.math.erfc(x / 2**0.5)),
    "log_sigmoid_tail": lambda x, w: tf.reduce_sum(w * tf.math.log_sigmoid(x)),
    "softplus_tail": lambda x, w: tf.reduce_sum(w * tf.nn.softplus(x)),
    "logsumexp_masked": lambda x, mask: tf.reduce_logsumexp(tf.concat([x, mask[3:]], 0)),
    "lgamma_tail": lambda x, w: tf.reduce_sum(w * tf.math.lgamma(x)),
    "gammaincc_tail": _gammaincc,
    "bessel_i0e_tail": lambda x, w, angles: tf.reduce_sum(w * tf.math.bessel_i0e(x)),
}

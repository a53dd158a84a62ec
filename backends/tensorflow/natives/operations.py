"""One operation of TensorFlow's each: normalizations, linear algebra, products, functions, losses and layers."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.lazy import Lazy

tf = Lazy("tensorflow")

EPSILON = 1e-5


def _normalized(x: Array, axes: list[int]) -> Array:
    mean, variance = tf.nn.moments(x, axes, keepdims=True)
    return tf.nn.batch_normalization(x, mean, variance, None, None, EPSILON)


def _layer_norm(x: Array, w: Array) -> Array:
    return tf.reduce_sum(w * _normalized(tf.reshape(x, (2, 4)), [1]))


def _batch_norm(x: Array, w: Array) -> Array:
    return tf.reduce_sum(w * _normalized(tf.reshape(x, (4, 2)), [0]))


def _keras_layer_normalization(x: Array, w: Array) -> Array:
    keras = tf.keras.layers.LayerNormalization(epsilon=EPSILON, center=False, scale=False, dtype=x.dtype)
    return tf.reduce_sum(w * keras(tf.reshape(x, (2, 4))))


@functools.cache
def _batch_normalization(dtype: str) -> Any:
    """The layer, made once and outside of any program that is being traced: it holds running statistics."""
    with tf.init_scope():
        layer = tf.keras.layers.BatchNormalization(epsilon=EPSILON, center=False, scale=False, dtype=dtype)
        layer.build((None, 2))
    return layer


def _keras_batch_normalization(x: Array, w: Array) -> Array:
    return tf.reduce_sum(w * _batch_normalization(x.dtype.name)(tf.reshape(x, (4, 2)), training=True))


def _keras_group_normalization(x: Array, w: Array) -> Array:
    keras = tf.keras.layers.GroupNormalization(2, 1, epsilon=EPSILON, center=False, scale=False, dtype=x.dtype)
    return tf.reduce_sum(w * tf.reshape(keras(tf.reshape(x, (1, 4, 2))), (2, 4)))


def _image_resize(x: Array, w: Array, matrix: Array) -> Array:
    image = tf.image.resize(tf.reshape(x, (1, 2, 2, 1)), (4, 4), "bilinear")
    return tf.reduce_sum(w * tf.cast(tf.reshape(image, (16,)), x.dtype) ** 3)


def _while_loop(x: Array) -> Array:
    _, product = tf.while_loop(lambda i, p: i < x.shape[0], lambda i, p: (i + 1, p * x[i]), (0, tf.ones_like(x[0])))
    return tf.exp(product)


def _cond(x: Array) -> Array:
    product = tf.reduce_prod(x)
    return tf.exp(tf.cond(product > 0, lambda: product, lambda: -product))


def _map_fn(x: Array) -> Array:
    return tf.reduce_sum(tf.map_fn(lambda t: tf.exp(t) * t, x))


def _solve(x: Array, b: Array, c: Array) -> Array:
    return tf.reduce_sum(c * tf.linalg.solve(tf.reshape(x, (3, 3)), b[:, None])[:, 0])


def _kron(x: Array, w: Array) -> Array:
    a, b = (tf.linalg.LinearOperatorFullMatrix(tf.reshape(part, (2, 2))) for part in (x[:4], x[4:]))
    return tf.reduce_sum(w * tf.linalg.LinearOperatorKronecker([a, b]).to_dense())


def _conv1d(x: Array, w: Array) -> Array:
    return tf.reduce_sum(w * tf.nn.conv1d(x[None, :6, None], x[6:, None, None], 1, "VALID")[0, :, 0] ** 2)


def _cross_entropy(x: Array, labels: Array) -> Array:
    return tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(labels, tf.reshape(x, (2, 3))))


def _sparse_cross_entropy(x: Array, labels: Array) -> Array:
    classes = tf.argmax(labels, 1)
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(classes, tf.reshape(x, (2, 3))))


def _lgamma(x: Array, w: Array) -> Array:
    return tf.reduce_sum(w * (tf.math.lgamma(x + 3) - tf.math.lgamma(x)))


def _zeta(x: Array, w: Array) -> Array:
    three = tf.fill(x.shape, tf.cast(3, x.dtype))
    return tf.reduce_sum(w * (tf.math.zeta(three, x) - tf.math.zeta(three, x + 2)))


def _gammainc(x: Array, w: Array) -> Array:
    return tf.reduce_sum(w * tf.math.igamma(tf.fill(x.shape, tf.cast(2, x.dtype)), x))


def _fft(x: Array, cosines: Array, sines: Array) -> Array:
    wide = tf.complex64 if x.dtype == tf.float32 else tf.complex128
    return tf.reduce_sum(tf.abs(tf.signal.fft(tf.cast(x, wide))) ** 2)


TEXTS: Mapping[str, Callable[..., Array]] = {
    "layer_norm": _layer_norm,
    "batch_norm": _batch_norm,
    "keras_layer_normalization": _keras_layer_normalization,
    "keras_batch_normalization": _keras_batch_normalization,
    "keras_group_normalization": _keras_group_normalization,
    "image_resize": _image_resize,
    "while_loop": _while_loop,
    "cond": _cond,
    "map_fn": _map_fn,
    "vector_norm_zero": lambda x: tf.norm(x) ** 2,
    "std_equal": lambda x: tf.math.reduce_std(x) ** 2 * (x.shape[0] / (x.shape[0] - 1)),
    "det": lambda x: tf.linalg.det(tf.reshape(x, (3, 3))),
    "det_identity": lambda x: tf.linalg.det(tf.reshape(x, (3, 3))),
    "slogdet": lambda x: tf.linalg.slogdet(tf.reshape(x, (3, 3)))[1],
    "solve": _solve,
    "matrix_exp": lambda x, w, eye: tf.reduce_sum(w * tf.linalg.expm(tf.reshape(x, (2, 2)))),
    "pinv": lambda x, w: tf.reduce_sum(w * tf.linalg.pinv(tf.reshape(x, (2, 3)))),
    "nuclear_norm": lambda x: tf.reduce_sum(tf.linalg.svd(tf.reshape(x, (2, 2)), compute_uv=False)),
    "kron": _kron,
    "trace": lambda x: tf.linalg.trace(tf.reshape(x, (3, 3))) ** 2,
    "eigvalsh_repeated": lambda x: tf.reduce_sum(tf.linalg.eigvalsh(tf.stack([x[:2], x[1:]])) ** 3),
    "cumprod_zero": lambda x, w: tf.reduce_sum(w * tf.math.cumprod(x)),
    "cumprod_zeros": lambda x, w: tf.reduce_sum(w * tf.math.cumprod(x)),
    "prod_zeros": lambda x, w: tf.reduce_prod(x),
    "pow_zero": lambda x, exponents: tf.reduce_sum(tf.pow(x, exponents)),
    "pow_negative": lambda x, exponents: tf.reduce_sum(tf.pow(x, exponents)),
    "sinc_zero": lambda x: tf.reduce_sum(tf.experimental.numpy.sinc(x)),
    "logaddexp_far": lambda x: tf.experimental.numpy.logaddexp(x[0], x[1]) ** 2 / 2,
    "fft_zero_bin": _fft,
    "softplus": lambda x, w: tf.reduce_sum(w * tf.nn.softplus(x)),
    "erf": lambda x, w, *rule: tf.reduce_sum(w * tf.math.erf(x)),
    "bessel_j0": lambda x, w, angles: tf.reduce_sum(w * tf.math.special.bessel_j0(x)),
    "lgamma": _lgamma,
    "digamma": lambda x, w: tf.reduce_sum(w * (tf.math.digamma(x + 2) - tf.math.digamma(x))),
    "zeta": _zeta,
    "gammainc": _gammainc,
    "logcumsumexp": lambda x, w: tf.reduce_sum(w * tf.math.cumulative_logsumexp(x)),
    "log_softmax": lambda x, w: tf.reduce_sum(w * tf.nn.log_softmax(x) ** 2),
    "cross_entropy": _cross_entropy,
    "sparse_cross_entropy": _sparse_cross_entropy,
    "embedding": lambda x, w, tokens: tf.reduce_sum(w * tf.gather(tf.reshape(x, (2, 2)), tokens) ** 3),
    "conv1d": _conv1d,
    "avg_pool": lambda x, w: tf.reduce_sum(w * tf.nn.avg_pool1d(x[None, :, None], 2, 1, "VALID")[0, :, 0] ** 3),
    "max_pool": lambda x, w: tf.reduce_sum(w * tf.nn.max_pool1d(x[None, :, None], 2, 1, "VALID")[0, :, 0] ** 3),
}

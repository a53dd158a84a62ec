"""One operation of JAX's each: normalizations, linear algebra, products, special functions, losses and layers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.lazy import Lazy

jax, jnp, lax = Lazy("jax"), Lazy("jax.numpy"), Lazy("jax.lax")
nn, special, linalg, jsl = Lazy("jax.nn"), Lazy("jax.scipy.special"), Lazy("jax.numpy.linalg"), Lazy("jax.scipy.linalg")


def _layer_norm(x: Array, w: Array) -> Array:
    return (w * nn.standardize(x.reshape(2, 4), epsilon=1e-5)).sum()


def _while_loop(x: Array) -> Array:
    _, product = lax.while_loop(lambda s: s[0] < x.size, lambda s: (s[0] + 1, s[1] * x[s[0]]), (0, 1.0 + 0 * x[0]))
    return jnp.exp(product)


def _scan(x: Array) -> Array:
    product, _ = lax.scan(lambda carry, t: (carry * t, None), 1.0 + 0 * x[0], x)
    return jnp.exp(product)


def _fori_loop(x: Array) -> Array:
    return jnp.exp(lax.fori_loop(0, x.size, lambda i, product: product * x[i], 1.0 + 0 * x[0]))


def _pure_callback(x: Array) -> Array:
    import numpy as np

    shape = jax.ShapeDtypeStruct((), x.dtype)
    return jnp.exp(jax.pure_callback(lambda t: np.prod(np.asarray(t)), shape, x))


def _kl_div(x: Array) -> Array:
    return special.kl_div(nn.softmax(x[3:]), nn.softmax(x[:3])).sum()


def _cross_entropy(x: Array, labels: Array) -> Array:
    return -(labels * nn.log_softmax(x.reshape(2, 3), axis=1)).sum() / 2


def _embedding(x: Array, w: Array, tokens: Array) -> Array:
    return (w * jnp.take(x.reshape(2, 2), tokens, axis=0) ** 3).sum()


def _conv1d(x: Array, w: Array) -> Array:
    return (w * jnp.convolve(x[:6], x[6:][::-1], mode="valid") ** 2).sum()


TEXTS: Mapping[str, Callable[..., Array]] = {
    "layer_norm": _layer_norm,
    "eigvalsh_repeated": lambda x: (linalg.eigvalsh(x[jnp.array([[0, 1], [1, 2]])]) ** 3).sum(),
    "while_loop": _while_loop,
    "scan": _scan,
    "fori_loop": _fori_loop,
    "pure_callback": _pure_callback,
    "vector_norm_zero": lambda x: linalg.norm(x) ** 2,
    "hypot_zero": lambda x: jnp.hypot(x[0], x[1]) ** 2,
    "std_equal": lambda x: jnp.std(x, ddof=1) ** 2,
    "det": lambda x: linalg.det(x.reshape(3, 3)),
    "det_identity": lambda x: linalg.det(x.reshape(3, 3)),
    "slogdet": lambda x: linalg.slogdet(x.reshape(3, 3))[1],
    "solve": lambda x, b, c: (c * linalg.solve(x.reshape(3, 3), b)).sum(),
    "matrix_exp": lambda x, w, eye: (w * jsl.expm(x.reshape(2, 2))).sum(),
    "pinv": lambda x, w: (w * linalg.pinv(x.reshape(2, 3))).sum(),
    "nuclear_norm": lambda x: linalg.svd(x.reshape(2, 2), compute_uv=False).sum(),
    "kron": lambda x, w: (w * jnp.kron(x[:4].reshape(2, 2), x[4:].reshape(2, 2))).sum(),
    "trace": lambda x: jnp.trace(x.reshape(3, 3)) ** 2,
    "cumprod_zero": lambda x, w: (w * jnp.cumprod(x)).sum(),
    "cumprod_zeros": lambda x, w: (w * jnp.cumprod(x)).sum(),
    "prod_zeros": lambda x, w: jnp.prod(x),
    "pow_zero": lambda x, exponents: jnp.power(x, exponents).sum(),
    "pow_negative": lambda x, exponents: jnp.power(x, exponents).sum(),
    "sinc_zero": lambda x: jnp.sinc(x).sum(),
    "logaddexp_far": lambda x: jnp.logaddexp(x[0], x[1]) ** 2 / 2,
    "fft_zero_bin": lambda x, cosines, sines: (jnp.abs(jnp.fft.fft(x)) ** 2).sum(),
    "softplus": lambda x, w: (w * nn.softplus(x)).sum(),
    "gelu": lambda x, w: (w * nn.gelu(x, approximate=True)).sum(),
    "glu": lambda x, w: (w * jnp.exp(nn.glu(x))).sum(),
    "erf": lambda x, w, *rule: (w * special.erf(x)).sum(),
    "lgamma": lambda x, w: (w * (special.gammaln(x + 3) - special.gammaln(x))).sum(),
    "digamma": lambda x, w: (w * (special.digamma(x + 2) - special.digamma(x))).sum(),
    "betaln": lambda x, w: (w * special.betaln(x, 2.0)).sum(),
    "zeta": lambda x, w: (w * (special.zeta(3.0, x) - special.zeta(3.0, x + 2))).sum(),
    "gammainc": lambda x, w: (w * special.gammainc(2.0, x)).sum(),
    "logcumsumexp": lambda x, w: (w * lax.cumlogsumexp(x)).sum(),
    "log_softmax": lambda x, w: (w * nn.log_softmax(x) ** 2).sum(),
    "cross_entropy": _cross_entropy,
    "kl_div": _kl_div,
    "embedding": _embedding,
    "conv1d": _conv1d,
}

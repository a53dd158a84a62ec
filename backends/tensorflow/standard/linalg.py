"""`xp.linalg` of the standard over `tf.linalg`."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

import numpy as np
import tensorflow as tf

from hessbench.backends.contract.errors import Unsupported
from hessbench.backends.tensorflow.standard import promotion

Slogdet = namedtuple("Slogdet", "sign logabsdet")
Eigh = namedtuple("Eigh", "eigenvalues eigenvectors")
QR = namedtuple("QR", "Q R")
SVD = namedtuple("SVD", "U S Vh")


def cholesky(x: Any, *, upper: bool = False) -> Any:
    """The triangular factor."""
    lower = tf.linalg.cholesky(x)
    return tf.linalg.adjoint(lower) if upper else lower


def diagonal(x: Any, *, offset: int = 0) -> Any:
    """A diagonal of the last two axes."""
    if not -x.shape[-2] < offset < x.shape[-1]:
        return x[..., 0, :0]  # beside the matrix, which TensorFlow refuses
    return tf.linalg.diag_part(x, k=offset)


def trace(x: Any, *, offset: int = 0, dtype: Any = None) -> Any:
    """The sums of a diagonal of the last two axes."""
    x = promotion.widened(x, dtype)
    return tf.linalg.trace(x) if offset == 0 else tf.reduce_sum(diagonal(x, offset=offset), -1)


def _check_real(name: str, x: Any, why: str = "its derivative is wrong") -> None:
    """Refuse complex matrices, of which TensorFlow has no right derivative."""
    if x.dtype.is_complex:
        raise Unsupported(f"xp.linalg.{name} of complex matrices is not possible in TensorFlow: {why}")


def det(x: Any) -> Any:
    """The determinant."""
    _check_real("det", x)
    return tf.linalg.det(x)


def slogdet(x: Any) -> Slogdet:
    """Sign and logarithm of the determinant."""
    _check_real("slogdet", x)
    return Slogdet(*tf.linalg.slogdet(x))


def solve(x1: Any, x2: Any) -> Any:
    """The solution of linear systems; x2 is a vector or a stack of matrices."""
    if x2.shape.rank == 1:
        stacked = tf.broadcast_to(x2[:, None], (*x1.shape[:-1], 1))
        return tf.squeeze(tf.linalg.solve(x1, stacked), -1)
    return tf.linalg.solve(x1, x2)


def outer(x1: Any, x2: Any) -> Any:
    """All products of an entry of one vector with an entry of the other."""
    return x1[:, None] * x2[None, :]


def eigh(x: Any) -> Eigh:
    """Eigenvalues and eigenvectors of symmetric matrices."""
    return Eigh(*tf.linalg.eigh(x))


def qr(x: Any, *, mode: str = "reduced") -> QR:
    """An orthogonal and a triangular factor."""
    return QR(*tf.linalg.qr(x, full_matrices=mode == "complete"))


def svd(x: Any, *, full_matrices: bool = True) -> SVD:
    """Singular values and vectors."""
    s, u, v = tf.linalg.svd(x, full_matrices=full_matrices)
    return SVD(u, s, tf.linalg.adjoint(v))


def svdvals(x: Any) -> Any:
    """Singular values. By those of the factorization: TensorFlow's rule without vectors is the same."""
    return tf.linalg.svd(x, compute_uv=False)


def pinv(x: Any, *, rtol: Any = None) -> Any:
    """The pseudoinverse."""
    _check_real("pinv", x, "it takes real ones only")
    return tf.linalg.pinv(x, rcond=rtol)


def matrix_rank(x: Any, *, rtol: Any = None) -> Any:
    """How many singular values are not negligible."""
    values = svdvals(x)
    if rtol is None:
        rtol = max(x.shape[-2:]) * np.finfo(x.dtype.as_numpy_dtype).eps
    least = tf.cast(rtol, x.dtype) * tf.reduce_max(values, -1, keepdims=True)
    return tf.reduce_sum(tf.cast(values > least, tf.int64), -1)


NAMES: dict[str, Any] = {
    "cholesky": cholesky,
    "det": det,
    "diagonal": diagonal,
    "eigh": eigh,
    "eigvalsh": tf.linalg.eigvalsh,
    "inv": tf.linalg.inv,
    "matrix_rank": matrix_rank,
    "outer": outer,
    "pinv": pinv,
    "qr": qr,
    "slogdet": slogdet,
    "solve": solve,
    "svd": svd,
    "svdvals": svdvals,
    "trace": trace,
}

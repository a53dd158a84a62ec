"""Calls of every name of the standard beside the core, and of the attributes and methods of arrays, on small arrays.

`a` has x and y (vectors of three that depend on the point), a matrix (2, 3), a wide one (1, 2, 3), a positive definite
one (3, 3) and plain integer indices. Every call returns an array.
"""

import math

CALLS = {
    "add": [lambda xp, a: xp.add(a.x, a.y), lambda xp, a: xp.add(a.x, 2)],
    "subtract": [lambda xp, a: xp.subtract(a.x, a.y), lambda xp, a: xp.subtract(1.0, a.y)],
    "multiply": [lambda xp, a: xp.multiply(a.x, a.y)],
    "divide": [lambda xp, a: xp.divide(a.x, a.y), lambda xp, a: xp.divide(1, a.y)],
    "negative": [lambda xp, a: xp.negative(a.x)],
    "positive": [lambda xp, a: xp.positive(a.x)],
    "reciprocal": [lambda xp, a: xp.reciprocal(a.x)],
    "floor_divide": [lambda xp, a: xp.floor_divide(10.3 * a.x, a.y) + a.x],
    "remainder": [lambda xp, a: xp.remainder(10.3 * a.x, a.y), lambda xp, a: xp.remainder(-a.x, 0.25)],
    "equal": [lambda xp, a: xp.where(xp.equal(a.indices, 1), a.x, a.y)],
    "not_equal": [lambda xp, a: xp.where(xp.not_equal(a.indices, 1), a.x, a.y)],
    "less": [lambda xp, a: xp.where(xp.less(a.x, a.y), a.x, a.y**2)],
    "less_equal": [lambda xp, a: xp.where(xp.less_equal(a.x, a.y), a.x, a.y**2)],
    "greater": [lambda xp, a: xp.where(xp.greater(a.x, a.y), a.x, a.y**2)],
    "greater_equal": [lambda xp, a: xp.where(xp.greater_equal(a.x, a.y), a.x, a.y**2)],
    "ceil": [lambda xp, a: xp.ceil(3 * a.x) * a.x],
    "floor": [lambda xp, a: xp.floor(3 * a.x) * a.x, lambda xp, a: (5 * a.x - xp.floor(5 * a.x)) ** 3],
    "round": [lambda xp, a: xp.round(3 * a.x) * a.x],
    "trunc": [lambda xp, a: xp.trunc(-3 * a.x) * a.x],
    "clip": [
        lambda xp, a: xp.clip(a.x**2, 0.2, 0.4),
        lambda xp, a: xp.clip(a.x**2, max=0.4),
        lambda xp, a: xp.clip(a.x, min=0.4),
    ],
    "copysign": [lambda xp, a: xp.copysign(a.x**2, a.y - 0.5)],
    "hypot": [
        lambda xp, a: xp.hypot(a.x, a.y),
        lambda xp, a: xp.hypot(a.x / xp.asarray([0.31, 0.72, 0.55]), -a.y / xp.asarray([0.83, 0.24, 0.47])),  # 1 and -1
    ],
    "signbit": [lambda xp, a: xp.where(xp.signbit(a.x - 0.5), a.x**2, a.x)],
    "nextafter": [lambda xp, a: xp.nextafter(a.x, a.y)],
    "isfinite": [lambda xp, a: xp.where(xp.isfinite(a.x), a.x**2, a.y)],
    "isinf": [lambda xp, a: xp.where(xp.isinf(a.x), a.x**2, a.y)],
    "isnan": [lambda xp, a: xp.where(xp.isnan(a.x), a.x**2, a.y)],
    "logical_and": [lambda xp, a: xp.where(xp.logical_and(a.x > 0.4, a.y < 0.5), a.x**2, a.y)],
    "logical_not": [lambda xp, a: xp.where(xp.logical_not(a.x > 0.4), a.x**2, a.y)],
    "logical_or": [lambda xp, a: xp.where(xp.logical_or(a.x > 0.4, a.y < 0.5), a.x**2, a.y)],
    "logical_xor": [lambda xp, a: xp.where(xp.logical_xor(a.x > 0.4, a.y < 0.5), a.x**2, a.y)],
    "all": [lambda xp, a: xp.where(xp.all(a.matrix > 0.3, axis=0), a.x**2, a.y)],
    "any": [
        lambda xp, a: xp.where(xp.any(a.matrix > 0.8, axis=0), a.x**2, a.y),
        lambda xp, a: xp.where(xp.any(a.x > 0), a.x, a.y),
    ],
    "count_nonzero": [lambda xp, a: a.x * xp.astype(xp.count_nonzero(a.matrix - a.x, axis=1)[0], a.x.dtype)],
    "bitwise_and": [lambda xp, a: xp.take(a.x, xp.bitwise_and(a.indices, 1), axis=0)],
    "bitwise_or": [lambda xp, a: xp.take(xp.concat([a.x, a.y]), xp.bitwise_or(a.indices, 2), axis=0)],
    "bitwise_xor": [lambda xp, a: xp.take(a.x, xp.bitwise_xor(a.indices, a.indices), axis=0)],
    "bitwise_invert": [lambda xp, a: a.x * xp.astype(xp.bitwise_invert(a.indices), a.x.dtype)],
    "bitwise_left_shift": [lambda xp, a: a.x * xp.astype(xp.bitwise_left_shift(a.indices, a.indices), a.x.dtype)],
    "bitwise_right_shift": [lambda xp, a: xp.take(a.x, xp.bitwise_right_shift(a.indices, a.indices), axis=0)],
    "conj": [lambda xp, a: xp.conj(a.x) * a.x],
    "real": [lambda xp, a: xp.real(xp.fft.fft(a.x))],
    "imag": [lambda xp, a: xp.imag(xp.fft.fft(a.x))],
    "empty": [lambda xp, a: 0 * xp.astype(xp.isfinite(xp.empty((2, 3), dtype=a.x.dtype)), a.x.dtype) + a.x],
    "empty_like": [lambda xp, a: 0 * xp.astype(xp.isfinite(xp.empty_like(a.x)), a.x.dtype) + a.x],
    "from_dlpack": [lambda xp, a: xp.from_dlpack(xp.asarray([1.5, 2.0, 3.0], dtype=xp.float64))],
    "full_like": [
        lambda xp, a: xp.full_like(a.matrix, 1.5) * a.x,
        lambda xp, a: xp.full_like(a.matrix, a.x[1] * a.x[2]),
        lambda xp, a: xp.full_like(a.x, fill_value=a.x[1]) ** 3,
    ],
    "meshgrid": [
        lambda xp, a: xp.meshgrid(a.x, a.y[:2])[0] * xp.meshgrid(a.x, a.y[:2])[1],
        lambda xp, a: xp.meshgrid(a.x, a.y[:2], indexing="ij")[1],
    ],
    "astype": [lambda xp, a: xp.astype(a.indices, a.x.dtype) * a.x, lambda xp, a: xp.astype(a.x > 0.5, a.x.dtype)],
    "can_cast": [lambda xp, a: a.x * (2 if xp.can_cast(xp.int8, xp.int64) else 1)],
    "finfo": [lambda xp, a: a.x + float(xp.finfo(a.x.dtype).eps)],
    "iinfo": [lambda xp, a: a.x + float(xp.iinfo(xp.int8).max)],
    "isdtype": [lambda xp, a: a.x * (2 if xp.isdtype(a.x.dtype, "real floating") else 1)],
    "result_type": [lambda xp, a: xp.asarray([1.0, 2.0, 3.0], dtype=xp.result_type(a.x.dtype, xp.float32)) * a.x],
    "broadcast_arrays": [lambda xp, a: xp.broadcast_arrays(a.x, a.matrix)[0] * a.matrix],
    "moveaxis": [lambda xp, a: xp.moveaxis(a.wide, 0, -1), lambda xp, a: xp.moveaxis(a.wide, (0, 1), (2, 0))],
    "repeat": [lambda xp, a: xp.repeat(a.x, 2), lambda xp, a: xp.repeat(a.matrix, 2, axis=1)],
    "tile": [lambda xp, a: xp.tile(a.x, (2, 2)), lambda xp, a: xp.tile(a.matrix, (2,))],
    "unstack": [lambda xp, a: xp.unstack(a.matrix)[0] * xp.unstack(a.matrix, axis=0)[1]],
    "argmax": [
        lambda xp, a: xp.take(a.x, xp.reshape(xp.argmax(a.x), (1,)), axis=0),
        lambda xp, a: xp.take(a.x, xp.argmax(a.matrix, axis=0), axis=0),
    ],
    "argmin": [lambda xp, a: xp.take(a.x, xp.argmin(a.matrix, axis=1), axis=0)],
    "argsort": [lambda xp, a: xp.take(a.x, xp.argsort(a.x), axis=0)],
    "nonzero": [lambda xp, a: xp.take(a.x, xp.nonzero(a.indices)[0], axis=0)],
    "searchsorted": [lambda xp, a: xp.take(a.x, xp.searchsorted(xp.asarray([0.5, 0.6], dtype=a.x.dtype), a.y), axis=0)],
    "sort": [lambda xp, a: xp.sort(a.matrix, axis=1) * a.x, lambda xp, a: xp.sort(a.matrix, axis=0) * a.x],
    "take_along_axis": [lambda xp, a: xp.take_along_axis(a.x, a.indices, axis=0)],
    "unique_all": [lambda xp, a: xp.unique_all(a.x).values],
    "unique_counts": [lambda xp, a: xp.unique_counts(a.x).values],
    "unique_inverse": [lambda xp, a: xp.unique_inverse(a.x).values],
    "unique_values": [lambda xp, a: xp.unique_values(a.x)],
    "cumulative_prod": [
        lambda xp, a: xp.cumulative_prod(a.x),
        lambda xp, a: xp.cumulative_prod(a.matrix, axis=1, include_initial=True),
    ],
    "diff": [
        lambda xp, a: xp.diff(a.x**2),
        lambda xp, a: xp.diff(a.matrix, n=2),
        lambda xp, a: xp.diff(a.wide, axis=1),
    ],
    "std": [lambda xp, a: xp.std(a.matrix), lambda xp, a: xp.std(a.matrix, axis=1, correction=1.0, keepdims=True)],
    "var": [lambda xp, a: xp.var(a.matrix), lambda xp, a: xp.var(a.matrix, axis=0, correction=1.0)],
    "linalg.cross": [lambda xp, a: xp.linalg.cross(a.x, a.y)],
    "linalg.eigh": [
        lambda xp, a: xp.linalg.eigh(a.spd)[0],
        lambda xp, a: xp.linalg.eigh(a.spd).eigenvectors ** 2,
    ],
    "linalg.matmul": [lambda xp, a: xp.linalg.matmul(a.matrix, a.x)],
    "linalg.matrix_norm": [
        lambda xp, a: xp.linalg.matrix_norm(a.matrix),
        lambda xp, a: xp.linalg.matrix_norm(a.matrix, ord=1, keepdims=True),
    ],
    "linalg.matrix_power": [
        lambda xp, a: xp.linalg.matrix_power(a.spd, 3),
        lambda xp, a: xp.linalg.matrix_power(a.spd, -1),
    ],
    "linalg.matrix_rank": [lambda xp, a: a.x * xp.astype(xp.linalg.matrix_rank(a.spd), a.x.dtype)],
    "linalg.matrix_transpose": [lambda xp, a: xp.linalg.matrix_transpose(a.matrix) ** 2],
    "linalg.pinv": [lambda xp, a: xp.linalg.pinv(a.matrix)],
    "linalg.qr": [lambda xp, a: abs(xp.linalg.qr(a.spd).R), lambda xp, a: xp.linalg.qr(a.spd).Q ** 2],
    "linalg.svd": [
        lambda xp, a: xp.linalg.svd(a.matrix, full_matrices=False).S,
        lambda xp, a: xp.linalg.svd(a.matrix, full_matrices=False).Vh ** 2,
    ],
    "linalg.svdvals": [lambda xp, a: xp.linalg.svdvals(a.matrix)],
    "linalg.tensordot": [lambda xp, a: xp.linalg.tensordot(a.matrix, a.spd, axes=1)],
    "linalg.vecdot": [lambda xp, a: xp.linalg.vecdot(a.x, a.y)],
    "linalg.vector_norm": [
        lambda xp, a: xp.linalg.vector_norm(a.x),
        lambda xp, a: xp.linalg.vector_norm(a.matrix, axis=1, ord=3),
        lambda xp, a: xp.linalg.vector_norm(a.matrix, axis=0, ord=math.inf, keepdims=True),
    ],
    "fft.fft": [lambda xp, a: power(xp, xp.fft.fft(a.x)), lambda xp, a: power(xp, xp.fft.fft(a.matrix, n=4, axis=0))],
    "fft.ifft": [lambda xp, a: power(xp, xp.fft.ifft(a.x, norm="ortho"))],
    "fft.fftn": [lambda xp, a: power(xp, xp.fft.fftn(a.matrix))],
    "fft.ifftn": [lambda xp, a: power(xp, xp.fft.ifftn(a.matrix))],
    "fft.rfft": [lambda xp, a: power(xp, xp.fft.rfft(a.matrix, axis=1))],
    "fft.irfft": [lambda xp, a: xp.fft.irfft(xp.fft.rfft(a.matrix, n=4), n=4)],
    "fft.rfftn": [lambda xp, a: power(xp, xp.fft.rfftn(a.matrix))],
    "fft.irfftn": [lambda xp, a: xp.fft.irfftn(xp.fft.rfftn(a.matrix, s=(2, 4), axes=(0, 1)), s=(2, 4), axes=(0, 1))],
    "fft.hfft": [lambda xp, a: xp.fft.hfft(xp.fft.rfft(a.matrix, n=4), n=4)],
    "fft.ihfft": [lambda xp, a: power(xp, xp.fft.ihfft(a.matrix, n=4))],
    "fft.fftfreq": [lambda xp, a: xp.astype(xp.fft.fftfreq(3, d=0.5), a.x.dtype) * a.x],
    "fft.rfftfreq": [lambda xp, a: xp.astype(xp.fft.rfftfreq(4), a.x.dtype) * a.x],
    "fft.fftshift": [
        lambda xp, a: xp.fft.fftshift(a.x) * a.y,
        lambda xp, a: xp.fft.fftshift(a.x**2, axes=(-1,)) * a.x,
    ],
    "fft.ifftshift": [
        lambda xp, a: xp.fft.ifftshift(a.matrix, axes=(1,)) * a.x,
        lambda xp, a: xp.fft.ifftshift(a.matrix**2, axes=(-1,)) * a.matrix,
    ],
}
"""Name -> calls over a namespace and inputs."""


def power(xp, spectrum):
    """Squares of the real part with the imaginary one: what has a derivative, of complex numbers."""
    return xp.real(spectrum) ** 2 + xp.real(spectrum) * xp.imag(spectrum)


def signed(xp, matrix):
    """Both parts of `slogdet` in one number."""
    sign, logarithm = xp.linalg.slogdet(matrix)
    return xp.real(sign * (1 + 2j)) + logarithm**2


ARRAYS = {
    "T": lambda xp, a: a.matrix.T @ a.matrix,
    "mT": lambda xp, a: a.wide.mT**2,
    "ndim": lambda xp, a: a.x * a.matrix.ndim,
    "shape": lambda xp, a: xp.reshape(a.x, (*a.x.shape, 1)),
    "size": lambda xp, a: a.x * a.matrix.size,
    "dtype": lambda xp, a: xp.ones(3, dtype=a.x.dtype) * a.x,
    "abs": lambda xp, a: abs(a.x - 0.5),
    "positive": lambda xp, a: (+a.x) * (-a.y),
    "matmul vectors": lambda xp, a: (a.matrix @ a.x)[0] * (a.x @ a.y),
    "matmul from the left": lambda xp, a: a.x @ a.spd,
    "floor_divide": lambda xp, a: (10.3 * a.x) // a.y + a.x,
    "remainder": lambda xp, a: (10.3 * a.x) % a.y,
    "reflected": lambda xp, a: (1 - a.x) * (2 / a.y) + 2**a.x,
    "number modulo array": lambda xp, a: 7 % a.x,
    "comparison": lambda xp, a: xp.where((a.x < a.y) & ~(a.x > 0.4) | (a.x == a.y), a.x**2, a.y),
    "shifts": lambda xp, a: xp.take(a.x, (a.indices << 1) >> 1, axis=0),
    "bits": lambda xp, a: xp.take(a.x, (a.indices & 1) | (a.indices ^ a.indices), axis=0),
    "in place": lambda xp, a: augmented(a.x, a.y),
    "index by integers": lambda xp, a: a.x[a.indices],
    "index by integers of two axes": lambda xp, a: a.spd[a.indices, a.indices],
    "ellipsis": lambda xp, a: a.wide[..., 1] * a.x[1],
    "new axis": lambda xp, a: a.x[:, None] * a.y[None, :],
    "iteration": lambda xp, a: xp.stack([row**2 for row in a.matrix]),
    "dtypes": lambda xp, a: (
        xp.astype(xp.astype(a.indices, xp.int32), xp.float64)
        * xp.astype(xp.asarray([1, 2, 3], dtype=xp.uint8), a.x.dtype)
        * a.x
    ),
    "axes from behind": lambda xp, a: xp.roll(a.matrix, 1, axis=-1) ** 2 * a.matrix,
    "functions of numbers": lambda xp, a: a.x * xp.sqrt(2.0) + a.y * xp.log(2 * xp.pi) * xp.exp(-0.5),
    "numbers among arrays": lambda xp, a: xp.stack([a.x[0] ** 2, 0.1, a.y[1]]) * a.x,
    "running products of nothing": lambda xp, a: a.x**2 + xp.sum(xp.cumulative_prod(a.x[3:])),
    "constants": lambda xp, a: a.x * xp.pi + xp.e + xp.where(a.x < xp.inf, a.x, xp.nan),
}
"""Attributes, methods and operators of arrays, and what else the standard says of them."""


COMPLEX = {
    "amplitudes": lambda xp, a: xp.abs(xp.fft.fft(a.x)),
    "convolution": lambda xp, a: xp.real(xp.fft.ifft(xp.fft.fft(a.x) * xp.fft.fft(a.y))),
    "correlation": lambda xp, a: xp.real(xp.fft.fft(a.x) * xp.conj(xp.fft.fft(a.y))),
    "exponential": lambda xp, a: xp.real(xp.exp(xp.fft.fft(a.x))),
    "quotient": lambda xp, a: xp.imag(xp.sin(xp.fft.fft(a.x)) / (2 + xp.fft.fft(a.y))),
    "complex constant": lambda xp, a: xp.real((a.x * xp.asarray([1j, 2.0, 1 + 1j])) ** 2),
    "complex literal": lambda xp, a: xp.real(xp.exp(1j * a.x * a.y)),
    "complex fill value": lambda xp, a: xp.imag(xp.full((3,), 1j) * a.x**2),
    "complex ends": lambda xp, a: xp.imag(xp.linspace(0, 1j, 3) * a.x**2),
    "conversion": lambda xp, a: xp.real(xp.astype(a.x, xp.complex128) ** 3),
    "conversion and back": lambda xp, a: xp.astype(xp.real(xp.astype(a.x, xp.complex128) ** 3), a.x.dtype) ** 2,
    "absolute values": lambda xp, a: xp.abs((1 + 2j) * a.x + 1j * a.y**2),
    "product": lambda xp, a: xp.real(xp.matmul(xp.astype(a.spd, xp.complex128), xp.fft.fft(a.x))),
    "solve": lambda xp, a: xp.abs(xp.linalg.solve(xp.astype(a.spd, xp.complex128), xp.fft.fft(a.x))),
    "sum": lambda xp, a: xp.abs(xp.sum(xp.fft.fft(a.x**2) * xp.asarray([1j, 2.0, 1 + 1j]))),
    "choice": lambda xp, a: xp.abs(xp.where(a.x > 0.5, xp.fft.fft(a.x), xp.fft.fft(a.y))),
    "norm": lambda xp, a: xp.linalg.vector_norm(xp.fft.fft(a.x)),
    "norm of a matrix": lambda xp, a: xp.linalg.matrix_norm((1 + 2j) * a.spd + 1j * a.spd**2),
    "sum of absolute values": lambda xp, a: xp.linalg.vector_norm(xp.fft.fft(a.x), ord=1),
    "inner product": lambda xp, a: xp.imag(xp.vecdot(a.x + 2j * a.y, 1j * a.x**2 + a.y)),
    "mean": lambda xp, a: xp.abs(xp.mean((1 + 2j) * a.x + 1j * a.y**2)),
    "prod": lambda xp, a: xp.imag(xp.prod(1j * a.x + a.y)),
    "running sums": lambda xp, a: xp.abs(xp.cumulative_sum(1j * a.x + a.y**2)),
    "trace": lambda xp, a: xp.abs(xp.linalg.trace((1 + 2j) * a.spd + 1j * a.spd**2)),
    "outer product": lambda xp, a: xp.imag(xp.linalg.outer(1j * a.x + a.y, a.x - 2j * a.y)),
    "logarithm and root": lambda xp, a: xp.imag(xp.log(a.x + 2j * a.y)) + xp.real(xp.sqrt(a.x + 2j)),
    "power": lambda xp, a: xp.real((a.x + 1j * a.y) ** 3) + xp.imag((a.x + 2j) ** -1),
    "hyperbolic": lambda xp, a: xp.real(xp.tanh(a.x + 0.3j)) + xp.imag(xp.cosh(a.x + 1j * a.y)),
    "stacked": lambda xp, a: xp.imag(xp.concat([xp.stack([a.x[0] + 0j, 1j * a.x[1] ** 2]), 1j * a.y])),
    "determinant": lambda xp, a: xp.imag(xp.linalg.det(a.spd + 0.3j * a.spd**2)),
    "sign and logarithm of a determinant": lambda xp, a: signed(xp, a.spd + 0.3j * a.spd**2),
    "sign": lambda xp, a: xp.imag(xp.sign(a.x + 2j * a.y**2)),
    "inverse of cosh": lambda xp, a: xp.imag(xp.acosh(-a.x + 2j * a.y)) + xp.real(xp.acosh(a.x - 2j * a.y)),
    "inverse functions": lambda xp, a: xp.real(
        xp.asin(2j * a.y - a.x) + xp.acos(2j * a.y - a.x) * 1j + xp.atanh(2j * a.y - a.x) + xp.asinh(1j * a.y - a.x)
    ),
    "logarithm to the left": lambda xp, a: xp.imag(xp.log(1j * a.y - a.x) * xp.sqrt(-1j * a.y - a.x)),
    "small": lambda xp, a: xp.real(xp.log1p(1j * a.y - 2 * a.x) + 1j * xp.expm1(1j * a.y - a.x)),
    "inverse": lambda xp, a: xp.imag(xp.linalg.inv(a.spd + 0.3j * a.spd**2)),
    "cholesky": lambda xp, a: xp.imag(xp.linalg.cholesky(hermitian(xp, a))),
    "eigenvalues": lambda xp, a: xp.linalg.eigvalsh(hermitian(xp, a)),
    "whole numbers": lambda xp, a: a.x**2 * xp.astype(xp.astype(10 * a.x, xp.int32), a.x.dtype),
}
"""Real numbers by way of complex ones, and by whole ones."""


def hermitian(xp, a):
    """A positive definite matrix with an imaginary part that is not symmetric."""
    rows = xp.linalg.outer(a.x, a.y)
    return 2 * a.spd + 0.3j * (rows - xp.matrix_transpose(rows))


def augmented(x, y):
    """Augmented assignment, which may bind the name anew."""
    total = x * 1.0
    total += y
    total *= y
    total -= x
    total /= 2.0
    return total


STEPS = {
    *("from_dlpack", "result_type", "nextafter"),
    *("linalg.matrix_rank", "fft.fftfreq", "fft.rfftfreq"),
}
"""Names that do not depend on x in a way that differences in another precision would see."""

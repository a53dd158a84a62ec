"""The source text of an objective in a hundred digits: an array namespace over NumPy arrays of mpmath numbers.

Derivatives come from central differences with h = 1e-30, so no derivative rule of anybody is involved.
"""

import mpmath
import numpy as np

from hessbench.backends.contract.namespace import resolve

DIGITS, STEP = 100, mpmath.mpf("1e-30")
mpmath.mp.dps = DIGITS

ELEMENTWISE = {
    "abs": abs,
    "acos": mpmath.acos,
    "acosh": mpmath.acosh,
    "asin": mpmath.asin,
    "asinh": mpmath.asinh,
    "atan": mpmath.atan,
    "atan2": mpmath.atan2,
    "atanh": mpmath.atanh,
    "cos": mpmath.cos,
    "cosh": mpmath.cosh,
    "exp": mpmath.exp,
    "expm1": mpmath.expm1,
    "log": mpmath.log,
    "log10": mpmath.log10,
    "log1p": mpmath.log1p,
    "log2": lambda x: mpmath.log(x, 2),
    "logaddexp": lambda x, y: mpmath.log(mpmath.exp(x) + mpmath.exp(y)),
    "maximum": max,
    "minimum": min,
    "pow": mpmath.power,
    "sign": mpmath.sign,
    "sin": mpmath.sin,
    "sinh": mpmath.sinh,
    "sqrt": mpmath.sqrt,
    "square": lambda x: x * x,
    "tan": mpmath.tan,
    "tanh": mpmath.tanh,
}


def exact(array):
    """A float64 array as mpmath numbers of the same values; integers stay integers."""
    array = np.asarray(array)
    return np.frompyfunc(mpmath.mpf, 1, 1)(array) if array.dtype.kind == "f" else array


def elementwise(function, count):
    ufunc = np.frompyfunc(function, count, 1)
    return lambda *arrays: np.asarray(ufunc(*arrays))


def by_matrix(function):
    """A function of one mpmath matrix for stacks of object arrays."""

    def apply(a, *b):
        a = np.asarray(a)
        if a.ndim > 2:
            return np.stack([apply(part, *b) for part in a])
        return np.asarray(function(mpmath.matrix(a.tolist()), *b), dtype=object)

    return apply


def listed(matrix):
    return np.array(matrix.tolist(), dtype=object)


def solve(a, b):
    b = np.asarray(b)
    columns = b[:, None] if b.ndim == 1 else b
    x = np.stack([np.array(list(mpmath.lu_solve(a, mpmath.matrix(list(c)))), dtype=object) for c in columns.T], axis=1)
    return x[:, 0] if b.ndim == 1 else x


class Linalg:
    det = staticmethod(by_matrix(mpmath.det))
    inv = staticmethod(by_matrix(lambda a: listed(a**-1)))
    cholesky = staticmethod(by_matrix(lambda a: listed(mpmath.cholesky(a))))
    eigvalsh = staticmethod(by_matrix(lambda a: list(mpmath.eigsy(a, eigvals_only=True))))
    solve = staticmethod(by_matrix(solve))
    trace = staticmethod(lambda a: np.trace(a, axis1=-2, axis2=-1))
    diagonal = staticmethod(lambda a: np.diagonal(a, axis1=-2, axis2=-1))
    outer = staticmethod(lambda a, b: np.multiply.outer(a, b))

    @staticmethod
    def slogdet(a):
        determinant = Linalg.det(a)
        return Namespace.sign(determinant), Namespace.log(Namespace.abs(determinant))


class Namespace:
    """NumPy's names over object arrays."""

    linalg = Linalg
    pi, e = +mpmath.pi, +mpmath.e
    inf, nan, newaxis = mpmath.inf, mpmath.nan, None
    sum = staticmethod(lambda x, axis=None, keepdims=False: np.sum(np.asarray(x), axis=axis, keepdims=keepdims))
    vecdot = staticmethod(lambda a, b, axis=-1: np.sum(np.asarray(a) * b, axis=axis))
    cumulative_sum = staticmethod(lambda x, axis=None: np.cumsum(x, axis=axis))

    @staticmethod
    def mean(x, axis=None, keepdims=False):
        total = np.sum(np.asarray(x), axis=axis, keepdims=keepdims)
        return total / (np.size(x) // np.size(total))

    def __getattr__(self, name):
        if name in ("arange", "asarray", "eye", "full", "linspace", "ones", "ones_like", "zeros", "zeros_like"):
            return lambda *arguments, dtype=None, **options: self._created(name, arguments, options)
        return resolve(np, name)

    @staticmethod
    def _created(name, arguments, options):
        if name in ("ones_like", "zeros_like"):
            return exact(getattr(np, name.removesuffix("_like"))(np.shape(arguments[0])))
        if name == "asarray":
            return np.asarray(arguments[0], dtype=object)
        made = getattr(np, name)(*arguments, **options)
        return made if made.dtype.kind == "i" else exact(np.asarray(made, dtype=float)) if name != "full" else made


for _name, _function in ELEMENTWISE.items():
    _count = 2 if _name in ("atan2", "logaddexp", "maximum", "minimum", "pow") else 1
    setattr(Namespace, _name, staticmethod(elementwise(_function, _count)))

namespace = Namespace()


def derivatives_along(objective, x, data, v):
    """The first and second derivative of f at x along v, to more than 15 digits."""
    data = [exact(array) for array in data]
    x, v = exact(x), exact(v)

    def f(t):
        return np.asarray(objective(namespace, x + t * v, *data)).item()

    ahead, here, behind = f(STEP), f(mpmath.mpf(0)), f(-STEP)
    return (ahead - behind) / (2 * STEP), (ahead - 2 * here + behind) / STEP**2


def hessian(problem, n, x, data):
    """The Hessian (n, n) of a problem at x as mpmath numbers, to more than 30 digits, closed form or not.

    Polarization, 2 e_i'H e_j = (e_i + e_j)'H (e_i + e_j) - e_i'H e_i - e_j'H e_j, cancels digits that we have.
    """
    basis, result = np.eye(n), np.empty((n, n), dtype=object)

    def curvature(v):
        return derivatives_along(problem.objective, x, data, v)[1]

    for i in range(n):
        result[i, i] = curvature(basis[i])
    for i in range(n):
        for j in range(i):
            both = curvature(basis[i] + basis[j])
            result[i, j] = result[j, i] = (both - result[i, i] - result[j, j]) / 2
    return result

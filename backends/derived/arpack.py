"""SciPy's `eigsh` around a framework's product: ARPACK runs on the host, each product where the framework computes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.errors import Unsupported
from hessbench.backends.derived.algebra import eps_of
from hessbench.backends.derived.newton import FLOOR

if TYPE_CHECKING:
    from hessbench.backends.contract.interface import Backend

TOLERANCE = 1e-10


def eigsh(engine: Backend, hvp: Callable[..., Array]) -> Callable[..., Array]:
    """The largest eigenvalues, descending, as many as there are start vectors, of which ARPACK takes the first.

    Args:
        engine: The backend.
        hvp: Its product (x, v, *data) -> H v, built.

    Returns:
        A function (x, V, *data) -> (k,), which raises `Unsupported` where ARPACK does not compute so many.
    """

    def call(x: Array, starts: Array, *data: Array) -> Array:
        from scipy.sparse.linalg import ArpackError, LinearOperator
        from scipy.sparse.linalg import eigsh as arpack

        k, n = starts.shape
        if k >= n:
            raise Unsupported(f"ARPACK computes fewer than n eigenvalues: not {k} of {n}")
        start = engine.to_numpy(starts)[0]
        product = lambda v: engine.to_numpy(hvp(x, engine.asarray(np.ravel(v)), *data))  # noqa: E731
        matrix = LinearOperator((n, n), matvec=product, dtype=start.dtype)
        limit: Any = max(TOLERANCE, FLOOR * eps_of(start))
        try:
            values = arpack(matrix, k, which="LA", v0=start, tol=limit, return_eigenvectors=False)
        except ArpackError as error:  # the matrix is zero, or it does not converge
            raise Unsupported(f"ARPACK gives up: {error}") from None
        return engine.asarray(np.sort(values)[::-1].copy())

    return call

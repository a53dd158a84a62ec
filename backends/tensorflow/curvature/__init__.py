"""Curvature that is less than the Hessian: traces, Laplacians, blocks, and Gauss-Newton matrices."""

from __future__ import annotations

from hessbench.backends.contract.method import Method
from hessbench.backends.tensorflow.curvature import biharmonic, block_diagonal, gauss_newton, laplacian, trace

METHODS: tuple[Method, ...] = (
    *laplacian.METHODS,
    *trace.METHODS,
    *gauss_newton.METHODS,
    *biharmonic.METHODS,
    *block_diagonal.METHODS,
)

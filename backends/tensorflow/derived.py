"""What second derivatives are for, in TensorFlow: `tf.linalg`, and `tf.while_loop` around products."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, find
from hessbench.backends.derived.algebra import Algebra, Carry
from hessbench.backends.derived.declaring import Bases, by_arpack, derived
from hessbench.backends.tensorflow import hessian, hvp
from hessbench.backends.tensorflow.compositions import gradient, reverse_over_reverse

tf = Lazy("tensorflow")

Function = Callable[..., Any]


def _algebra() -> Algebra:
    from hessbench.backends.tensorflow.standard import namespace

    return Algebra(
        xp=namespace,
        cholesky_solve=lambda lower, b: tf.linalg.cholesky_solve(lower, b[:, None])[:, 0],
        loop=_loop,
        counter=lambda: tf.constant(0, dtype=tf.int64),  # as the namespace counts
        with_row=lambda matrix, j, row: tf.tensor_scatter_nd_update(matrix, [[j]], row[None]),
    )


def _loop(goes_on: Callable[..., Any], body: Callable[..., Carry], carry: Carry) -> Carry:
    return tuple(tf.while_loop(goes_on, body, carry))


def _linearized(f: Function) -> Function:
    """The gradient, and a tape within a tape for each product: a tape's graph is not kept in a loop."""
    slope, product = gradient(f), reverse_over_reverse(f)
    return lambda x, *data: (slope(x, *data), lambda v: product(x, v, *data))


ROUGH = ("newton-least-norm", "top-dense", "inertia", "spectrum")
"""Not under XLA, which in TensorFlow finds eigenvalues by Jacobi's rotations until these are small (seen in 2.21:
eigenvectors off by 1e-7 and eigenvalues by 1e-11, where LAPACK's are by 1e-15)."""

METHODS: tuple[Method, ...] = (
    *derived(
        Bases(
            algebra=_algebra,
            gradient=gradient,
            linearized=_linearized,
            by="nested tapes",
            mode="reverse-over-reverse",
            executions=("graph",),
            whole=("xla",),
            but=ROUGH,
            methods=hessian.METHODS,
            hessians=("jacobian", "map"),
        ),
        default=("graph",),
    ),
    by_arpack(find(hvp.METHODS, "hvp-reverse-over-reverse-graph")),
)

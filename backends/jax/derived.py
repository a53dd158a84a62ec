"""What second derivatives are for, in JAX: `jax.numpy.linalg`, and `jax.lax.while_loop` around products."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, find
from hessbench.backends.derived.algebra import Algebra
from hessbench.backends.derived.declaring import Bases, by_arpack, derived
from hessbench.backends.jax import hessian, hvp

jax = Lazy("jax")
scipy_linalg = Lazy("jax.scipy.linalg")

Function = Callable[..., Any]


def _algebra() -> Algebra:
    return Algebra(
        xp=jax.numpy,
        cholesky_solve=lambda lower, b: scipy_linalg.cho_solve((lower, True), b),
        loop=lambda goes_on, body, carry: jax.lax.while_loop(lambda c: goes_on(*c), lambda c: body(*c), carry),
        counter=lambda: 0,
        with_row=lambda matrix, j, row: matrix.at[j].set(row),
    )


def _gradient(f: Function) -> Function:
    return jax.grad(f)


def _linearized(f: Function) -> Function:
    """The gradient once, and its tangent map."""

    def at(x: Array, *data: Array) -> tuple[Array, Function]:
        return jax.linearize(lambda y: jax.grad(f)(y, *data), x)

    return at


METHODS: tuple[Method, ...] = (
    *derived(
        Bases(
            algebra=_algebra,
            gradient=_gradient,
            linearized=_linearized,
            by="jax.linearize of grad",
            mode="forward-over-reverse",
            executions=("jit",),
            methods=hessian.METHODS,
            hessians=("hessian", "linearize-vmap"),
        ),
        default=("jit",),
    ),
    by_arpack(find(hvp.METHODS, "hvp-forward-over-reverse-jit")),
)

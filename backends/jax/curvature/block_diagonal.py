"""The Hessian's diagonal blocks, one for each array of which x is made, without the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.binding import Bound
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, declare
from hessbench.backends.contract.words import Execution

jax = Lazy("jax")

Function = Callable[..., Any]


def _each(hessian_of: Callable[[Function], Function]) -> Callable[[Bound], Function]:
    """A Hessian by one array after the other, the others held fast."""

    def build(f: Bound) -> Function:
        def blocks(x: Array, *data: Array) -> Array:
            def block(start: int, end: int) -> Array:
                def of_one(y: Array) -> Array:
                    return f(jax.numpy.concatenate([x[:start], y, x[end:]]), *data)

                return hessian_of(of_one)(x[start:end]).reshape(-1)

            return jax.numpy.concatenate([block(*span) for span in f.spans])

        return blocks

    return build


def _sliced(f: Bound) -> Function:
    def blocks(x: Array, *data: Array) -> Array:
        whole = jax.hessian(f.f)(x, *data)
        return jax.numpy.concatenate([whole[start:end, start:end].reshape(-1) for start, end in f.spans])

    return blocks


_JIT: tuple[Execution, ...] = ("jit",)

METHODS: tuple[Method, ...] = (
    *declare(
        "block-diagonal-forward-over-reverse",
        _JIT,
        _each(lambda f: jax.hessian(f)),
        default=_JIT,
        operator="block-diagonal",
        mode="forward-over-reverse",
        assembly="vmap",
        stock="jax.hessian",
        summary="The stock Hessian by one array after the other, the others held fast.",
    ),
    *declare(
        "block-diagonal-reverse-over-reverse",
        _JIT,
        _each(lambda f: jax.jacrev(jax.grad(f))),
        operator="block-diagonal",
        mode="reverse-over-reverse",
        assembly="vmap",
        stock="jax.jacrev",
        summary="jacrev of grad by one array after the other, the others held fast.",
    ),
    *declare(
        "block-diagonal-hessian",
        _JIT,
        _sliced,
        default=_JIT,
        operator="block-diagonal",
        mode="forward-over-reverse",
        assembly="stock",
        stock="jax.hessian",
        summary="Cut out of the whole Hessian: what people write.",
    ),
)

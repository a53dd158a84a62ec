"""The Hessian's diagonal blocks, one for each array of which x is made, without the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.binding import Bound
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, declare
from hessbench.backends.contract.words import Execution
from hessbench.backends.torch.compositions import jacrev_grad, row_loop

torch = Lazy("torch")

Function = Callable[..., Any]


def _each(hessian_of: Callable[[Function], Function]) -> Callable[[Bound], Function]:
    """A Hessian by one array after the other, the others held fast."""

    def build(f: Bound) -> Function:
        def blocks(x: Array, *data: Array) -> Array:
            def block(start: int, end: int) -> Array:
                return hessian_of(lambda y: f.f(torch.cat([x[:start], y, x[end:]]), *data))(x[start:end]).reshape(-1)

            return torch.cat([block(*span) for span in f.spans])

        return blocks

    return build


def _sliced(f: Bound) -> Function:
    hessian = jacrev_grad(f.f)

    def blocks(x: Array, *data: Array) -> Array:
        whole = hessian(x, *data)
        return torch.cat([whole[start:end, start:end].reshape(-1) for start, end in f.spans])

    return blocks


_EAGER: tuple[Execution, ...] = ("eager",)

METHODS: tuple[Method, ...] = (
    *declare(
        "block-diagonal-jacrev",
        _EAGER,
        _each(jacrev_grad),
        default=_EAGER,
        operator="block-diagonal",
        mode="reverse-over-reverse",
        assembly="vmap",
        stock="torch.func.jacrev",
        since="2.0",
        summary="jacrev of grad by one array after the other, the others held fast.",
    ),
    *declare(
        "block-diagonal-row-loop",
        _EAGER,
        _each(row_loop),
        operator="block-diagonal",
        mode="reverse-over-reverse",
        assembly="loop",
        stock="torch.autograd.grad",
        summary="Double backward by one array after the other, row after row.",
    ),
    *declare(
        "block-diagonal-hessian",
        _EAGER,
        _sliced,
        default=_EAGER,
        operator="block-diagonal",
        mode="reverse-over-reverse",
        assembly="stock",
        stock="torch.func.jacrev",
        since="2.0",
        summary="Cut out of the whole Hessian: what people write.",
    ),
)

"""The biharmonic, the Laplacian of the Laplacian, at many points: plates, and phase fields.

Nested, every way to a Laplacian gives one to it: the n slopes and the sum of collapsed Taylor mode carry n slopes and a
sum each, (n + 2)^2 numbers for each one of f.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.errors import Unsupported
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, declare
from hessbench.backends.contract.words import Execution
from hessbench.backends.torch.compositions import forward_over_reverse, vjp_grad
from hessbench.backends.torch.diagonal import product
from hessbench.backends.torch.limits import LINEAR_ALGEBRA_OF_POINTS
from hessbench.backends.torch.taylor.collapsed import carried
from hessbench.backends.torch.taylor.trace import Kept, detaches, flat, in_plain_steps, traced, without_traces

func = Lazy("torch.func")

Function = Callable[..., Any]


def _collapsed(f: Function) -> Function:
    def make(points: Array, directions: Array, *data: Array) -> Any:
        everywhere = func.vmap(in_plain_steps(f), in_dims=(0, *(None for _ in data)))
        program = traced(everywhere, points, *data)
        if detaches(program):
            raise Unsupported("f detaches something, which the trace of its Laplacian would not show")
        # The outer sum takes its own directions, and passes the inner one's on as data.
        twice = carried(without_traces(traced(carried(program), points, directions, *data)))
        return flat(lambda x, rows, *data: twice(x, rows, rows, *data), points, directions, *data)

    return Kept(make)


def _nested(second_of: Callable[[Function], Function]) -> Callable[[Function], Function]:
    """The sum of e_i'He_i of the same sum, all coordinates and all points at once."""

    def build(f: Function) -> Function:
        vmap = func.vmap

        def total_of(f: Function) -> Function:
            second = second_of(f)
            return lambda x, basis, *data: vmap(lambda v: second(x, v, *data))(basis).sum()

        twice = total_of(total_of(f))
        return lambda points, basis, *data: vmap(lambda x: twice(x, basis, basis, *data))(points)

    return build


_EAGER: tuple[Execution, ...] = ("eager",)

METHODS: tuple[Method, ...] = (
    *declare(
        "biharmonic-collapsed",
        _EAGER,
        _collapsed,
        default=_EAGER,
        operator="biharmonic",
        mode="taylor",
        assembly="collapsed",
        stock="torch.fx.experimental.proxy_tensor.make_fx",
        since="2.5",
        needs_basis=True,
        cost="about b n^2 objectives",
        pitfalls=("a block under torch.no_grad() is refused: a trace does not show it",),
        summary="Collapsed Taylor mode of collapsed Taylor mode: n + 2 numbers for each of n + 2.",
    ),
    *declare(
        "biharmonic-reverse-over-reverse",
        _EAGER,
        _nested(product(vjp_grad)),
        default=_EAGER,
        operator="biharmonic",
        mode="reverse-over-reverse",
        assembly="vmap",
        stock="torch.func.vmap",
        since="2.0",
        needs_basis=True,
        summary="The sum of e_i'He_i by the hvp vjp(grad), of the same: what people write.",
    ),
    *declare(
        "biharmonic-forward-over-reverse",
        _EAGER,
        _nested(product(forward_over_reverse)),
        operator="biharmonic",
        mode="forward-over-reverse",
        assembly="vmap",
        stock="torch.func.jvp",
        since="2.0",
        needs_basis=True,
        faults=LINEAR_ALGEBRA_OF_POINTS,
        summary="The sum of e_i'He_i by the hvp jvp(grad), of the same.",
    ),
)

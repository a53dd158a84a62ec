"""The dense Hessian."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, declare
from hessbench.backends.contract.refusal import Refusal
from hessbench.backends.contract.words import Execution
from hessbench.backends.torch.compositions import (
    dual_loop,
    forward_over_reverse,
    grads_batched,
    jacrev_grad,
    over_vectors,
    replicated,
    reverse_over_forward,
    row_loop,
    vjp_grad,
)
from hessbench.backends.torch.limits import (
    BATCHED_NORMALIZATION,
    CDIST,
    COMPILED_BY_A_PERSON,
    COMPILED_FORWARD,
    LINEAR_ALGEBRA,
    NO_DOUBLE_BACKWARD,
    NO_NESTED_TRACE,
    TRACE,
    ZERO_TENSOR,
)

func = Lazy("torch.func")
functional = Lazy("torch.autograd.functional")

Function = Callable[..., Any]


def _func_hessian(f: Function) -> Function:
    return func.hessian(f)


def _jacrev_jacrev(f: Function) -> Function:
    return func.jacrev(func.jacrev(f))


def _jacrev_grad_chunked(f: Function, chunk: int | None) -> Function:
    return func.jacrev(func.grad(f), chunk_size=chunk)


def _jacfwd_grad(f: Function) -> Function:
    return func.jacfwd(func.grad(f))


def _jacfwd_jacfwd(f: Function) -> Function:
    return func.jacfwd(func.jacfwd(f))


def _jacrev_jacfwd(f: Function) -> Function:
    return func.jacrev(func.jacfwd(f))


def _linearize_vmap(f: Function) -> Function:
    def hessian(x: Array, basis: Array, *data: Array) -> Array:
        _, tangent_map = func.linearize(lambda y: func.grad(f)(y, *data), x)
        return func.vmap(tangent_map)(basis)

    return hessian


def _autograd_hessian(f: Function) -> Function:
    return lambda x, *data: functional.hessian(lambda y: f(y, *data), x)


def _autograd_hessian_vectorized(f: Function) -> Function:
    return lambda x, *data: functional.hessian(lambda y: f(y, *data), x, vectorize=True)


def _autograd_hessian_forward(f: Function) -> Function:
    forward = {"vectorize": True, "outer_jacobian_strategy": "forward-mode"}
    return lambda x, *data: functional.hessian(lambda y: f(y, *data), x, **forward)


QUADRATIC_COST = (
    Refusal("n^2 tangents: at n = 256 a two-layer network took 0.5 to 1 s, 150 times jacrev(grad)", above=1024),
)

_EAGER: tuple[Execution, ...] = ("eager",)
_INDUCTOR: tuple[Execution, ...] = ("inductor",)
_BOTH: tuple[Execution, ...] = ("eager", "inductor")

METHODS: tuple[Method, ...] = (
    *declare(
        "jacrev-grad",
        _BOTH,
        jacrev_grad,
        default=_EAGER,
        operator="hessian",
        mode="reverse-over-reverse",
        assembly="vmap",
        stock="torch.func.jacrev",
        since="2.0",
        summary="Reverse over reverse with a scalar inner gradient: plain matrix products stay plain.",
    ),
    *declare(
        "func-hessian",
        _EAGER,
        _func_hessian,
        default=_EAGER,
        operator="hessian",
        mode="forward-over-reverse",
        assembly="stock",
        stock="torch.func.hessian",
        since="2.0",
        faults=BATCHED_NORMALIZATION,
        summary="The stock call, jacfwd(jacrev(f)); its inner jacrev adds a batch dimension of one.",
    ),
    *declare(
        "func-hessian",
        _INDUCTOR,
        _func_hessian,
        operator="hessian",
        mode="forward-over-reverse",
        assembly="stock",
        stock="torch.func.hessian",
        since="2.3",
        faults=(*COMPILED_FORWARD, *TRACE, *BATCHED_NORMALIZATION),
        summary="The stock call, compiled.",
    ),
    *declare(
        "jacrev-jacrev",
        _EAGER,
        _jacrev_jacrev,
        operator="hessian",
        mode="reverse-over-reverse",
        assembly="vmap",
        stock="torch.func.jacrev",
        since="2.0",
        faults=(*CDIST, *BATCHED_NORMALIZATION),
        summary="Reverse over reverse; the fallback where forward mode lacks an operator.",
    ),
    *declare(
        "jacrev-jacrev",
        _INDUCTOR,
        _jacrev_jacrev,
        operator="hessian",
        mode="reverse-over-reverse",
        assembly="vmap",
        stock="torch.func.jacrev",
        since="2.3",
        faults=BATCHED_NORMALIZATION,
        summary="Reverse over reverse, compiled.",
    ),
    *declare(
        "autograd-hessian",
        _BOTH,
        _autograd_hessian,
        default=_EAGER,
        operator="hessian",
        mode="reverse-over-reverse",
        assembly="loop",
        stock="torch.autograd.functional.hessian",
        since="1.5",
        faults=COMPILED_BY_A_PERSON,
        refusals=NO_DOUBLE_BACKWARD,
        pitfalls=("pytorch#50138: a parameter that f closes over counts as constant, and its rows are zero",),
        summary="The older stock call: a Python loop over the rows.",
    ),
    *declare(
        "autograd-hessian-vectorized",
        _EAGER,
        _autograd_hessian_vectorized,
        default=_EAGER,
        operator="hessian",
        mode="reverse-over-reverse",
        assembly="vmap",
        stock="torch.autograd.functional.hessian",
        since="1.8",
        faults=COMPILED_BY_A_PERSON,
        pitfalls=("pytorch-minimize#39: it wanted 3732 GiB where the loop works",),
        summary="The older stock call with vectorize=True: all rows at once.",
    ),
    *declare(
        "autograd-hessian-forward",
        _EAGER,
        _autograd_hessian_forward,
        operator="hessian",
        mode="forward-over-reverse",
        assembly="vmap",
        stock="torch.autograd.functional.hessian",
        since="1.11",
        summary="The older stock call, vectorized, with a forward-mode outer Jacobian.",
    ),
    *declare(
        "row-loop",
        _EAGER,
        row_loop,
        operator="hessian",
        mode="reverse-over-reverse",
        assembly="loop",
        stock="torch.autograd.grad",
        summary="Double backward in a Python loop over the rows: what people write; least memory.",
    ),
    *declare(
        "replicated",
        _EAGER,
        replicated,
        operator="hessian",
        mode="reverse-over-reverse",
        assembly="replicated",
        stock="torch.autograd.grad",
        needs_basis=True,
        summary="A copy of the point for each row, double backward of the sum over the copies: no vmap.",
    ),
    *declare(
        "grads-batched",
        _EAGER,
        grads_batched,
        default=_EAGER,
        operator="hessian",
        mode="reverse-over-reverse",
        assembly="vmap",
        stock="torch.autograd.grad",
        since="1.11",
        needs_basis=True,
        summary="Double backward of all rows at once, is_grads_batched=True.",
    ),
    *declare(
        "dual-loop",
        _EAGER,
        dual_loop,
        operator="hessian",
        mode="forward-over-reverse",
        assembly="loop",
        stock="torch.autograd.forward_ad",
        since="1.11",
        needs_basis=True,
        summary="Dual numbers by hand, one basis vector after the other.",
    ),
    *declare(
        "jacfwd-grad",
        _EAGER,
        _jacfwd_grad,
        operator="hessian",
        mode="forward-over-reverse",
        assembly="vmap",
        stock="torch.func.jacfwd",
        since="2.0",
        summary="Forward over reverse with a scalar inner gradient.",
    ),
    *declare(
        "jacfwd-grad",
        _INDUCTOR,
        _jacfwd_grad,
        operator="hessian",
        mode="forward-over-reverse",
        assembly="vmap",
        stock="torch.func.jacfwd",
        since="2.3",
        faults=COMPILED_FORWARD,
        summary="Forward over reverse with a scalar inner gradient, compiled.",
    ),
    *declare(
        "jacrev-grad",
        _BOTH,
        _jacrev_grad_chunked,
        operator="hessian",
        mode="reverse-over-reverse",
        assembly="chunked",
        chunk="16",
        stock="torch.func.jacrev",
        since="2.0",
        summary="Reverse over reverse, some rows at a time; compiled, the chunks are unrolled.",
    ),
    *declare(
        "jacfwd-jacfwd",
        _EAGER,
        _jacfwd_jacfwd,
        operator="hessian",
        mode="forward-over-forward",
        assembly="vmap",
        stock="torch.func.jacfwd",
        since="2.0",
        cost="n^2 objectives",
        faults=LINEAR_ALGEBRA,
        refusals=QUADRATIC_COST,
        summary="Forward over forward: n^2 work.",
    ),
    *declare(
        "jacfwd-jacfwd",
        _INDUCTOR,
        _jacfwd_jacfwd,
        operator="hessian",
        mode="forward-over-forward",
        assembly="vmap",
        stock="torch.func.jacfwd",
        since="2.3",
        cost="n^2 objectives",
        faults=LINEAR_ALGEBRA,
        refusals=ZERO_TENSOR,
        summary="Forward over forward, compiled.",
    ),
    *declare(
        "jacrev-jacfwd",
        _EAGER,
        _jacrev_jacfwd,
        operator="hessian",
        mode="reverse-over-forward",
        assembly="vmap",
        stock="torch.func.jacrev",
        since="2.0",
        cost="n^2 objectives",
        faults=LINEAR_ALGEBRA,
        refusals=QUADRATIC_COST,
        summary="Reverse over forward on the whole Jacobian: n^2 work.",
    ),
    *declare(
        "jacrev-jacfwd",
        _INDUCTOR,
        _jacrev_jacfwd,
        operator="hessian",
        mode="reverse-over-forward",
        assembly="vmap",
        stock="torch.func.jacrev",
        since="2.3",
        cost="n^2 objectives",
        faults=(*LINEAR_ALGEBRA, *COMPILED_FORWARD),
        refusals=QUADRATIC_COST,
        summary="Reverse over forward on the whole Jacobian, compiled.",
    ),
    *declare(
        "vmap-forward-over-reverse",
        _EAGER,
        over_vectors(forward_over_reverse),
        operator="hessian",
        mode="forward-over-reverse",
        assembly="vmap",
        stock="torch.func.vmap",
        since="2.0",
        needs_basis=True,
        summary="The hvp jvp(grad) mapped over the basis.",
    ),
    *declare(
        "vmap-reverse-over-reverse",
        _BOTH,
        over_vectors(vjp_grad),
        operator="hessian",
        mode="reverse-over-reverse",
        assembly="vmap",
        stock="torch.func.vmap",
        since="2.0",
        needs_basis=True,
        summary="The hvp vjp(grad) mapped over the basis.",
    ),
    *declare(
        "vmap-reverse-over-reverse",
        _EAGER,
        over_vectors(vjp_grad),
        operator="hessian",
        mode="reverse-over-reverse",
        assembly="chunked",
        chunk="16",
        stock="torch.func.vmap",
        since="2.0",
        needs_basis=True,
        summary="The hvp vjp(grad) mapped over some basis vectors at a time; each chunk evaluates f again.",
    ),
    *declare(
        "vmap-reverse-over-forward",
        _EAGER,
        over_vectors(reverse_over_forward),
        operator="hessian",
        mode="reverse-over-forward",
        assembly="vmap",
        stock="torch.func.vmap",
        since="2.0",
        needs_basis=True,
        faults=LINEAR_ALGEBRA,
        summary="The hvp grad(jvp) mapped over the basis: reverse over forward at O(n).",
    ),
    *declare(
        "linearize-vmap",
        _BOTH,
        _linearize_vmap,
        operator="hessian",
        mode="forward-over-reverse",
        assembly="vmap",
        stock="torch.func.linearize",
        since="2.1",
        needs_basis=True,
        refusals=NO_NESTED_TRACE,
        summary="The gradient is traced and linearized at every call; pays only when the map is reused.",
    ),
)

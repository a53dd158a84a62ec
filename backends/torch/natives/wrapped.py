"""f compiled by a person, recomputed, as a model, or with a rule of one's own."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.lazy import Lazy

torch, modules, recompute = Lazy("torch"), Lazy("torch.nn"), Lazy("torch.utils.checkpoint")


def _sines(x: Array) -> Array:
    return (x.sin() ** 3).sum()


@functools.cache
def made(name: str) -> Any:
    """What is made once, before any transformation: a program, a model, or a rule, which needs PyTorch's class."""
    if name == "model":
        return modules.Sequential(modules.Linear(3, 4, bias=False), modules.Tanh(), modules.Linear(4, 1, bias=False))
    if name == "compiled":
        return torch.compile(_sines, backend="aot_eager")
    return _rule(name)


def _rule(name: str) -> Any:
    """Softplus as a `torch.autograd.Function`; with "custom_jvp" forward mode has its rule, too."""

    class Softplus(torch.autograd.Function):  # type: ignore[misc, name-defined]
        generate_vmap_rule = True

        @staticmethod
        def forward(t: Array) -> Any:
            if name == "saved_intermediate":
                return torch.log1p(torch.exp(t)), torch.sigmoid(t)
            return torch.log1p(torch.exp(t))

        @staticmethod
        def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
            if name == "saved_intermediate":
                ctx.mark_non_differentiable(output[1])
                ctx.save_for_backward(output[1])
            else:
                ctx.save_for_backward(*inputs)
            ctx.save_for_forward(*inputs)

        @staticmethod
        def backward(ctx: Any, *slopes: Array) -> Array:
            (saved,) = ctx.saved_tensors
            return slopes[0] * (saved if name == "saved_intermediate" else torch.sigmoid(saved))

    if name == "custom_jvp":
        Softplus.jvp = staticmethod(lambda ctx, tangent: tangent * torch.sigmoid(ctx.saved_tensors[0]))
    return Softplus


def _checkpoint(x: Array) -> Array:
    return recompute.checkpoint(_sines, x, use_reentrant=False)


def _model(x: Array, kernel: Array, output: Array) -> Array:
    return torch.func.functional_call(made("model"), {"0.weight": kernel.T, "2.weight": output[None]}, x).sum()


MADE = ("compiled", "model", "custom_vjp", "custom_jvp", "saved_intermediate")

TEXTS: Mapping[str, Callable[..., Array]] = {
    "compiled": lambda x: made("compiled")(x),
    "checkpoint": _checkpoint,
    "model": _model,
    "custom_vjp": lambda x, w: (w * made("custom_vjp").apply(x)).sum(),
    "custom_jvp": lambda x, w: (w * made("custom_jvp").apply(x)).sum(),
    "saved_intermediate": lambda x, w: (w * made("saved_intermediate").apply(x)[0]).sum(),
}

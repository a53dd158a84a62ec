"""f as a flat list of PyTorch's own operations (`make_fx`), kept for each shape: steps can be seen and replaced.

What is done in place becomes a step that gives a new array (`torch.func.functionalize`). A block under
`torch.no_grad()` says that something has no derivative, and the trace cannot say so: such an f is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from hessbench.backends.contract.errors import Unsupported
from hessbench.backends.contract.lazy import Lazy

torch = Lazy("torch")
func = Lazy("torch.func")
overrides = Lazy("torch.overrides")
proxies = Lazy("torch.fx.experimental.proxy_tensor")
decompositions = Lazy("torch._decomp")

Function = Callable[..., Any]

SUMS_WITH_PRODUCTS = ("addmm", "addmv", "addbmm", "baddbmm", "addr")
"""Steps that are traced as a product and a sum."""

IN_PLACE = ("squeeze_", "unsqueeze_", "transpose_", "t_", "masked_fill_")
"""What PyTorch's own operations and derivatives do in place to what they have just made: matmul, sgn (2.13)."""


def in_plain_steps(f: Function) -> Function:
    """The same f in operations that give new arrays, none of them made of others; no block without derivatives."""
    guard = _guard()

    def watched(*arguments: Any) -> Any:
        with guard:
            return f(*arguments)

    plain: Function = func.functionalize(watched)
    return plain


def traced(f: Function, *like: Any) -> Any:
    """The program (a `torch.fx.GraphModule`) of a plain f for arrays of these shapes; their values do not enter."""
    split = [getattr(torch.ops.aten, name) for name in SUMS_WITH_PRODUCTS]
    with torch.enable_grad():
        program = flat(f, *like, table=decompositions.get_decompositions(split))
    _to_new_arrays(program)
    return program


def _to_new_arrays(program: Any) -> None:
    """What is done in place becomes a step that gives a new array, which later ones take."""
    done = set()
    for node in program.graph.nodes:
        done.add(node)
        name = getattr(getattr(node.target, "overloadpacket", None), "__name__", "")
        if name in IN_PLACE:
            node.target = getattr(getattr(torch.ops.aten, name.removesuffix("_")), node.target._overloadname)
            node.args[0].replace_all_uses_with(node, delete_user_cb=lambda user: user not in done)
    program.recompile()


def detaches(program: Any) -> list[Any]:
    """The steps of a program that take something for a constant."""
    return [node for node in program.graph.nodes if node.target is torch.ops.aten.detach.default]


def without_traces(program: Any) -> Any:
    """A program of transforms without what they leave: what they keep, detached, and tangents copied into zeros."""
    for node in detaches(program):
        node.replace_all_uses_with(node.args[0])
    for node in program.graph.nodes:
        if node.target is torch.ops.aten.copy_.default and "zeros" in str(node.args[0].target):
            node.target, node.args = torch.ops.aten.clone.default, (node.args[1],)
            node.kwargs = {"memory_format": torch.contiguous_format}
    program.graph.eliminate_dead_code()
    program.recompile()
    return program


def flat(f: Function, *like: Any, table: Any = None) -> Any:
    """The program of f, without steps that nothing needs; that a matrix is found singular is needed."""
    try:
        program = proxies.make_fx(f, decomposition_table=table or {})(*(array.detach() for array in like))
    except RuntimeError as error:
        if found := re.search(r"Batching rule not implemented for (\S+);", str(error)):
            raise Unsupported(f"f calls {found[1]}, which PyTorch cannot map over points: no collapsed mode") from error
        raise
    program.graph.eliminate_dead_code(lambda node: node.is_impure() or "_check_errors" in str(node.target))
    program.recompile()
    return program


def _guard() -> Any:
    """What refuses steps that are carried out without derivatives."""
    mode: Any = overrides.TorchFunctionMode

    class Guard(mode):  # type: ignore[misc]
        def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            if not torch.is_grad_enabled() and getattr(function, "__name__", "") != "_set_grad_enabled":
                raise Unsupported("f has a block under torch.no_grad(), which a trace does not show: no collapsed mode")
            return function(*args, **(kwargs or {}))

    return Guard()


class Kept:
    """A program for each set of shapes.

    Args:
        make: Gives the program for some arrays.
    """

    def __init__(self, make: Function) -> None:
        self._make = make
        self._programs: dict[Any, Any] = {}

    def __call__(self, *arrays: Any) -> Any:
        """What the program for arrays of such shapes gives for these."""
        key = tuple((tuple(array.shape), array.dtype, array.device) for array in arrays)
        if key not in self._programs:
            self._programs[key] = self._make(*arrays)
        return self._programs[key](*arrays)

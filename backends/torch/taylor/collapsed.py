"""Collapsed Taylor mode (Dangel, Siebert, Zeinhofer, Walther 2025): the sum of v'Hv over D directions in one sweep.

Along a direction v, Taylor mode pushes the value y, its slope y1 = Jv and its second derivative y2 through f. Of a step
z = g(y) they are

    z1 = g'(y) y1,        z2 = g'(y) y2 + g''(y)[y1, y1].

Only the sum of z2 over the directions is asked for, and z2 is linear in y2. So the sum is pushed along instead of its D
terms: D slopes and one sum of second derivatives pass, instead of D slopes and D second derivatives.

f is traced (`trace`), its steps are carried out by the rules in `rules`, and what they do is traced once more, so that
a call pays for no transform.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.torch.taylor.rules import Series, push
from hessbench.backends.torch.taylor.trace import Kept, flat, in_plain_steps, traced

torch = Lazy("torch")
func = Lazy("torch.func")
pytree = Lazy("torch.utils._pytree")

Function = Callable[..., Any]


def curvature_sums(f: Function) -> Function:
    """At each row of X the sum of v'Hv over the rows v of a matrix: with the basis, the Laplacian."""
    # The points are mapped over before f is traced: so the products of the trace are large ones already.

    def make(points: Array, directions: Array, *data: Array) -> Any:
        everywhere = func.vmap(in_plain_steps(f), in_dims=(0, *(None for _ in data)))
        return flat(curvature_sum(everywhere, points, *data), points, directions, *data)

    return Kept(make)


def curvature_sum(f: Function, *like: Array) -> Function:
    """The same for an f in plain steps, as a function (x, directions, *data) for arrays of the shapes of `like`."""
    return carried(traced(f, *like))


def carried(program: Any) -> Function:
    """The same for a program."""
    # The rows v are (D, n), and x is (n,) or (..., n): then every v is one for each of the points.

    def total(x: Array, directions: Array, *data: Array) -> Array:
        between = [1] * (x.ndim - 1)
        rows = directions.reshape(-1, *between, x.shape[-1]).expand(-1, *x.shape)
        found = _run(program, (Series(x, rows, torch.zeros_like(x)), *data))
        return found.second if isinstance(found, Series) else x.new_zeros(x.shape[:-1])

    return total


def _run(program: Any, arguments: tuple[Any, ...]) -> Any:
    """What a program gives for its arguments, each an array or a `Series`."""
    known: dict[Any, Any] = {}
    rest = iter(arguments)
    for node in program.graph.nodes:
        if node.op == "placeholder":
            known[node] = next(rest)
        elif node.op == "get_attr":
            known[node] = operator.attrgetter(node.target)(program)
        else:
            args, kwargs = pytree.tree_map(lambda leaf: _read(leaf, known), (node.args, dict(node.kwargs)))
            if node.op == "output":
                return args[0]
            known[node] = _carry_out(node.target, args, kwargs)
    raise AssertionError("a program has an output")


def _read(leaf: Any, known: dict[Any, Any]) -> Any:
    return known[leaf] if isinstance(leaf, torch.fx.Node) else leaf


def _carry_out(target: Any, args: Any, kwargs: Any) -> Any:
    """What one step gives."""
    leaves, structure = pytree.tree_flatten((args, kwargs))
    if target is operator.getitem or not any(isinstance(leaf, Series) for leaf in leaves):
        return target(*args, **kwargs)

    def apply(*inputs: Any) -> Any:
        args, kwargs = pytree.tree_unflatten(inputs, structure)
        if target is torch.ops.aten.copy.default:  # has no forward rule in 2.13
            return args[1].to(args[0].dtype).expand(args[0].shape)
        if target is torch.ops.aten.view.default:  # slopes may lie in memory in another way than values
            return args[0].reshape(args[1])
        # An operation that is made of others may be unknown to `vmap` itself, such as moveaxis.
        return (target.decompose if target._can_decompose() else target)(*args, **kwargs)

    return push(target.overloadpacket.__name__, apply, leaves)

"""Collapsed Taylor mode (Dangel, Siebert, Zeinhofer, Walther 2025): the sum of v'Hv over D directions in one sweep.

Along a direction v, Taylor mode pushes the value y, its slope y1 = Jv and its second derivative y2 through f. Of a step
z = g(y) they are

    z1 = g'(y) y1,        z2 = g'(y) y2 + g''(y)[y1, y1].

Only the sum of z2 over the directions is asked for, and z2 is linear in y2. So the sum is pushed along instead of its D
terms: D slopes and one sum of second derivatives pass, instead of D slopes and D second derivatives.

f is traced once (a jaxpr) and its steps are carried out one after the other by the rules in `rules`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.jax.taylor.rules import Series, Step, push

jax = Lazy("jax")
core = Lazy("jax.extend.core")

Function = Callable[..., Any]

INLINED: Mapping[str, str] = {"jit": "jaxpr", "closed_call": "call_jaxpr", "core_call": "call_jaxpr", "remat2": "jaxpr"}
"""Steps that are programs themselves without derivative rules of their own, and the parameter that holds them."""


def curvature_sum(f: Function) -> Function:
    """The sum of v'Hv over the rows v of a matrix of directions: with the basis, the Laplacian at a point."""

    def total(x: Array, directions: Array, *data: Array) -> Array:
        traced = jax.make_jaxpr(f)(x, *data)
        start = Series(x, directions, jax.numpy.zeros_like(x))
        (result,) = _run(traced.jaxpr, traced.consts, (start, *data))
        return result.second if isinstance(result, Series) else jax.numpy.zeros((), x.dtype)

    return total


def _run(program: Any, constants: Sequence[Any], arguments: Sequence[Any]) -> list[Any]:
    """What a program gives for its arguments, each an array or a `Series`."""
    known: dict[Any, Any] = dict(zip((*program.constvars, *program.invars), (*constants, *arguments), strict=True))

    def read(name: Any) -> Any:
        return name.val if isinstance(name, core.Literal) else known[name]

    for equation in program.eqns:
        found = _carry_out(equation, [read(name) for name in equation.invars])
        known.update(zip(equation.outvars, found, strict=True))
    return [read(name) for name in program.outvars]


def _carry_out(equation: Any, values: list[Any]) -> Sequence[Any]:
    """What one step gives."""
    name, parameters = equation.primitive.name, equation.primitive.get_bind_params(equation.params)
    # Until some version after 0.8 the programs that a step carries stood apart from its parameters.
    subprograms, parameters = parameters if isinstance(parameters, tuple) else ((), parameters)

    def apply(*inputs: Any) -> Sequence[Any]:
        found = equation.primitive.bind(*subprograms, *inputs, **parameters)
        return found if equation.primitive.multiple_results else [found]

    if not any(isinstance(value, Series) for value in values):
        return apply(*values)
    if name in INLINED:
        inner = equation.params[INLINED[name]]
        closed = hasattr(inner, "consts")
        return _run(inner.jaxpr if closed else inner, inner.consts if closed else (), values)
    return push(Step(name, apply, equation.params, equation.outvars[0].aval.shape), values)

"""f compiled by a person, recomputed, or with a rule of one's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.lazy import Lazy

jax, jnp, nn = Lazy("jax"), Lazy("jax.numpy"), Lazy("jax.nn")


def _sines(x: Array) -> Array:
    return (jnp.sin(x) ** 3).sum()


def _softplus(t: Array) -> Array:
    return jnp.log1p(jnp.exp(t))


def _custom_jvp(x: Array, w: Array) -> Array:
    softplus = jax.custom_jvp(_softplus)
    softplus.defjvp(lambda primals, tangents: (_softplus(*primals), nn.sigmoid(*primals) * tangents[0]))
    return (w * softplus(x)).sum()


def _with_reverse_rule(save: Callable[[Array], Array], slope: Callable[[Array], Array]) -> Any:
    softplus = jax.custom_vjp(_softplus)
    softplus.defvjp(lambda t: (_softplus(t), save(t)), lambda saved, g: (g * slope(saved),))
    return softplus


def _custom_vjp(x: Array, w: Array) -> Array:
    return (w * _with_reverse_rule(lambda t: t, nn.sigmoid)(x)).sum()


def _saved(x: Array, w: Array) -> Array:
    return (w * _with_reverse_rule(nn.sigmoid, lambda saved: saved)(x)).sum()


TEXTS: Mapping[str, Callable[..., Array]] = {
    "compiled": lambda x: jax.jit(_sines)(x),
    "checkpoint": lambda x: jax.checkpoint(_sines)(x),
    "custom_jvp": _custom_jvp,
    "custom_vjp": _custom_vjp,
    "saved_intermediate": _saved,
}

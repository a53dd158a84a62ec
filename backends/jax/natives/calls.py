"""Objectives of the audit in JAX: `hessbench.backends.jax.natives.calls:<a call as JSON>`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hessbench.backends.contract.arrays import FloatArray
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.scripts.calls import by_name

jax = Lazy("jax")
jnp = Lazy("jax.numpy")


class Jax:
    """JAX's part of it."""

    def constant(self, values: FloatArray, x: Any) -> Any:
        """See `Kit`."""
        if values.dtype.kind == "c":
            return jnp.asarray(values, dtype=jnp.result_type(x.dtype, jnp.complex64))
        return jnp.asarray(values, dtype=x.dtype if values.dtype.kind == "f" else None)

    def reshaped(self, x: Any, shape: Sequence[int]) -> Any:
        """See `Kit`."""
        return jnp.reshape(x, tuple(shape))

    def joined(self, real: Any, imaginary: Any) -> Any:
        """See `Kit`."""
        return jax.lax.complex(real, imaginary)

    def parts(self, result: Any) -> list[Any]:
        """See `Kit`."""
        if not isinstance(result, jax.Array):
            return []
        if jnp.iscomplexobj(result):
            return [jnp.real(result).reshape(-1), jnp.imag(result).reshape(-1)]
        return [result.reshape(-1)] if jnp.issubdtype(result.dtype, jnp.floating) else []

    def weighted(self, flat: Any, weights: FloatArray) -> Any:
        """See `Kit`."""
        return jnp.sum(jnp.asarray(weights, dtype=flat.dtype) * flat)

    def moved(self, base: Any, directions: FloatArray, x: Any) -> Any:
        """See `Kit`."""
        return base + jnp.tensordot(x, jnp.asarray(directions, dtype=x.dtype), 1)


KIT = Jax()
__getattr__ = by_name(KIT)

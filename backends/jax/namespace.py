"""The vocabulary over JAX: `jax.numpy`'s names, except for those whose derivatives there are not right.

Imported by `JaxBackend.namespace` alone, because it needs JAX at import.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.standard import compositions

lax = Lazy("jax.lax")
jnp = importlib.import_module("jax.numpy")

vars(sys.modules[__name__]).update({name: getattr(jnp, name) for name in dir(jnp) if not name.startswith("__")})


def hypot(x1: Any, x2: Any, /) -> Any:
    """The length of the hypotenuse; JAX's own has a wrong second derivative where the sides are equally long."""
    return compositions.hypot(jnp, x1, x2, held=lax.stop_gradient)


def acosh(x: Any, /) -> Any:
    """The inverse of cosh; JAX's derivative has the wrong sign to the left of the imaginary axis."""
    return compositions.complex_acosh(jnp, x) if jnp.iscomplexobj(x) else jnp.acosh(x)


def sign(x: Any, /) -> Any:
    """The sign; JAX takes that of complex numbers for a constant."""
    return compositions.complex_sign(jnp, x) if jnp.iscomplexobj(x) else jnp.sign(x)

"""The second derivative of sin(x) / x, and 1 where x = 0 by a double where is 0 at 0: jax#5054."""

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)


def f(x):
    safe = jnp.where(x == 0, 1.0, x)
    return jnp.where(x == 0, 1.0, jnp.sin(safe) / safe)


got = jax.hessian(f)(0.0)
true = np.array(-1 / 3)
print("jax", jax.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float(np.linalg.norm(got - true) / np.linalg.norm(true)):.2g}")

"""The Hessian of sqrt(x^2 + y^2) is 0 where the squares overflow: no report found."""

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)
x = jnp.array([3e200, 4e200])
got = jax.hessian(lambda x: jnp.sqrt(x[0] * x[0] + x[1] * x[1]))(x) * 1e200
true = np.array([[16.0, -12.0], [-12.0, 9.0]]) / 125  # times 1e-200
print("jax", jax.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float(np.linalg.norm(got - true) / np.linalg.norm(true)):.2g}")

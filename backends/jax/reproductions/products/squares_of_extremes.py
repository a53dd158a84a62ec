"""The Hessian of max(a, b)^2 + min(a, b)^2, which is a^2 + b^2, is wrong at a tie: jax#37821."""

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)
got = jax.hessian(lambda x: jnp.maximum(x[0], x[1]) ** 2 + jnp.minimum(x[0], x[1]) ** 2)(jnp.ones(2))
true = 2 * np.eye(2)
print("jax", jax.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float(np.linalg.norm(got - true) / np.linalg.norm(true)):.2g}")

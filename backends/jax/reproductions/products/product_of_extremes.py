"""The Hessian of max(x) min(x), which is x_1 x_2, is wrong at a tie: no report found."""

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)
got = jax.hessian(lambda x: jnp.max(x) * jnp.min(x))(jnp.ones(2))
true = np.array([[0.0, 1.0], [1.0, 0.0]])
print("jax", jax.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float(np.linalg.norm(got - true) / np.linalg.norm(true)):.2g}")

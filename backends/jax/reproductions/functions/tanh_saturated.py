"""The second derivative of tanh at 20 is 0: jax#40343, jax#40315."""

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)
x = 20.0
got = jax.hessian(jnp.tanh)(x)
true = -8 * np.exp(-2 * x) * np.tanh(x) / (1 + np.exp(-2 * x)) ** 2
print("jax", jax.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float(np.linalg.norm(got - true) / np.linalg.norm(true)):.2g}")

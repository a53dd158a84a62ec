"""The second derivative of tanh at 1e-17, which is -2e-17, is 0: jax#39801."""

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)
x = 1e-17
got = jax.hessian(jnp.tanh)(x)
true = np.array(-2 * x)
print("jax", jax.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float(np.linalg.norm(got - true) / np.linalg.norm(true)):.2g}")

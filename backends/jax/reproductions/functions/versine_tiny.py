"""The second derivative of (1 - cos x) / x^2 at 2e-7 keeps no digits: no report found."""

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)
x = 2e-7
got = jax.hessian(lambda x: (1 - jnp.cos(x)) / (x * x))(x)
true = np.array(-1 / 12 + x**2 / 60)
print("jax", jax.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float(np.linalg.norm(got - true) / np.linalg.norm(true)):.2g}")

"""The first derivative of softplus as max(x, 0) + log1p(exp(-|x|)) is 0 at 0: jax#2140, jax#37820."""

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)
got = jax.grad(lambda x: jnp.maximum(x, 0.0) + jnp.log1p(jnp.exp(-jnp.abs(x))))(0.0)
true = np.array(0.5)
print("jax", jax.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float(np.linalg.norm(got - true) / np.linalg.norm(true)):.2g}")

"""The Hessian of hypot(x, y)^2 = x^2 + y^2 at the origin by jax.hessian: no report found."""

import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)

x = jnp.zeros(2)
got = jax.hessian(lambda x: jnp.hypot(x[0], x[1]) ** 2)(x)
true = 2 * jnp.eye(2)
print("jax", jax.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float(jnp.linalg.norm(got - true) / jnp.linalg.norm(true)):.2g}")

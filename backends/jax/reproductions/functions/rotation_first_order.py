"""The Hessian of a Rodrigues rotation whose branch of no rotation is v + w x v, is 0 there: no report found."""

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)
v = c = jnp.array([1.0, 0.0, 0.0])


def f(w):
    zero = w @ w == 0
    angle = jnp.sqrt(jnp.where(zero, 1.0, w @ w))
    first = v + jnp.cross(w, v)
    turned = v * jnp.cos(angle) + jnp.cross(w, v) * jnp.sin(angle) / angle
    return c @ jnp.where(zero, first, turned + w * (w @ v) * (1 - jnp.cos(angle)) / angle**2)


got = jax.hessian(f)(jnp.zeros(3))
true = np.outer(c, v) - c @ v * np.eye(3)  # of c'(w x (w x v)) / 2
print("jax", jax.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float(np.linalg.norm(got - true) / np.linalg.norm(true)):.2g}")

"""The Hessian of the power spectrum sum |FFT(x)|^2 = 4 |x|^2 where bins are zero: jax#10515."""

import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)

x = jnp.ones(4)
got = jax.hessian(lambda x: (jnp.abs(jnp.fft.fft(x)) ** 2).sum())(x)
true = 8 * jnp.eye(4)
print("jax", jax.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float(jnp.linalg.norm(got - true) / jnp.linalg.norm(true)):.2g}")

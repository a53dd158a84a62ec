"""The Hessian of sqrt(x^2 + y^2) is 0 where the squares overflow: no report found."""

import numpy as np
import tensorflow as tf

x = tf.constant([3e200, 4e200], tf.float64)


def f(x):
    return tf.sqrt(x[0] * x[0] + x[1] * x[1])


with tf.GradientTape() as outer:
    outer.watch(x)
    with tf.GradientTape() as inner:
        inner.watch(x)
        y = f(x)
    gradient = inner.gradient(y, x)
got = outer.jacobian(gradient, x).numpy() * 1e200
true = np.array([[16.0, -12.0], [-12.0, 9.0]]) / 125  # times 1e-200
print("tensorflow", tf.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float(np.linalg.norm(got - true) / np.linalg.norm(true)):.2g}")

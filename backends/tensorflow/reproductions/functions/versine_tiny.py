"""The second derivative of (1 - cos x) / x^2 at 2e-7 keeps no digits: no report found."""

import numpy as np
import tensorflow as tf

x = tf.constant(2e-7, tf.float64)


def f(x):
    return (1 - tf.cos(x)) / (x * x)


with tf.GradientTape() as outer:
    outer.watch(x)
    with tf.GradientTape() as inner:
        inner.watch(x)
        y = f(x)
    gradient = inner.gradient(y, x)
got = outer.jacobian(gradient, x).numpy()
true = np.array(-1 / 12 + 2e-7**2 / 60)
print("tensorflow", tf.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float(np.linalg.norm(got - true) / np.linalg.norm(true)):.2g}")

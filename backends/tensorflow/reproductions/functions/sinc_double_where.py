"""The second derivative of sin(x) / x, and 1 where x = 0 by a double where is 0 at 0: no report found."""

import numpy as np
import tensorflow as tf

x = tf.constant(0.0, tf.float64)


def f(x):
    safe = tf.where(x == 0, tf.ones_like(x), x)
    return tf.where(x == 0, tf.ones_like(x), tf.sin(safe) / safe)


with tf.GradientTape() as outer:
    outer.watch(x)
    with tf.GradientTape() as inner:
        inner.watch(x)
        y = f(x)
    gradient = inner.gradient(y, x)
got = outer.jacobian(gradient, x).numpy()
true = np.array(-1 / 3)
print("tensorflow", tf.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float(np.linalg.norm(got - true) / np.linalg.norm(true)):.2g}")

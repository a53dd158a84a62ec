"""The Hessian of max(a, b)^2 + min(a, b)^2, which is a^2 + b^2, is wrong at a tie: no report found."""

import numpy as np
import tensorflow as tf

x = tf.ones(2, tf.float64)


def f(x):
    return tf.maximum(x[0], x[1]) ** 2 + tf.minimum(x[0], x[1]) ** 2


with tf.GradientTape() as outer:
    outer.watch(x)
    with tf.GradientTape() as inner:
        inner.watch(x)
        y = f(x)
    gradient = inner.gradient(y, x)
got = outer.jacobian(gradient, x).numpy()
true = 2 * np.eye(2)
print("tensorflow", tf.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float(np.linalg.norm(got - true) / np.linalg.norm(true)):.2g}")

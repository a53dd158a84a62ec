"""The Hessian of max(x) min(x), which is x_1 x_2, is wrong at a tie: tensorflow#51681."""

import numpy as np
import tensorflow as tf

x = tf.ones(2, tf.float64)


def f(x):
    return tf.reduce_max(x) * tf.reduce_min(x)


with tf.GradientTape() as outer:
    outer.watch(x)
    with tf.GradientTape() as inner:
        inner.watch(x)
        y = f(x)
    gradient = inner.gradient(y, x)
got = outer.jacobian(gradient, x).numpy()
true = np.array([[0.0, 1.0], [1.0, 0.0]])
print("tensorflow", tf.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float(np.linalg.norm(got - true) / np.linalg.norm(true)):.2g}")

"""The second derivative of (max(x, 0) - max(-x, 0))^2, which is x^2, is 8 at 0: no report found."""

import numpy as np
import tensorflow as tf

x = tf.constant(0.0, tf.float64)


def f(x):
    zero = tf.zeros_like(x)
    return tf.square(tf.maximum(x, zero) - tf.maximum(-x, zero))


with tf.GradientTape() as outer:
    outer.watch(x)
    with tf.GradientTape() as inner:
        inner.watch(x)
        y = f(x)
    gradient = inner.gradient(y, x)
got = outer.jacobian(gradient, x).numpy()
true = np.array(2.0)
print("tensorflow", tf.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float(np.linalg.norm(got - true) / np.linalg.norm(true)):.2g}")

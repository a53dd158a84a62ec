"""The Hessian of sum eigenvalue^3 at the identity lacks all off-diagonal curvature: tensorflow#12853."""

import numpy as np
import tensorflow as tf

x = tf.eye(2, dtype=tf.float64)


def f(x):
    return tf.reduce_sum(tf.linalg.eigvalsh((x + tf.transpose(x)) / 2) ** 3)


with tf.GradientTape() as outer:
    outer.watch(x)
    with tf.GradientTape() as inner:
        inner.watch(x)
        y = f(x)
    gradient = inner.gradient(y, x)
got = outer.jacobian(gradient, x).numpy()
units = np.eye(4).reshape(4, 2, 2)
true = 3 * (units + units.transpose(0, 2, 1)).reshape(2, 2, 2, 2)  # of tr A^3 = 3 (A S + S A)
print("tensorflow", tf.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float(np.linalg.norm(got - true) / np.linalg.norm(true)):.2g}")

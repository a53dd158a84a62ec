"""The second derivative of tanh at 20 is 0: tensorflow#126637."""

import numpy as np
import tensorflow as tf

x = tf.constant(20.0, tf.float64)
f = tf.tanh
with tf.GradientTape() as outer:
    outer.watch(x)
    with tf.GradientTape() as inner:
        inner.watch(x)
        y = f(x)
    gradient = inner.gradient(y, x)
got = outer.jacobian(gradient, x).numpy()
true = -8 * np.exp(-40) * np.tanh(20) / (1 + np.exp(-40)) ** 2
print("tensorflow", tf.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float(np.linalg.norm(got - true) / np.linalg.norm(true)):.2g}")

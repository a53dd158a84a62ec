"""The second derivative of |x|^2 by abs is 0 at 0, because the slope of abs is called 0 there: no report found."""

import numpy as np
import tensorflow as tf

x = tf.constant(0.0, tf.float64)


def f(x):
    return tf.square(tf.abs(x))


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

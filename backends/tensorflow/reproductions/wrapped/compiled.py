"""A tape around a ForwardAccumulator through a tf.function, zero: tensorflow#60164 is near.

With the accumulator itself in a tf.function of its own, the tape around it gives the right one.
"""

import tensorflow as tf


def pulled_back(f):
    with tf.GradientTape() as tape:
        tape.watch(x)
        with tf.autodiff.ForwardAccumulator(x, v) as accumulator:
            y = f(x)
        slope = accumulator.jvp(y)
    return tape.gradient(slope, x, unconnected_gradients="zero")


def f(x):
    return tf.reduce_sum(tf.sin(x) ** 3)


x, v = tf.constant([0.3, -0.8], tf.float64), tf.constant([1.0, 2.0], tf.float64)
got, true = pulled_back(tf.function(f)), pulled_back(f)
print("tensorflow", tf.__version__)
print("got", got.numpy().tolist())
print("true", true.numpy().tolist())
print(f"relative error {float(tf.norm(got - true) / tf.norm(true)):.2g}")

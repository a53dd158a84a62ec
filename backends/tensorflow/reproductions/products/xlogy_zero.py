"""The gradient of xlogy where its first factor is zero: tensorflow#119476."""

import tensorflow as tf

x = tf.constant([0.0, 2.0], tf.float64)
with tf.GradientTape() as tape:
    tape.watch(x)
    y = tf.math.xlogy(x[0], x[1])
got, true = tape.gradient(y, x), tf.stack([tf.math.log(x[1]), x[0] / x[1]])
print("tensorflow", tf.__version__)
print("got", got.numpy().tolist())
print("true", true.numpy().tolist())
print(f"relative error {float(tf.norm(got - true) / tf.norm(true)):.2g}")

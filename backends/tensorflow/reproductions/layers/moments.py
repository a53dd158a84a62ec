"""The Hessian of a variance by tf.nn.moments, where a stop_gradient drops second-order terms: tensorflow#19609."""

import tensorflow as tf

x = tf.Variable([1.0, 2.0, 4.0], dtype=tf.float64)
with tf.GradientTape() as outer:
    with tf.GradientTape() as inner:
        y = tf.nn.moments(x, [0])[1]
    gradient = inner.gradient(y, x)
got = outer.jacobian(gradient, x)
true = tf.constant((2 / 3) * (tf.eye(3, dtype=tf.float64) - 1 / 3), dtype=tf.float64)
print("tensorflow", tf.__version__)
print("got", got.numpy().tolist())
print("true", true.numpy().tolist())
print(f"relative error {float(tf.norm(got - true) / tf.norm(true)):.2g}")

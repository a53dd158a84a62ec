"""The Hessian of x0 x1 x2, the last entry of cumprod, at a zero: tensorflow#3862."""

import tensorflow as tf

x = tf.Variable([2.0, 0.0, 3.0], dtype=tf.float64)
with tf.GradientTape() as outer:
    with tf.GradientTape() as inner:
        y = tf.math.cumprod(x)[2]
    gradient = inner.gradient(y, x)
got = outer.jacobian(gradient, x)
true = tf.constant([[0.0, 3.0, 0.0], [3.0, 0.0, 2.0], [0.0, 2.0, 0.0]], dtype=tf.float64)
print("tensorflow", tf.__version__)
print("got", got.numpy().tolist())
print("true", true.numpy().tolist())
print(f"relative error {float(tf.norm(got - true) / tf.norm(true)):.2g}")

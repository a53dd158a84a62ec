"""The Hessian of reduce_prod with two zeros: tensorflow#21130, tensorflow#44556."""

import tensorflow as tf

x = tf.Variable([2.0, 0.0, 0.0], dtype=tf.float64)
with tf.GradientTape() as outer:
    with tf.GradientTape() as inner:
        y = tf.reduce_prod(x)
    gradient = inner.gradient(y, x)
got = outer.jacobian(gradient, x)
true = tf.constant([[0.0, 0.0, 0.0], [0.0, 0.0, 2.0], [0.0, 2.0, 0.0]], dtype=tf.float64)
print("tensorflow", tf.__version__)
print("got", got.numpy().tolist())
print("true", true.numpy().tolist())
print(f"relative error {float(tf.norm(got - true) / tf.norm(true)):.2g}")

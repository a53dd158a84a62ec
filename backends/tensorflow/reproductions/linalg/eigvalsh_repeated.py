"""The Hessian of tr A^3 through eigvalsh at the identity: no report found."""

import tensorflow as tf

x = tf.Variable([1.0, 0.0, 1.0], dtype=tf.float64)
with tf.GradientTape() as outer:
    with tf.GradientTape() as inner:
        y = tf.reduce_sum(tf.linalg.eigvalsh(tf.stack([x[:2], x[1:]])) ** 3)
    gradient = inner.gradient(y, x)
got = outer.jacobian(gradient, x)
true = tf.constant([[6.0, 0.0, 0.0], [0.0, 12.0, 0.0], [0.0, 0.0, 6.0]], dtype=tf.float64)
print("tensorflow", tf.__version__)
print("got", got.numpy().tolist())
print("true", true.numpy().tolist())
print(f"relative error {float(tf.norm(got - true) / tf.norm(true)):.2g}")

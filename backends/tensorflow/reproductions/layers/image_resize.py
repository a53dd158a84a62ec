"""The Hessian through tf.image.resize, whose own gradient has none and passes as constant: tensorflow#22208, #38643."""

import tensorflow as tf

x = tf.Variable([1.0, -0.5, 2.0, 0.25], dtype=tf.float64)
with tf.GradientTape() as outer:
    with tf.GradientTape() as inner:
        y = tf.reduce_sum(tf.image.resize(tf.reshape(x, (1, 2, 2, 1)), (4, 4)) ** 2)
    gradient = inner.gradient(y, x)
got = outer.jacobian(gradient, x, unconnected_gradients=tf.UnconnectedGradients.ZERO)
rows = tf.constant([[1, 0], [0.75, 0.25], [0.25, 0.75], [0, 1]], tf.float64)
matrix = tf.reshape(tf.einsum("ij,kl->ikjl", rows, rows), (16, 4))
true = 2 * tf.matmul(matrix, matrix, transpose_a=True)
print("tensorflow", tf.__version__)
print("got", got.numpy().tolist())
print("true", true.numpy().tolist())
print(f"relative error {float(tf.norm(got - true) / tf.norm(true)):.2g}")

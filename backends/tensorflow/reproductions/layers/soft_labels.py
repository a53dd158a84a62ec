"""The Hessian of a cross-entropy whose labels depend on x, though the gradient is right: tensorflow#26495."""

import tensorflow as tf


def composed(x):
    return -tf.reduce_sum(tf.nn.softmax(x) * tf.nn.log_softmax(x))


def native(x):
    return tf.nn.softmax_cross_entropy_with_logits(tf.nn.softmax(x), x)


def hessian(f):
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = f(x)
        gradient = inner.gradient(y, x)
    return outer.jacobian(gradient, x)


x = tf.constant([0.3, -0.8, 1.1], tf.float64)
got, true = hessian(native), hessian(composed)
print("tensorflow", tf.__version__)
print("got", got.numpy().tolist())
print("true", true.numpy().tolist())
print(f"relative error {float(tf.norm(got - true) / tf.norm(true)):.2g}")

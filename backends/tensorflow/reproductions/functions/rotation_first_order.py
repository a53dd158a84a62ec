"""The Hessian of a Rodrigues rotation whose branch of no rotation is v + w x v, is 0 there: no report found."""

import numpy as np
import tensorflow as tf

v = c = tf.constant([1.0, 0.0, 0.0], tf.float64)
x = tf.zeros(3, tf.float64)


def f(w):
    squared, along = tf.reduce_sum(w * w), w * tf.reduce_sum(w * v)
    safe = tf.where(squared == 0, tf.ones_like(squared), squared)
    angle = tf.sqrt(safe)
    turned = v * tf.cos(angle) + tf.linalg.cross(w, v) * tf.sin(angle) / angle + along * (1 - tf.cos(angle)) / safe
    return tf.reduce_sum(c * tf.where(squared == 0, v + tf.linalg.cross(w, v), turned))


with tf.GradientTape() as outer:
    outer.watch(x)
    with tf.GradientTape() as inner:
        inner.watch(x)
        y = f(x)
    gradient = inner.gradient(y, x)
got = outer.jacobian(gradient, x).numpy()
true = np.diag([0.0, -1.0, -1.0])  # of c'(w x (w x v)) / 2
print("tensorflow", tf.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float(np.linalg.norm(got - true) / np.linalg.norm(true)):.2g}")

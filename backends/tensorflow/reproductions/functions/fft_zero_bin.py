"""The Hessian of the power spectrum sum |FFT(x)|^2 = 4 |x|^2 where bins are zero: tensorflow#27845."""

import tensorflow as tf

x = tf.Variable(tf.ones(4, tf.float64), dtype=tf.float64)
with tf.GradientTape() as outer:
    with tf.GradientTape() as inner:
        y = tf.reduce_sum(tf.abs(tf.signal.fft(tf.cast(x, tf.complex128))) ** 2)
    gradient = inner.gradient(y, x)
got = outer.jacobian(gradient, x)
true = tf.constant(8 * tf.eye(4, dtype=tf.float64), dtype=tf.float64)
print("tensorflow", tf.__version__)
print("got", got.numpy().tolist())
print("true", true.numpy().tolist())
print(f"relative error {float(tf.norm(got - true) / tf.norm(true)):.2g}")

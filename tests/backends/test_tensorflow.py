"""What TensorFlow would pass over in silence, or say in thousands of lines."""

import logging

import numpy as np
import pytest

import hessbench as hb
from hessbench.harness.usage import UsageError

X = np.array([0.5, 1.5])


@pytest.fixture(scope="module")
def tf():
    return pytest.importorskip("tensorflow")


@pytest.mark.parametrize("name", ["py_function", "numpy_function"])
def test_a_hessian_through_python_out_of_a_graph_is_refused_and_not_zero(tf, name):
    f = lambda x: tf.reduce_sum(tf.ensure_shape(getattr(tf, name)(lambda t: t**3, [x], tf.float64), (2,)))  # noqa: E731
    with pytest.raises(UsageError, match="calls Python out of its graph"):
        hb.hessian(f, X, framework="tensorflow")


def test_a_gradient_through_py_function_is_taken(tf):
    f = lambda x: tf.reduce_sum(tf.py_function(lambda t: t**3, [x], tf.float64))  # noqa: E731
    np.testing.assert_allclose(hb.gradient(f, X, framework="tensorflow"), 3 * X**2)


def test_a_value_of_unknown_shape_is_named(tf):
    with pytest.raises(hb.NotScalar, match="whose shape is not known"):
        hb.hessian(lambda x: tf.py_function(tf.reduce_sum, [x], tf.float64), X, framework="tensorflow")


def test_what_cannot_be_vectorized_is_raised_and_not_logged(tf, caplog):
    def f(x):  # as an LSTM: a list of arrays that grows in a loop
        entries = tf.TensorArray(tf.float64, 0, dynamic_size=True)
        loop = tf.while_loop(
            lambda i, *_: i < 3, lambda i, y, kept: (i + 1, y * x, kept.write(i, y)), (tf.constant(0), x, entries)
        )
        return tf.reduce_sum(loop[2].stack() ** 3)

    with caplog.at_level(logging.DEBUG, logger="tensorflow"), pytest.raises(Exception, match="vectoriz"):
        hb.hessian(f, X, framework="tensorflow")
    assert not [record for record in caplog.records if record.filename == "pfor.py"]


def test_axes_of_a_permutation_may_be_counted_from_behind(tf):
    f = lambda xp, x: xp.sum(xp.permute_dims(xp.reshape(x, (1, 2)), (-1, 0))[:, 0] ** 3)  # noqa: E731
    np.testing.assert_allclose(hb.hessian(f, X, backend="tensorflow"), np.diag(6 * X))


PRECISE = {
    "functions of numbers": lambda xp, x: xp.sum(x**4) * xp.sqrt(2.0) * xp.log(2 * xp.pi) * xp.exp(-0.5) * xp.abs(-0.1),
    "a number repeated": lambda xp, x: xp.sum(xp.broadcast_to(0.1, (2,)) * x**3),
    "a number among arrays": lambda xp, x: xp.sum(xp.stack([x[0], 0.1, x[1]]) ** 3) * x[0],
    "a sum of numbers and arrays": lambda xp, x: xp.sum([x[0] ** 2, 0.1, x[1]]) ** 3,
    "functions of two numbers": lambda xp, x: xp.sum(x**3) * xp.maximum(0.1, 0.2) * xp.pow(0.1, 1) * xp.max(0.3),
    "a diagonal beside the matrix": lambda xp, x: xp.sum(x**3) + xp.linalg.trace(xp.reshape(x, (2, 1)), offset=2),
}


@pytest.mark.parametrize("name", PRECISE)
def test_numbers_of_python_have_the_precision_of_the_arrays(tf, name):
    known = hb.reference(PRECISE[name], X)[0]
    np.testing.assert_allclose(hb.hessian(PRECISE[name], X, backend="tensorflow"), known, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("exponent", [0, 1, 0.0, 1.0])
def test_powers_that_are_constant_or_linear_have_derivatives_at_zero(tf, exponent):
    f = lambda xp, x: xp.sum(x**exponent * x + xp.pow(x, exponent) * x)  # noqa: E731
    np.testing.assert_array_equal(hb.hessian(f, [0.0], backend="tensorflow"), [[4.0 * exponent]])


COMPARED = {
    "integers and a number": lambda xp, x, k: k > 0.5,
    "integers and floats": lambda xp, x, k: k < x,
    "integers of two widths": lambda xp, x, k: xp.astype(k, xp.int32) == k,
    "by name": lambda xp, x, k: xp.not_equal(k, 1.5),
}


@pytest.mark.parametrize("name", COMPARED)
def test_arrays_of_different_dtypes_can_be_compared(tf, name):
    f = lambda xp, x, k: xp.sum(xp.where(COMPARED[name](xp, x, k), x**3, x**2))  # noqa: E731
    k = np.array([0, 1])
    expected = np.diag(np.where(COMPARED[name](np, X, k), 6 * X, 2))
    np.testing.assert_allclose(hb.hessian(f, X, k, backend="tensorflow"), expected)


@pytest.mark.parametrize("x", [[3e200, 4e200], [3e-200, -3e-200]])
def test_the_hessian_of_a_hypotenuse_neither_overflows_nor_vanishes(tf, x):
    length = np.hypot(*x)
    across = np.array([-x[1], x[0]]) / length
    found = hb.hessian(lambda xp, x: xp.hypot(x[0], x[1]), x, backend="tensorflow")
    np.testing.assert_allclose(found * length, np.outer(across, across), rtol=1e-14)


ACTIVATED = {"softmax": "sparse_categorical_crossentropy", "sigmoid": "binary_crossentropy"}


@pytest.mark.parametrize("operator", ["ggn-vp", "ggn-diagonal"])
@pytest.mark.parametrize("activation", ACTIVATED)
def test_a_gauss_newton_matrix_sees_what_keras_reads_beside_the_outputs(tf, activation, operator):
    """Keras' losses read the logits that hang on a softmax, so that the loss did not depend on the outputs: zero."""
    keras = pytest.importorskip("keras")
    if keras.config.backend() != "tensorflow":
        pytest.skip("Keras computes in another framework")
    rng = np.random.default_rng(0)
    points, labels = tf.constant(rng.standard_normal((6, 3))), tf.constant(rng.integers(0, 2, (6, 1)))
    activated = getattr(keras.activations, activation)
    outputs = lambda x: activated(tf.matmul(points, tf.reshape(x, (3, 2)))[:, : 2 if activation == "softmax" else 1])  # noqa: E731
    loss = lambda z: tf.reduce_mean(getattr(keras.losses, ACTIVATED[activation])(labels, z))  # noqa: E731
    own = hb.problem(
        lambda x: loss(outputs(x)), x0=np.ones(6), framework="tensorflow", name="own", outputs=outputs, loss=loss
    )
    found = hb.check(own, np.ones(6), operator=operator)
    assert set(found["status"]) == {"ok"}, found["reason"].tolist()

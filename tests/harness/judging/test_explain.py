"""The usual mistakes, on every backend: right, or one line that names function, backend and remedy."""

import math
import re

import numpy as np
import pytest

import hessbench as hb
from hessbench import backends
from hessbench.harness.judging.explain import explain
from hessbench.harness.usage import UsageError

NAMES = [name for name in backends.BUILT_IN if not backends.missing(name)]
X = np.array([0.5, 1.5])


def branches(xp, x):
    return xp.sum(x**2) if x[0] > 0 else xp.sum(x)


def plain_number(xp, x):
    return math.sin(x[0]) * x[1]


def item(xp, x):
    return xp.sum(x).item() * x[0]


def numpy_directly(xp, x):
    return xp.sum(np.exp(x) * x)


def list_of_entries(xp, x):
    return xp.sum(xp.asarray([x[0], x[1]]) ** 2)


def writes(xp, x):
    x[0] = 2.0
    return xp.sum(x**2)


def misspelt(xp, x):
    return xp.summ(x * x)


def numpys_name(xp, x):
    return xp.sum(xp.arctan(x))


def beyond_the_vocabulary(xp, x):
    return xp.einsum("i,i->", x, x)


def array_method(xp, x):
    return (x * x).sum()


def loop(xp, x):
    return sum(x * x)


def at_sign(xp, x):
    return x @ x


def keyword(xp, x):
    return xp.sum(x * x, dims=0)


def mask(xp, x):
    return xp.sum(x[x > 0] ** 2)


def mixed_list(xp, x):
    return xp.sum(xp.asarray([x[0], 2, x[1] ** 2]) ** 2)


def backwards(xp, x):
    return xp.sum(x[::-1] * x**2)


def floored(xp, x):
    return xp.sum(x // 0.4 * x**2)


def indexed_by_a_list(xp, x):
    return xp.sum(x[[0, 1]] ** 2)


def other_dtypes(xp, x):
    i, narrow = xp.arange(2), xp.ones(2, dtype=xp.float32)
    return xp.sum(i * x**2) + xp.sum(xp.concat([narrow, x * narrow]) ** 2) + xp.sum(xp.arange(1.0, 3.0) * x)


def complex_inside(xp, x):
    return xp.abs(xp.sum(x) + 2j) ** 2


def complex_outside(xp, x):
    return xp.sum(x) * 1j


def whole_number(xp, x):
    return xp.sum(xp.astype(x, xp.int64))


def two_names(xp, x):
    y = x**2
    z = y
    z += x
    return xp.sum(y * z)


def beyond_the_keys(xp, x):
    return x[0] * {"a": 1.0}["b"]


SQUARES = 2 * np.eye(2)
ENDS = 2 * X[::-1] * np.eye(2) + 2 * (X + X[::-1]) * (1 - np.eye(2))
MISTAKES = {
    branches: (SQUARES, "xp.where"),
    plain_number: ([[-math.sin(0.5) * 1.5, math.cos(0.5)], [math.cos(0.5), 0]], "xp's functions"),
    item: ([[2, 1], [1, 0]], "xp"),
    numpy_directly: (np.diag((X + 2) * np.exp(X)), "xp.sin for np.sin"),
    list_of_entries: (SQUARES, "xp.stack"),
    writes: (None, "xp.where, xp.stack"),
    misspelt: (None, "did you mean xp.sum?"),
    numpys_name: (np.diag(-2 * X / (1 + X * X) ** 2), "write xp.atan"),
    beyond_the_vocabulary: (SQUARES, "write xp.tensordot"),
    array_method: (SQUARES, "write xp.sum"),
    loop: (SQUARES, "xp.sum(x), or x[i]"),
    at_sign: (SQUARES, "xp.matmul(A, x)"),
    keyword: (None, "array API standard"),
    mask: (SQUARES, "xp."),
    mixed_list: (np.diag([2, 12 * 1.5**2]), "xp.stack"),
    backwards: (ENDS, "xp.flip"),
    floored: (np.diag(2 * (X // 0.4)), "xp.floor"),
    indexed_by_a_list: (SQUARES, "xp.take"),
    other_dtypes: (np.diag([2, 4]), "xp.astype"),
    complex_inside: (np.full((2, 2), 2), "complex"),
    complex_outside: (None, "complex"),
    whole_number: (None, "xp.astype"),
    two_names: (None, "z = z + x"),
    beyond_the_keys: (None, "KeyError: 'b'"),
}


@pytest.mark.filterwarnings("ignore:.*plain numbers of x", "ignore:Converting a tensor", "ignore:.*converting a masked")
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("f", MISTAKES, ids=lambda f: f.__name__)
def test_it_is_right_or_the_line_says_what_to_do(name, f):
    right, remedy = MISTAKES[f]
    known_silent = (f, name) in {(plain_number, "torch"), (item, "torch")}
    try:
        found = hb.hessian(f, X, backend=name)
    except hb.UsageError as error:
        line = str(error)
    except Exception as error:
        pytest.fail(f"not explained: {type(error).__name__}: {error}")
    else:
        assert right is not None
        if not known_silent:  # PyTorch drops these derivatives, and we warn; hb.check finds it
            np.testing.assert_allclose(found, right, atol=1e-6)
        return
    assert "\n" not in line
    assert f.__name__ in line
    assert name in line
    assert remedy in line, line


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("value", "said"),
    [(3.0, "a plain Python float"), (None, r"None \(is a return missing"), ((1,), "a tuple")],
    ids=["number", "none", "tuple"],
)
def test_what_is_no_array_is_named(name, value, said):
    def g(xp, x):
        return value

    with pytest.raises(hb.NotScalar, match=rf"g in {name}: returned {said}"):
        hb.hessian(g, X, backend=name)


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_signature_is_named(name):
    def g(x, a, b):
        return x

    with pytest.raises(hb.UsageError, match=r"g\(x, a, b\) cannot be called as g\(xp, x\) with 0 data arrays"):
        hb.hessian(g, X, backend=name)


def test_a_function_of_x_alone_is_asked_whose_it_is():
    def g(x):
        return x

    with pytest.raises(hb.UsageError, match=r"g\(x\) cannot be called as g\(xp, x\) with 0 data arrays.*framework="):
        hb.hessian(g, X)


@pytest.mark.parametrize("name", NAMES)
def test_nan_of_f_itself_is_named(name):
    def g(xp, x):
        return xp.sum(xp.log(x))

    with pytest.raises(hb.UsageError, match=r"g in \w+: is NaN at this x"), np.errstate(all="ignore"):
        hb.hessian(g, -X, backend=name)


def test_the_line_of_the_mistake_is_named():
    line = branches.__code__.co_firstlineno + 1
    if "jax" in NAMES:
        with pytest.raises(hb.UsageError, match=f"branches, line {line}, in jax"):
            hb.hessian(branches, X)


@pytest.mark.filterwarnings("ignore:Converting a tensor")  # said once in a process, to whoever comes first
@pytest.mark.skipif("torch" not in NAMES, reason="PyTorch is not installed")
def test_a_derivative_that_is_lost_silently_is_warned_of():
    def g(xp, x):
        return plain_number(xp, x)

    with pytest.warns(UserWarning, match="g makes plain numbers of x"):
        hb.hessian(g, X, backend="torch")


@pytest.mark.parametrize("name", NAMES)
def test_the_argument_stays_what_it_was(name):
    x = X.copy()
    with pytest.raises(hb.UsageError):
        hb.hessian(writes, x, backend=name)
    np.testing.assert_array_equal(x, X)


WEIGHTS = np.array([1.0, 3.0])


def closes_over(xp, x):
    return xp.sum(WEIGHTS * x * x)


def closes_over_behind(xp, x):
    return xp.sum(x * x * WEIGHTS)


def makes_numpys(xp, x):
    return xp.sum(xp.matmul(np.diag([1.0, 3.0]), x) * x)


def found_or_said(f, *data, backend, x=X):
    """The Hessian and nothing, or nothing and the line that says why there is none."""
    try:
        return hb.hessian(f, x, *data, backend=backend), ""
    except (hb.UsageError, hb.NotScalar) as error:
        return None, str(error)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("f", [closes_over, closes_over_behind, makes_numpys], ids=lambda f: f.__name__)
def test_numpys_arrays_in_f_are_right_or_the_line_says_what_to_do(name, f):
    found, said = found_or_said(f, backend=name)
    if said:
        assert f.__name__ in said
        assert name in said
        assert ("xp.asarray(WEIGHTS)" if "WEIGHTS" in f.__code__.co_names else "xp.asarray(a), and xp.eye") in said
    else:
        np.testing.assert_allclose(found, np.diag([2.0, 6.0]), atol=1e-6)


BESIDE = {
    "added": lambda xp, x: xp.sum((WEIGHTS + x) ** 2),
    "subtracted": lambda xp, x: xp.linalg.vector_norm(x - WEIGHTS) ** 2,
    "compared": lambda xp, x: xp.sum(xp.where(x < WEIGHTS, x**2, 5 * x)),
    "chosen": lambda xp, x: xp.sum(xp.where(x > 9, WEIGHTS, x**2)),
    "joined": lambda xp, x: xp.sum(xp.concat((WEIGHTS, x)) ** 2),
    "summed": lambda xp, x: xp.sum(WEIGHTS) / 4 * xp.sum(x**2),
    "converted": lambda xp, x: xp.sum(xp.astype(WEIGHTS, x.dtype)) / 4 * xp.sum(x**2),
    "contracted": lambda xp, x: xp.vecdot(WEIGHTS, x) + xp.sum(x**2),
    "multiplied": lambda xp, x: xp.tensordot(WEIGHTS, x, axes=1) + xp.sum(xp.multiply(WEIGHTS, x) / WEIGHTS * x),
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("f", BESIDE.values(), ids=BESIDE)
def test_whatever_is_done_with_numpys_arrays_is_right_or_the_line_names_them(name, f):
    found, said = found_or_said(f, backend=name)
    if said:
        assert "xp.asarray(WEIGHTS)" in said
    else:
        np.testing.assert_allclose(found, SQUARES, atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_the_remedy_for_numpys_arrays_helps(name):
    def mended(xp, x):
        return xp.sum(xp.asarray(WEIGHTS) * x * x)

    np.testing.assert_allclose(hb.hessian(mended, X, backend=name), np.diag([2.0, 6.0]), atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("data", [np.array([1, 3]), [1, 3], np.array([True, True]), 3], ids=str)
def test_whole_numbers_times_x_are_right_or_the_line_says_what_to_do(name, data):
    def weighted(xp, x, a):
        return xp.sum(a * x * x)

    def mended(xp, x, a):
        return xp.sum(xp.astype(a, x.dtype) * x * x)

    found, said = found_or_said(weighted, data, backend=name)
    if said:
        assert "mixes data types; convert with xp.astype(a, x.dtype)" in said
        found = hb.hessian(mended, X, data, backend=name)
    np.testing.assert_allclose(found, np.diag(2.0 * np.broadcast_to(data, 2)), atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_a_number_of_numpys_is_a_constant_or_named(name):
    def constant(xp, x):
        return np.float64(3.0)

    found, said = found_or_said(constant, backend=name)
    if said:
        assert f"constant in {name}: returned a numpy.float64" in said
        assert "xp.asarray" in said
    else:
        np.testing.assert_array_equal(found, np.zeros((2, 2)))


@pytest.mark.parametrize("name", NAMES)
def test_a_number_that_numpy_made_of_x_is_never_a_constant(name):
    def made(xp, x):
        return np.float64(xp.sum(x * x))

    found, said = found_or_said(made, backend=name)
    if said:
        assert said.startswith("made")
        assert f"in {name}: " in said
        assert "xp" in said
    else:
        np.testing.assert_allclose(found, SQUARES, atol=1e-6)


@pytest.mark.parametrize("compute", [hb.hessian, hb.check, hb.diagonal, hb.reference])
@pytest.mark.parametrize(
    ("data", "said"), [(None, "data 1 is None"), ({"a": 1.0}, "data 1 is a dict"), ("a", "data 1 is the text 'a'")]
)
def test_data_that_are_no_numbers_are_named(compute, data, said):
    def weighted(xp, x, a, b):
        return xp.sum(a * x * x)

    with pytest.raises(hb.UsageError, match=said):
        compute(weighted, X, 1.0, data)


@pytest.mark.parametrize(
    ("x", "said"),
    [
        (None, "x is None; give a number, an array"),
        ("abc", "x is the text 'abc'; give a number, an array"),
        ([1j, 1.0], "x is complex"),
        ({"a": None}, "block 'a' of x is None; give an array of floats"),
        ([np.ones(2), "b"], "block '1' of x is the text 'b'"),
    ],
)
def test_a_point_that_is_no_numbers_is_named(x, said):
    with pytest.raises(hb.UsageError, match=said):
        hb.hessian(lambda xp, x: xp.sum(x), x)


LIMITS = {
    "torch": (
        ("derivative for aten::_scaled_dot_product_flash_attention_for_cpu_backward is not implemented", "sdpa_kernel"),
        ("the derivative for '_embedding_bag_backward' is not implemented.", "torch.nn.Embedding and a sum"),
        ("derivative for aten::_ctc_loss_backward is not implemented", "calls ctc_loss, which has no second"),
        ("vmap: called random operation while in randomness error mode.", "gives another value at each call"),
    ),
    "jax": (("Reverse-mode differentiation does not work for lax.while_loop or lax.fori_loop", "lax.scan"),),
    "tensorflow": (
        ("Encountered an exception while vectorizing the jacobian computation.", "hessians-graph"),
        ("Can not cast TensorSpec(shape=(2,), dtype=tf.float64) to TensorSpec(shape=(None,)", "input_signature"),
    ),
}


@pytest.mark.parametrize(
    ("backend", "message", "remedy"), [(name, *limit) for name, limits in LIMITS.items() for limit in limits]
)
def test_what_a_framework_has_no_rule_for_is_said_with_a_remedy(backend, message, remedy):
    told = explain(RuntimeError(message), branches, backend)
    assert remedy in told
    assert f"branches in {backend}: " in told


@pytest.mark.parametrize(
    ("framework", "f", "remedy"),
    [
        ("torch", lambda fw, x: fw.nn.functional.ctc_loss(x, fw.tensor([[1]]), fw.tensor([2]), fw.tensor([1])), "ctc"),
        ("tensorflow", lambda fw, x: fw.reduce_sum(fw.Variable(x) ** 3), "makes a tf.Variable of x"),
        ("jax", lambda fw, x: fw.lax.while_loop(lambda c: c[0, 0, 0] < 3, lambda c: c + 1, x)[0, 0, 0], "lax.scan"),
    ],
)
def test_frameworks_still_say_so(framework, f, remedy):
    module = pytest.importorskip(framework)
    with pytest.raises(UsageError, match=remedy):
        hb.hessian(lambda x: f(module, x), np.full((2, 1, 2), -0.7), framework=framework)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_raised_on_the_way_back_is_one_line(name):
    """The derivative of a determinant inverts the matrix in some frameworks, where no line of f is at work."""

    def flat(xp, x):
        return xp.linalg.det(xp.reshape(x, (2, 2)))

    found, said = found_or_said(flat, backend=name, x=[1.0, 2.0, 2.0, 4.0])
    if said:
        assert re.fullmatch(rf"flat in {name}: \w+: (Singular matrix|Input is not invertible\.)", said)
    else:
        np.testing.assert_allclose(found[0], [0, 0, 0, 1], atol=1e-6)


class OwnError(Exception):
    """A person's own."""


@pytest.mark.parametrize("name", NAMES)
def test_what_f_raises_itself_stays_its_own_word(name):
    def stops(xp, x):
        raise OwnError("on purpose")

    class Stops:
        def __call__(self, xp, x):
            raise OwnError("on purpose")

    for f in (stops, Stops()):
        with pytest.raises(OwnError, match="on purpose"):
            hb.hessian(f, X, backend=name)

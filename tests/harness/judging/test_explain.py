"""The usual mistakes, on every backend: right, or one line that names function, backend and remedy."""

import math

import numpy as np
import pytest

import hessbench as hb
from hessbench import backends

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


SQUARES = 2 * np.eye(2)
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
}


@pytest.mark.filterwarnings("ignore:.*plain numbers of x", "ignore:Converting a tensor", "ignore:.*converting a masked")
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("f", MISTAKES, ids=lambda f: f.__name__)
def test_it_is_right_or_the_line_says_what_to_do(name, f):
    right, remedy = MISTAKES[f]
    known_silent = (f, name) in {(plain_number, "torch"), (item, "torch"), (list_of_entries, "torch")}
    try:
        found = hb.hessian(f, X, backend=name)
    except hb.UsageError as error:
        line = str(error)
    except Exception as error:
        pytest.fail(f"not explained: {type(error).__name__}: {error}")
    else:
        assert right is not None
        if not known_silent:  # PyTorch drops these derivatives without a word; hb.check finds it
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

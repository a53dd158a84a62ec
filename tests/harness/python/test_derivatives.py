"""`hb.hessian`: the Hessian of one's own function, on every backend, in one's own process."""

import math
import sys

import numpy as np
import pytest

import hessbench as hb
from hessbench import backends
from hessbench.backends.contract.interface import DTYPES, NotScalar

NAMES = [name for name in backends.BUILT_IN if not backends.missing(name)]
X, A, B = (
    np.array([0.3, -0.2, 0.5]),
    np.array([[2.0, 0.5, 0.0], [0.5, 1.0, 0.1], [0.0, 0.1, 3.0]]),
    np.array([1.0, 2.0, 3.0]),
)


def objective(xp, x, a, b):
    return 0.5 * xp.vecdot(x, xp.matmul(a, x)) + xp.sum(b * xp.exp(x))


def expected(x=X, a=A, b=B):
    return a + np.diag(b * np.exp(x))


def ones(xp, x):
    return xp.sum(xp.ones(3))


def total(xp, x):
    return xp.sum(x)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("f", [ones, total])
def test_without_curvature_all_is_zero(name, f):
    """CasADi takes no derivatives of plain numbers, and has lists for the entries of an empty pattern."""
    v = np.ones(3)
    assert not hb.hessian(f, X, backend=name).any()
    assert not hb.hvp(f, X, v, backend=name).any()
    assert hb.sparse_hessian(f, X, backend=name).nnz == 0
    assert not hb.ggn_vp(lambda xp, x: xp.ones(2) * f(xp, x), total, X, v, backend=name).any()
    found = hb.check(f, X, backends=name, operator="sparse-hessian")
    assert set(found["status"]) == {"ok"}, found["reason"].tolist()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_the_hessian_of_ones_own_function(name, dtype):
    if (name, dtype) == ("casadi", "float32"):
        with pytest.raises(hb.UsageError, match="double precision only"):
            hb.hessian(objective, X, A, B, backend=name, dtype=dtype)
        return
    found = hb.hessian(objective, X, A, B, backend=name, dtype=dtype)
    assert isinstance(found, np.ndarray)
    assert found.dtype == dtype
    tolerance = 1e-8 if dtype == "float64" else 0.1 if name == "numpy" else 1e-5
    np.testing.assert_allclose(found, expected(), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_stale(name):
    """Another point, other data of the same shape, data changed in place: each gives its own answer."""
    b = B.copy()
    for x in (X, X + 1):
        np.testing.assert_allclose(hb.hessian(objective, x, A, b, backend=name), expected(x), atol=1e-7)
    b[0] = 10.0
    np.testing.assert_allclose(hb.hessian(objective, X, A, b, backend=name), expected(b=b), atol=1e-7)


@pytest.mark.parametrize("name", NAMES)
def test_lists_are_points_too(name):
    found = hb.hessian(lambda xp, x: x[0] * x[0] + 3 * x[0] * x[1] + x[1] * x[1], [1.0, 2.0], backend=name)
    np.testing.assert_allclose(found, [[2, 3], [3, 2]], atol=1e-8)


def test_a_method_by_name():
    found = hb.hessian(objective, X, A, B, backend="numpy", method="central-eager")
    np.testing.assert_allclose(found, expected(), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_a_function_that_needs_no_more_than_x_is_asked_whose_it_is(name):
    def own(x, scale=2.0):
        return (scale * x**3).sum()

    with pytest.raises(hb.UsageError, match=rf'^own, line \d+, in {name}: .*: framework="{name}"$'):
        hb.hessian(own, X, backend=name)
    with pytest.raises(hb.UsageError, match=f'framework="{name}"$'):
        hb.blocks(own, {"a": X, "b": X}, backend=name)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nomod:loss", "there is no module nomod here"),
        ("math:losss", "math has no function losss"),
        ("math:pi", "math has no function pi"),
        ("math", "names no function; write module:function"),
    ],
)
def test_a_text_that_is_not_where_its_name_says_is_one_line(text, said):
    net = hb.native_problem("net", x0=X, native={"numpy": text})
    with pytest.raises(hb.UsageError, match=f"^'{text}'.*{said}$"):
        hb.hessian(net, X)


@pytest.mark.skipif("jax" not in NAMES, reason="JAX is not installed")
def test_jax_stays_in_32_bits_for_the_user():
    import jax.numpy as jnp

    hb.hessian(objective, X, A, B, backend="jax")
    assert jnp.zeros(1).dtype == np.float32


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((X,), {"backend": "jaxx"}, "unknown backend 'jaxx'; did you mean jax"),
        (
            (X,),
            {"backend": "numpy", "method": "richardson"},
            "unknown method 'richardson'; did you mean",
        ),
        ((X,), {"dtype": "float16"}, "unknown dtype 'float16'"),
        (([1, 2],), {}, "x has dtype int64, which has no derivatives"),
        ((object(),), {}, "x holds objects of type object; give numbers"),
        ((np.zeros(0),), {}, r"x has shape \(0,\)"),
    ],
)
def test_bad_input_is_named(arguments, options, message):
    with pytest.raises(hb.UsageError, match=message):
        hb.hessian(lambda xp, x: xp.sum(x), *arguments, **options)


@pytest.mark.skipif("jax" not in NAMES, reason="JAX is not installed")
def test_a_known_refusal_is_named():
    with pytest.raises(hb.UsageError, match=r"jax asdex.* does not do this: the pattern"):
        hb.hessian(
            lambda xp, x: xp.sum(xp.take(x, xp.arange(2), axis=0) ** 2), X, method="asdex-forward-over-reverse-jit"
        )


@pytest.mark.skipif("jax" not in NAMES, reason="JAX is not installed")
def test_a_chunk_of_ones_own():
    found = hb.hessian(objective, X, A, B, method="map-chunk2-jit")
    np.testing.assert_allclose(found, expected(), rtol=1e-12)


def test_a_missing_device_is_named():
    with pytest.raises(hb.BackendUnavailable, match="NumPy computes on the CPU only"):
        hb.hessian(lambda xp, x: xp.sum(x), X, backend="numpy", device="gpu")


@pytest.mark.parametrize("name", NAMES)
def test_the_product_with_a_vector(name):
    v = np.array([1.0, -2.0, 0.5])
    np.testing.assert_allclose(hb.hvp(objective, X, v, A, B, backend=name), expected() @ v, atol=1e-7)


def test_a_vector_of_another_shape_is_named():
    with pytest.raises(hb.UsageError, match=r"v has shape \(2,\), x has shape \(3,\)"):
        hb.hvp(objective, X, [1.0, 2.0], A, B, backend="numpy")


def test_the_reference_knows_its_error():
    value, bound = hb.reference(objective, X, A, B)
    assert value.dtype == bound.dtype == np.float64
    assert np.all(np.abs(value - expected()) <= bound + 1e-15)
    assert np.max(bound) < 1e-9


def test_the_reference_says_where_it_knows_nothing():
    value, bound = hb.reference(lambda xp, x: xp.sum(xp.log(x)), [-1.0, 2.0])
    assert np.isnan(value[0, 0])
    assert np.isinf(bound[0, 0])


@pytest.mark.parametrize("name", NAMES)
def test_a_vector_valued_function_is_refused(name):
    with pytest.raises(hb.NotScalar, match=r"returned shape \(3,\); it must return a scalar"):
        hb.hessian(lambda xp, x: x * x, X, backend=name)


@pytest.mark.parametrize("name", NAMES)
def test_the_result_is_the_users_to_change(name):
    found = hb.hessian(objective, X, A, B, backend=name)
    found += 1


@pytest.mark.skipif("torch" not in NAMES, reason="PyTorch is not installed")
def test_torch_keeps_the_users_default_dtype_and_follows_ours_inside():
    import torch

    found = hb.hessian(lambda xp, x: xp.sum(xp.full((2,), 0.1) * x * x), [1.0, 2.0], backend="torch")
    np.testing.assert_array_equal(found, np.diag([0.2, 0.2]))
    assert torch.get_default_dtype() == torch.float32


@pytest.mark.slow
@pytest.mark.inductor
@pytest.mark.skipif("torch" not in NAMES, reason="PyTorch is not installed")
def test_dynamo_does_not_give_up_after_eight_functions():
    for power in range(2, 12):
        found = hb.hessian(
            lambda xp, x, p=power: xp.sum(x**p), [1.0, 1.0], backend="torch", method="jacrev-grad-inductor"
        )
        np.testing.assert_allclose(found, np.eye(2) * power * (power - 1))


@pytest.mark.parametrize("f", [lambda xp, x: x * x, lambda xp, x: x[:1], lambda xp, x: xp.linalg.outer(x, x)])
def test_the_reference_of_what_is_no_scalar_is_refused_in_one_line(f):
    with pytest.raises(NotScalar, match=r"returned shape \(.*\); it must return a scalar"):
        hb.reference(f, [1.0, 2.0])


def test_numpy_is_exact_where_it_can_be():
    """Differences are off by a factor at a kink that is near."""
    found = hb.hessian(lambda xp, x: xp.sum(xp.abs(x) * x), [1e-7, 2.0], backend="numpy")
    np.testing.assert_array_equal(found, np.diag([2.0, 2.0]))


@pytest.mark.parametrize("operator", ["hessian", "hvp", "diagonal"])
def test_numpy_takes_differences_of_what_has_no_exact_rule(operator):
    def f(xp, x):
        return float(x[0]) ** 2 * math.sin(x[1])

    x, e = [1.5, 0.5], [0.0, 1.0]
    s, c = math.sin(0.5), math.cos(0.5)
    right = np.array([[2 * s, 3 * c], [3 * c, -2.25 * s]])
    wanted = {"hessian": right, "hvp": right @ e, "diagonal": np.diagonal(right)}[operator]
    found = getattr(hb, operator)(f, x, *([e] if operator == "hvp" else []), backend="numpy")
    np.testing.assert_allclose(found, wanted, rtol=1e-8)


def conjugated(xp, x):
    z = x[0] + 1j * x[1]
    return xp.real(z * z * xp.conj(z))


@pytest.mark.parametrize(
    ("f", "right"),
    [
        (conjugated, [[3.0, -0.6], [-0.6, 1.0]]),  # x0^3 + x0 x1^2
        (lambda xp, x: xp.real(xp.sum(xp.exp(xp.astype(x, xp.complex128) * 2j))), np.diag(-4 * np.cos([1.0, 0.6]))),
        (lambda xp, x: xp.sum(xp.abs(xp.fft.fft(x)) ** 4), [[8.16, -7.2], [-7.2, 8.16]]),
    ],
)
def test_numpy_takes_differences_of_what_has_complex_numbers_inside(f, right):
    """Their derivatives came out as zero, or as those without the conjugate, and nothing was said."""
    np.testing.assert_allclose(hb.hessian(f, [0.5, -0.3], backend="numpy"), right, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize(
    ("f", "why"),
    [
        (lambda xp, x: math.sin(1e4 * float(x[0])) + 1e9, "may be off by"),
        (lambda xp, x: max(float(x[0]), 0.0) ** 2, "bends at x"),
    ],
)
def test_differences_that_are_not_well_known_come_with_a_warning(f, why):
    with pytest.warns(UserWarning, match=why):
        hb.hessian(f, [0.0, 1.0] if "bends" in why else [1.0, 2.0], backend="numpy")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda f: hb.hvp(f, [1.0], None, backend="numpy"), "v is None; give the vector"),
        (lambda f: hb.hessian(None, [1.0], backend="numpy"), "f is no function but a NoneType"),
        (lambda f: hb.minimize(f, [1.0], backend="numpy", tolerance="x"), "no positive number"),
        (lambda f: hb.hvp(f, [1.0], [np.nan], backend="numpy"), "v has entries that are NaN"),
        (lambda f: hb.hessian(f, [1.0], backend=["numpy"]), "backend is .*; give one name, such as 'jax'"),
        (lambda f: hb.hessian(f, [1.0], backend="numpy", method=3), "method is 3; give one name"),
        (lambda f: hb.hessian(f, [1.0], backend="numpy", method=("a",)), r"method is \('a',\); give one name"),
        (lambda f: hb.hessian(f, [1.0], backend="numpy", device=None), "device is None; give one name, such as 'cpu'"),
        (lambda f: hb.hessian(f, [1.0], framework=["numpy"]), "framework is .*; give one name, such as"),
        (lambda f: hb.sparse_hessian(f, [1.0], backend=["jax"]), "backend is .*; give one name, such as 'jax'"),
        (lambda f: hb.sparse_hessian(f, [1.0], backend="numpy", dtype=None), "unknown dtype 'None'"),
        (lambda f: hb.check(f, [1.0], backends="numpy", operator=["hvp"]), "operator is .*; give one name"),
        (lambda f: hb.check(f, [1.0], backends="numpy", dtype=None), "unknown dtype 'None'"),
        (lambda f: hb.coloring(np.eye(2), [1.0, 2.0]), r"kind is \[1.0, 2.0\]; give one name, such as 'star'"),
        (lambda f: hb.coloring(np.eye(2), kind=None), "kind is None; give one name, such as 'star'"),
        (lambda f: hb.minimize(f, [1.0], backend="numpy", method=3), "method is 3; give one name"),
        (lambda f: hb.hessian(f, held_by_itself(), backend="numpy"), "x holds itself"),
        (lambda f: hb.hessian(lambda x: np.sum(x), held_by_itself(), framework="numpy"), "x holds itself"),
        (lambda f: hb.hessian(f, (a for a in [1.0]), backend="numpy"), r"x is a generator; give list\(...\) of it"),
        (lambda f: hb.hessian(f, {"a": 1.0}.values(), backend="numpy"), r"x is a dict_values; give list\(...\) of it"),
        (lambda f: hb.check(f, [1.0], backends=[]), "a list of names is empty"),
        (lambda f: hb.run("quick", backends=[]), "a list of names is empty"),
        (lambda f: hb.hessian(lambda xp, x: xp.sum(x) / xp.zeros(()), [1.0], backend="torch"), "is infinite at this x"),
    ],
)
def test_what_is_missing_is_said(call, said):
    with pytest.raises(hb.UsageError, match=said):
        call(lambda xp, x: xp.sum(x**4))


class Unreadable(Exception):
    def __str__(self):
        raise ValueError("no text")


def raises_it(xp, x):
    raise Unreadable


def exits(xp, x):
    sys.exit()


@pytest.mark.parametrize(
    ("f", "said"),
    [(raises_it, "raises_it.* (raises )?.*Unreadable, whose __str__ fails"), (exits, "exits ends the session")],
)
@pytest.mark.parametrize("derivative", [hb.hessian, hb.sparse_hessian, hb.reference, hb.sparsity, hb.check])
def test_what_f_raises_neither_ends_the_session_nor_hides_itself(derivative, f, said):
    options = {"backends": "numpy"} if derivative is hb.check else {"backend": "numpy"}
    if derivative is hb.check and f is raises_it:
        reasons = hb.check(f, [1.0, 2.0], **options)["reason"]
        assert reasons.str.contains("Unreadable, whose __str__ fails").all()
        return
    with pytest.raises(hb.UsageError, match=said):
        derivative(f, [1.0, 2.0], **({} if derivative in (hb.reference, hb.sparsity) else options))


def held_by_itself():
    x = []
    x.append(x)
    return x


@pytest.mark.parametrize(
    ("x", "v"),
    [
        ([1.0, 2.0], [1, 2]),
        (np.ones((2, 2)), np.eye(2, dtype=int)),
        ({"a": np.ones(2), "b": 2.0}, {"a": [1, 0], "b": 1}),
    ],
)
def test_whole_numbers_will_do_for_what_nothing_is_differentiated_by(x, v):
    def f(xp, x):
        return sum(xp.sum(a**4) for a in x.values()) if isinstance(x, dict) else xp.sum(x**4)

    as_floats = {k: np.asarray(a, float) for k, a in v.items()} if isinstance(v, dict) else np.asarray(v, float)
    found, wanted = (hb.hvp(f, x, along, backend="numpy") for along in (v, as_floats))
    np.testing.assert_array_equal(found, wanted)


def test_a_dtype_may_be_numpys_and_differences_stand_in_for_decompositions():
    def least(xp, x):
        return xp.linalg.eigh(xp.reshape(x, (2, 2))).eigenvalues[0] + x[1] ** 2

    for derivative in (hb.hessian, hb.sparse_hessian):
        found = derivative(lambda xp, x: xp.sum(x**4), [1.0], backend="numpy", dtype=np.float32)
        assert found.dtype == np.float32
    assert abs(hb.hessian(least, [2.0, 1.0, 1.0, 2.5], backend="numpy")[1, 1] - 2) < 1e-6

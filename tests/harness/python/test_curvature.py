"""Traces, Laplacians, blocks and Gauss-Newton products of one's own functions, against the whole Hessian."""

import numpy as np
import pytest

import hessbench as hb

X, V = np.array([0.3, -0.7, 1.2]), np.array([1.0, 0.5, -2.0])
A = np.array([[1.0, 2.0, 0.5], [0.0, -1.0, 1.5]])


def f(xp, x):
    return xp.sum(xp.exp(x) * x) + xp.prod(x)


def net(xp, p, a):
    return xp.sum(xp.tanh(a @ p["w"] + p["b"]) ** 2) + xp.sum(p["b"] ** 3)


PARAMETERS = {"w": np.array([[0.2, -0.4], [0.1, 0.3], [0.5, 0.6]]), "b": np.array([0.3, -0.2])}


def model(xp, x, a):
    return xp.tanh(a @ x)


def linear(xp, x, a):
    return a @ x


def loss(xp, z, a):
    return xp.sum(xp.exp(z) + z * z)


ROOTS = lambda xp, x: xp.sum(xp.sqrt(x))  # noqa: E731


def flat(xp, z, a):
    """No slope at the model's own outputs."""
    return xp.sum((z - xp.tanh(a @ xp.asarray(X))) ** 2)


@pytest.mark.parametrize("backend", ["numpy", "autograd"])
def test_a_trace_is_that_of_the_hessian(backend):
    pytest.importorskip(backend)
    right = np.trace(hb.hessian(f, X, backend="numpy"))
    assert hb.trace(f, X, backend=backend) == pytest.approx(right, rel=1e-12)
    found = hb.laplacian(f, np.stack([X, V]), backend=backend)
    np.testing.assert_allclose(found, [right, np.trace(hb.hessian(f, V, backend="numpy"))], rtol=1e-12)


@pytest.mark.parametrize("name", ["numpy", "jax", "torch", "tensorflow", "autograd", "casadi"])
def test_a_trace_of_what_is_nested_is_a_number(engine, name):
    engine(name)
    assert hb.trace(net, PARAMETERS, A, backend=name) == pytest.approx(np.trace(hb.hessian(net, PARAMETERS, A)))


def test_an_estimator_is_used_where_it_is_named(engine):
    engine("jax")
    found = hb.trace(f, np.ones(100), method="trace-hutchinson-rademacher-m32s5-jit")
    assert abs(found / (300 * np.e) - 1) < 1  # prod adds signs off the diagonal
    with pytest.raises(hb.UsageError, match="64 products are more than n = 3"):
        hb.trace(f, X, method="trace-xtrace-m64-jit")


def test_blocks_are_those_of_the_hessian():
    whole = hb.hessian(net, PARAMETERS, A, backend="numpy")
    found = hb.blocks(net, PARAMETERS, A, backend="numpy")
    assert list(found) == ["w", "b"]
    for name, block in found.items():
        shape = PARAMETERS[name].shape
        np.testing.assert_allclose(block, whole.block(name, name).reshape(shape + shape), rtol=1e-10, atol=1e-12)


def test_blocks_of_a_module(engine):
    engine("torch")
    import torch

    module, a = torch.nn.Linear(3, 2, dtype=torch.float64), torch.tensor(A)
    found = hb.blocks(
        lambda p, a: torch.func.functional_call(module, p, (a,)).tanh().square().sum(),
        dict(module.named_parameters()),
        a,
        framework="torch",
    )
    assert {name: block.shape for name, block in found.items()} == {"weight": (2, 3, 2, 3), "bias": (2, 2)}
    assert np.any(found["weight"])


def mistaken(xp, p):
    return xp.sum(p["w"] ** 2) + p["b"]["a"]


@pytest.mark.parametrize(
    ("f", "how"), [(mistaken, {"backend": "numpy"}), (lambda p: mistaken(np, p), {"framework": "numpy"})]
)
def test_a_mistake_in_f_is_told_with_its_own_line(f, how):
    line = mistaken.__code__.co_firstlineno + 1
    with pytest.raises(hb.UsageError, match=f"^{f.__name__}, line {line}, in numpy: "):
        hb.blocks(f, {"w": X, "b": V}, **how)


@pytest.mark.parametrize("backend", ["numpy", "torch"])
def test_the_block_of_an_empty_array_is_empty(backend, engine):
    engine(backend)
    found = hb.blocks(lambda xp, p: xp.sum(p["w"] ** 3), {"w": V, "none": np.zeros((0, 2))}, backend=backend)
    assert found["none"].shape == (0, 2, 0, 2)
    np.testing.assert_allclose(found["w"], np.diag(6 * V))


def test_a_gauss_newton_product_is_its_matrix_and_not_the_hessian():
    z = model(np, X, A)
    j = (1 - z**2)[:, None] * A
    right = j.T @ ((np.exp(z) + 2) * (j @ V))
    found = hb.ggn_vp(model, loss, X, V, A, backend="numpy")
    np.testing.assert_allclose(found, right, rtol=1e-10)
    whole = hb.hvp(lambda xp, x, a: loss(xp, model(xp, x, a), a), X, V, A, backend="numpy")
    assert np.linalg.norm(found - whole) > 0.1 * np.linalg.norm(whole)


@pytest.mark.parametrize(("outputs", "of"), [(linear, loss), (model, flat)])
def test_it_is_the_hessian_where_model_or_loss_is_flat(outputs, of):
    whole = hb.hvp(lambda xp, x, a: of(xp, outputs(xp, x, a), a), X, V, A, backend="numpy")
    np.testing.assert_allclose(hb.ggn_vp(outputs, of, X, V, A, backend="numpy"), whole, rtol=1e-10)


def swinging(xp, x, a):
    return xp.exp(1j * xp.matmul(a, x))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: hb.ggn_vp(None, loss, X, V, A), "needs outputs"),
        (lambda: hb.ggn_vp(model, loss, X, V[:2], A), "v has shape .2,., x has shape .3,."),
        (lambda: hb.ggn_vp(model, loss, X, None, A), "v is None"),
        (lambda: hb.ggn_vp(model, lambda z, a: z, X, V, A, backend="torch"), "only one of outputs and loss takes xp"),
        (lambda: hb.ggn_vp(lambda xp, x, a: (x, x), loss, X, V, A, backend="numpy"), "outputs returned a tuple"),
        (
            lambda: hb.ggn_vp(lambda xp, x, a: None, loss, X, V, A, backend="numpy"),
            r"returned None \(is a return missing",
        ),
        (lambda: hb.ggn_vp(lambda xp, x, a: 1.0, loss, X, V, A, backend="numpy"), "returned a plain Python float"),
        (
            lambda: hb.ggn_vp(swinging, loss, X, V, A, backend="numpy"),
            r"complex numbers; return xp.stack\(\[xp.real\(z\)",
        ),
        (lambda: hb.ggn_vp(lambda p, z: z @ p, lambda o, z: o, X, V, A), "say whose functions it calls: framework="),
        (lambda: hb.trace(ROOTS, [0.0, 1.0], backend="numpy"), "trace of the Hessian of <lambda> is .* at x: "),
        (lambda: hb.laplacian(ROOTS, [[1.0, 1.0], [0.0, 1.0]], backend="numpy"), r"at points\[1\]: "),
        (lambda: hb.blocks(f, X), "one array"),
        (lambda: hb.laplacian(f, X), "no matrix"),
        (lambda: hb.laplacian(f, [[1.0, 2.0], [3.0]]), "points has rows of different lengths"),
        (lambda: hb.laplacian(f, [[1.0, "a"]]), "points holds texts"),
    ],
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_bad_input_is_one_line(call, message):
    with pytest.raises(hb.UsageError, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)


def scaled(xp, p, a):
    return xp.tanh(xp.matmul(a, p["w"])) * p["scale"]


def test_ones_own_outputs_and_loss():
    """Of a nested x0, checked like every other operator; its blocks, too."""

    x0 = {"w": X, "scale": 1.5}

    @hb.problem(x0=x0, data=A, outputs=scaled, loss=loss)
    def own(xp, p, a):
        return loss(xp, scaled(xp, p, a), a)

    for operator in ("ggn-vp", "ggn-diagonal", "block-diagonal"):
        found = hb.check(own, x0, A, backends="numpy", operator=operator)
        assert set(found["status"]) == {"ok"}, operator


@pytest.mark.parametrize("operator", ["ggn-vp", "ggn-diagonal"])
@pytest.mark.parametrize("backend", ["jax", "torch", "tensorflow", "autograd"])
def test_complex_outputs_are_refused_and_in_two_parts_right(engine, backend, operator):
    """Of complex outputs the judge knew the real parts only, and called right products wrong."""
    engine(backend)
    imaginary = lambda xp, z, a: xp.sum(xp.imag(z) ** 4)  # noqa: E731
    parted = lambda xp, x, a: xp.stack([xp.real(swinging(xp, x, a)), xp.imag(swinging(xp, x, a))])  # noqa: E731
    for outputs, of, status in ((swinging, imaginary, "error"), (parted, lambda xp, z, a: xp.sum(z[1] ** 4), "ok")):
        f = lambda xp, x, a: of(xp, outputs(xp, x, a), a)  # noqa: B023, E731
        own = hb.problem(f, x0=X, data=A, name="own", outputs=outputs, loss=of)
        found = hb.check(own, X, A, backends=backend, operator=operator)
        assert set(found["status"]) <= {status, "unsupported"}, found["reason"].tolist()
        assert status in set(found["status"])
        assert status == "ok" or found["reason"].str.contains("outputs returned complex numbers").all()


@pytest.mark.parametrize(("operator", "says"), [("ggn-vp", "no outputs declared"), ("block-diagonal", "one array")])
def test_who_declares_nothing_is_told_so(operator, says):
    row = hb.check(lambda xp, x: xp.sum(x**4), [1.0, 2.0], backends="numpy", operator=operator).iloc[0]
    assert row["status"] == "unsupported"
    assert says in row["reason"]


def test_outputs_without_a_loss_are_refused():
    with pytest.raises(hb.UsageError, match="outputs and no loss"):
        hb.problem(lambda xp, x: xp.sum(x), x0=[1.0], name="f", outputs=lambda xp, x: x)


@pytest.mark.parametrize("name", ["numpy", "autograd", "casadi", "jax", "torch"])
@pytest.mark.parametrize(
    ("outputs", "of", "data", "said"),
    [
        (lambda xp, x: xp.sinn(x), lambda xp, z: xp.sum(z), (), r"line \d+, in \w+: uses xp.sinn, .* xp.sin\?"),
        (lambda xp, x: x * x, lambda xp, z: xp.summ(z), (), r"line \d+, in \w+: uses xp.summ, .* xp.sum\?"),
        (lambda xp, x: x["a"], lambda xp, z: xp.sum(z), (), r"loss\(outputs\(x\)\), line \d+, in "),
        (lambda xp, x: x, lambda xp, z: xp.sum(z), ([3.0],), r"outputs\(xp, x\) cannot be called .* 1 data array"),
        (lambda xp, x, a: x, lambda xp, z: xp.sum(z), ([3.0],), r"loss\(xp, z\) cannot be called .* 1 data array"),
        (lambda xp, x: xp.sqrt(x), lambda xp, z: xp.sum(z**2), (), "the Gauss-Newton product is not finite at x"),
    ],
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_mistake_in_a_half_is_one_line(name, outputs, of, data, said, engine):
    engine(name)
    with pytest.raises(hb.UsageError, match=said) as error:
        hb.ggn_vp(outputs, of, [0.0, 2.0], [0.0, 1.0], *data, backend=name)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["numpy", "jax", "torch", "tensorflow"])
def test_a_gauss_newton_product_has_the_structure_of_x(name, engine):
    engine(name)
    x, v = {"w": X, "scale": 1.5}, {"w": V, "scale": 0.5}
    t = np.tanh(A @ X)
    j = np.hstack([1.5 * (1 - t**2)[:, None] * A, t[:, None]])  # of scaled, by w and scale
    right = j.T @ ((np.exp(1.5 * t) + 2) * (j @ np.append(V, 0.5)))
    found = hb.ggn_vp(scaled, loss, x, v, A, backend=name)
    np.testing.assert_allclose(found.block("w"), right[:3], rtol=1e-10)
    np.testing.assert_allclose(found.block("scale"), right[3:], rtol=1e-10)


@pytest.mark.parametrize(
    "how", [{"backend": "torch"}, {"framework": "torch"}, {"framework": "torch", "dtype": "float32"}]
)
def test_halves_in_a_frameworks_own_functions(how, engine):
    engine("torch")
    found = hb.ggn_vp(lambda p, a: a @ p, lambda z, a: (z**2).mean(), X, V, A, **how)
    np.testing.assert_allclose(found, A.T @ (A @ V), rtol=1e-5)


def test_halves_of_a_module(engine):
    engine("torch")
    import torch

    module, a = torch.nn.Linear(3, 2, dtype=torch.float64), torch.tensor(A)
    p, along = dict(module.named_parameters()), {"weight": torch.tensor(A), "bias": torch.tensor([1.0, -1.0])}
    found = hb.ggn_vp(
        lambda p, a: torch.func.functional_call(module, p, (a,)),
        lambda z, a: z.square().sum(),
        *(p, along, a),
        framework="torch",
    )
    moved = A @ A.T + [1.0, -1.0]  # of the outputs, linear in both
    np.testing.assert_allclose(found.block("weight"), (2 * moved.T @ A), rtol=1e-10)
    np.testing.assert_allclose(found.block("bias"), 2 * moved.sum(0), rtol=1e-10)

"""One framework's own function, f(x, *data): computed, judged and timed by that framework's methods, as it stands."""

import collections
import dataclasses
import functools

import numpy as np
import pytest

import hessbench as hb
from hessbench import backends

RNG = np.random.default_rng(0)
Z = RNG.standard_normal((10, 3))
WEIGHTS = {"0.weight": RNG.standard_normal((2, 3)), "0.bias": RNG.standard_normal(2)}
V = {name: RNG.standard_normal(array.shape) for name, array in WEIGHTS.items()}


def portable(xp, p, z):
    return xp.mean(xp.tanh(xp.matmul(z, xp.matrix_transpose(p["0.weight"])) + p["0.bias"]) ** 2)


@functools.cache
def net():
    import torch

    return torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.Tanh())


def in_torch(p, z):
    import torch

    return (torch.func.functional_call(net(), p, (z,)) ** 2).mean()


def in_jax(p, z):
    import jax.numpy as jnp

    return jnp.mean(jnp.tanh(z @ p["0.weight"].T + p["0.bias"]) ** 2)


def in_tensorflow(p, z):
    import tensorflow as tf

    return tf.reduce_mean(tf.tanh(tf.matmul(z, p["0.weight"], transpose_b=True) + p["0.bias"]) ** 2)


def in_numpy(p, z):
    return np.mean(np.tanh(z @ p["0.weight"].T + p["0.bias"]) ** 2)


TEXTS = {"torch": in_torch, "jax": in_jax, "tensorflow": in_tensorflow, "numpy": in_numpy}
NAMES = [name for name in TEXTS if not backends.missing(name)]
EXACT = {"rtol": 1e-12, "atol": 1e-13}


def has(name):
    return pytest.mark.skipif(name not in NAMES, reason=f"{name} is not installed")


@pytest.mark.parametrize("name", NAMES)
def test_every_derivative_is_that_of_the_portable_text(name):
    f = TEXTS[name]
    for compute, given in ((hb.hessian, ()), (hb.hvp, (V,)), (hb.diagonal, ()), (hb.gradient, ())):
        wanted = compute(portable, WEIGHTS, *given, Z, backend="numpy")
        tolerance = EXACT if not (compute is hb.gradient and name == "numpy") else {"rtol": 1e-8, "atol": 1e-8}
        np.testing.assert_allclose(compute(f, WEIGHTS, *given, Z, framework=name), wanted, **tolerance)
    assert hb.hessian(f, WEIGHTS, Z, framework=name).block("0.weight", "0.bias").shape == (6, 2)


@pytest.mark.parametrize("name", NAMES)
def test_the_backend_says_whose_it_is_where_f_takes_nothing_before_x(name):
    found = hb.gradient(TEXTS[name], WEIGHTS, Z, backend=name)
    np.testing.assert_array_equal(found, hb.gradient(TEXTS[name], WEIGHTS, Z, framework=name))


@pytest.mark.parametrize("name", [name for name in NAMES if name != "tensorflow"])
def test_the_reference_is_of_its_values(name):
    f = TEXTS[name]
    value, bound = hb.reference(f, WEIGHTS, Z, framework=name)
    assert np.all(np.abs(value - hb.hessian(portable, WEIGHTS, Z, backend="numpy")) <= bound + 1e-14)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("operator", ["hessian", "hvp", "gradient"])
def test_all_its_methods_are_judged(name, operator):
    frame = hb.check(TEXTS[name], WEIGHTS, Z, framework=name, operator=operator)
    assert set(frame["backend"]) == {name}
    assert set(frame["status"]) == {"ok"}, frame["reason"].tolist()
    wanted = {m.name for m in backends.load(name).methods if m.operator == operator and m.default}
    assert set(frame["method"]) >= wanted
    assert all(judge.startswith("richardson") for judge in frame["judge"])


@pytest.mark.parametrize("name", [name for name in NAMES if name != "numpy"])
def test_in_float32_the_judge_computes_in_float64(name):
    frame = hb.check(TEXTS[name], WEIGHTS, Z, framework=name, dtype="float32")
    assert set(frame["status"]) == {"ok"}, frame["reason"].tolist()
    assert set(frame["judge"]) == {f"richardson-53-{name}"}


@has("torch")
def test_what_is_float32_inside_is_judged_by_its_noise():
    import torch

    net = torch.nn.Linear(3, 1)
    z = torch.from_numpy(Z).float()

    def loss(p):
        return (torch.func.functional_call(net, p, (z,)) ** 4).mean()

    frame = hb.check(loss, dict(net.named_parameters()), framework="torch", dtype="float32")
    assert set(frame["judge"]) == {"richardson-24-torch"}
    assert not set(frame["status"]) & {"wrong", "error"}, frame["reason"].tolist()


@has("torch")
def test_a_wrong_derivative_is_found():
    import torch

    def dropped(x):
        return (x[0].detach() * x[1]) ** 2 + x.sum()

    frame = hb.check(dropped, [1.5, 2.0], framework="torch")
    assert set(frame["status"]) == {"wrong"}
    assert torch.get_default_dtype() == torch.float32


@has("jax")
def test_what_cannot_be_traced_is_still_judged():
    def branches(x):
        import jax.numpy as jnp

        return jnp.sum(x**3) if x[0] > 0 else jnp.sum(x)

    frame = hb.check(branches, [1.0, 2.0], framework="jax", methods=["hessian-eager", "hessian-jit"])
    assert list(frame["status"]) == ["ok", "error"]
    assert "write jnp.where(condition, a, b)" in frame["reason"][1]


@has("jax")
def test_a_pytree_of_ones_own():
    import jax
    import jax.numpy as jnp

    @functools.partial(jax.tree_util.register_dataclass, data_fields=["w", "b"], meta_fields=["kind"])
    @dataclasses.dataclass
    class Net:
        w: jax.Array
        b: jax.Array
        kind: str = "tanh"

    def f(net, z):
        return jnp.mean(getattr(jnp, net.kind)(z @ net.w.T + net.b) ** 2)

    net = Net(*map(jnp.asarray, WEIGHTS.values()))
    rounded = {name: np.asarray(array) for name, array in zip(WEIGHTS, (net.w, net.b), strict=True)}
    h = hb.hessian(f, net, Z, framework="jax")
    np.testing.assert_allclose(h, hb.hessian(portable, rounded, Z, backend="numpy"), **EXACT)
    assert h.block("w", "b").shape == (6, 2)
    assert hb.hvp(f, net, net, Z, framework="jax").nested().keys() == {"w", "b"}
    assert set(hb.check(f, net, Z, framework="jax")["status"]) == {"ok"}
    assert hb.problem(f, x0=net, data=Z, framework="jax").layout.names == ("w", "b")
    none = hb.hessian(lambda p: jnp.sum(p["a"] ** 3), {"a": jnp.ones(2), "nothing": None}, framework="jax")
    np.testing.assert_allclose(none, 6 * np.eye(2))


@has("jax")
def test_an_ordered_dict_stays_one():
    """JAX takes the parts of an OrderedDict as they come, those of a dict sorted: f is another function of a dict."""
    import jax.numpy as jnp
    from jax.flatten_util import ravel_pytree

    def f(p):
        return jnp.sum(jnp.asarray([1.0, 10.0, 100.0]) * ravel_pytree(p)[0] ** 3)

    x = collections.OrderedDict(b=np.array([1.0, 2.0]), a=np.array([3.0]))
    np.testing.assert_allclose(hb.diagonal(f, x, framework="jax"), [6, 120, 1800])
    np.testing.assert_allclose(hb.diagonal(f, dict(x), framework="jax"), [60, 1200, 18])
    np.testing.assert_allclose(hb.hvp(f, x, dict(x), framework="jax"), [6, 240, 5400])


@has("tensorflow")
def test_a_keras_model():
    keras = pytest.importorskip("keras")
    net = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, "tanh", dtype="float64")])

    def loss(weights, z):
        outputs, _ = net.stateless_call(weights, [], z)
        return keras.ops.mean(outputs**2)

    weights = [variable.numpy() for variable in net.trainable_variables]
    frame = hb.check(loss, weights, Z, framework="keras")
    assert set(frame["backend"]) == {keras.config.backend()}
    assert set(frame["status"]) == {"ok"}, frame["reason"].tolist()


def one(x):
    return np.sum(x**2)


def swapped(x, xp):
    return xp.sum(x**2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: hb.hessian(one, [1.0]), r"one\(x\) cannot be called as one\(xp, x\).*say whose.*framework="),
        (lambda: hb.hessian(swapped, [1.0]), r"^swapped\(x, xp\) is called as swapped\(xp, x, \*data\)"),
        (lambda: hb.sparsity(swapped, [1.0]), r"^swapped\(x, xp\) is called as swapped\(xp, x, \*data\)"),
        (lambda: hb.check(one, [1.0], backends="numpy,torch"), r"one\(x\) cannot be called as one\(xp, x\)"),
        (lambda: hb.check(one, [1.0], backends="torch", framework="numpy"), "numpy's own function, so torch cannot"),
        (lambda: hb.check(one, [1.0], framework="pytorch"), "unknown framework 'pytorch'; did you mean torch"),
        (
            lambda: hb.hessian(one, [1.0], [2.0], framework="numpy"),
            r"called as one\(x, \*data\) with 1 data array, as num",
        ),
        (lambda: hb.hessian(lambda xp, x: x, [1.0], [2.0], backend="numpy"), r"cannot be called as <lambda>\(xp, x, "),
        (lambda: hb.problem(one, x0=[1.0], data=[2.0], framework="numpy"), "with 1 data array, as numpy's own"),
        (lambda: hb.run(one), "one is a function, and a run wants a start point too"),
        (lambda: hb.run([one]), r"hb.run\(hb.problem\(one, x0="),
        (lambda: hb.run("quick", x0=[1.0]), "x0, data and framework belong to one function"),
        (
            lambda: hb.check(hb.problem(one, x0=[1.0], framework="numpy"), [1.0], framework="jax"),
            "leave framework out",
        ),
    ],
)
def test_bad_input_is_one_line(call, message):
    with pytest.raises(hb.UsageError, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)


@has("torch")
def test_mistakes_get_one_line_with_the_frameworks_own_words():
    import torch

    def drops(x):
        return torch.nn.functional.dropout(x, training=True).sum() ** 2

    def changes(x):
        x[0] = 1.0
        return x.sum()

    def another(x):
        import jax.numpy as jnp

        return jnp.sum(x)

    told = {
        drops: "another value at each call with the same x; draw random numbers once, as data, and put a module into",
        changes: ("in place; build a new", "with torch.where, torch.stack"),
        (lambda x: torch.log(x).sum() - 100): "is NaN at this x",
        (lambda x: (torch.ones(9, 9, dtype=torch.float32) @ x).sum()): "mixes data types: what it closes over",
        (lambda x: x * x): r"returned shape (9,); it must return a scalar",
        **({another: "gives x to another framework's functions; use torch's"} if "jax" in NAMES else {}),
    }
    x = -np.sqrt(np.arange(1.0, 10))  # whatever is dropped of these, their sum is another one
    for f, message in told.items():
        parts = (message,) if isinstance(message, str) else message
        with pytest.raises((hb.UsageError, hb.NotScalar)) as caught:
            hb.hessian(f, x, framework="torch")
        assert all(part in str(caught.value) for part in parts)
        assert "\n" not in str(caught.value)
        (reason,) = set(hb.check(f, x, framework="torch", methods="func-hessian-eager")["reason"])
        assert all(part in reason for part in parts), reason


@has("torch")
@pytest.mark.parametrize("way", ["a global", "a closure", "a method"])
def test_buffers_of_a_module_stay_as_they_are(way):
    """BatchNorm in train mode counts its evaluations, and its derivatives do not depend on that."""
    import torch

    def f(p, z):
        return (torch.func.functional_call(normed, p, (z,)) ** 2).sum()

    class Loss:
        def __init__(self):
            self.net = normed

        def __call__(self, p, z):
            return (torch.func.functional_call(self.net, p, (z,)) ** 2).sum()

    normed = torch.nn.BatchNorm1d(3).double()
    globals()["normed_globally"] = normed
    given = {"a global": through_a_global, "a closure": f, "a method": Loss().__call__}[way]
    frame = hb.check(given, dict(normed.named_parameters()), Z, framework="torch")
    assert set(frame["status"]) == {"ok", "error"}
    assert int(normed.num_batches_tracked) == 0
    assert not normed.running_mean.any()
    (reason,) = set(frame["reason"][frame["status"] == "error"])
    with pytest.raises(hb.UsageError, match=r"buffers of a module in train mode.*call \.eval\(\)") as caught:
        hb.hessian(given, dict(normed.named_parameters()), Z, framework="torch")
    assert str(caught.value) == reason


def through_a_global(p, z):
    import torch

    return (torch.func.functional_call(normed_globally, p, (z,)) ** 2).sum()  # noqa: F821 - the test sets it


@has("torch")
def test_a_module_is_no_x_but_its_parameters_are():
    from torch import nn

    several = nn.ParameterDict({"a": nn.Parameter(net()[0].bias.detach())}), nn.ParameterList(net().parameters())
    for x in (net(), *several, {"net": net()}, net().parameters()):
        for call in (lambda x: hb.hessian(in_torch, x, Z, framework="torch"), lambda x: hb.problem(in_jax, x0=x)):
            with pytest.raises(hb.UsageError, match=r"dict\(net.named_parameters\(\)\)"):
                call(x)
    with pytest.raises(hb.UsageError, match=r"data 0 is a module .*; let f read it beside its arguments"):
        hb.hessian(in_numpy, WEIGHTS, net(), framework="numpy")


@pytest.mark.slow
@pytest.mark.worker
@pytest.mark.parametrize("name", NAMES)
def test_a_run_times_it(name, tmp_path):
    run = hb.run(TEXTS[name], x0=WEIGHTS, data=Z, framework=name, operators="hessian", quick=True, out=tmp_path / "r")
    frame = run.frame[run.frame["operator"] == "hessian"]
    assert set(frame["backend"]) == {name}
    assert set(frame["status"]) == {"ok"}, frame["reason"].tolist()
    assert frame["min_s"].notna().all()


@pytest.mark.slow
@pytest.mark.inductor
@has("torch")
def test_named_blocks_can_be_compiled():
    """PyTorch's compiler took a size that NumPy had computed for one of its tensors."""
    frame = hb.check(in_jax_words, WEIGHTS, Z, framework="torch", methods="jacrev-grad-inductor")
    assert set(frame["status"]) == {"ok"}, frame["reason"].tolist()


def in_jax_words(p, z):
    return ((z @ p["0.weight"].T + p["0.bias"]).tanh() ** 2).mean()

"""A known fault of a framework explains what looks like it, and nothing else."""

import functools

import pytest

import hessbench as hb
from hessbench import backends
from hessbench.backends.contract.namespace import VOCABULARY


def needs(framework):
    return pytest.mark.skipif(backends.missing(framework) is not None, reason=f"{framework} is not installed")


def told_otherwise(fault, method):
    """What is wrong with how a declared fault is told, or None."""
    everything = frozenset(VOCABULARY)
    for status in fault.outcomes:
        if fault.text in method.known("ok", "", everything):
            return "told of a right result"
        if not fault.operations:
            if not fault.says:
                return "neither operations nor looks: it would explain everything"
            if fault.text in method.known(status, "entry (0, 0) is off by 1", everything):
                return "told of what looks otherwise"
        elif fault.text in method.known(status, "", everything - set(fault.operations)):
            return "told of other operations"
        elif not fault.says and fault.text not in method.known(status, "", frozenset(fault.operations)):
            return "not told of its operations"
    return None


def test_declarations_tell_a_fault_through_its_operations_only():
    declared = [
        (f"{name} {method.name}: {fault.text[:40]}", told_otherwise(fault, method))
        for name in backends.BUILT_IN
        for method in backends.load(name).methods
        for fault in method.faults
    ]
    assert len(declared) > 500
    assert [(whose, wrong) for whose, wrong in declared if wrong] == []


def test_what_calls_no_linear_algebra_is_not_excused_by_it():
    """f drops its derivative by itself; forward mode of PyTorch has nothing to do with it."""
    found = hb.check(
        lambda xp, x: xp.sum(x**3) + float(x[0]) ** 2, [1.0, 2.0], backends="torch", methods="jacfwd-jacfwd-eager"
    )
    assert found.loc[0, "status"] in ("wrong", "error")
    assert "known of this method" not in found.loc[0, "reason"]


def test_a_linear_function_in_tf_hessians_is_explained():
    found = hb.check(lambda xp, x: xp.sum(x), [1.0, 2.0], backends="tensorflow", methods="hessians-graph")
    assert found.loc[0, "status"] == "error"
    assert found.loc[0, "reason"].endswith("(known of this method: raises for a linear f, whose gradient has no graph)")


def norm_torch(x):
    from torch.nn.functional import layer_norm

    return (layer_norm(x[:4].reshape(1, 4), (4,), x[4:8], x[8:]) ** 3).sum()


def norm_tensorflow(x):
    import tensorflow as tf

    mean, variance = tf.nn.moments(x, [0])
    return tf.reduce_sum(x * tf.exp(tf.nn.batch_normalization(x, mean, variance, None, None, 1e-5)))


def own_program(x):
    import tensorflow as tf

    return tf.function(lambda z: tf.reduce_sum(tf.sin(z) ** 3), autograph=False)(x)


@functools.cache
def compiled_once():
    import torch

    return torch.compile(lambda z: (z.sin() ** 3).sum(), backend="aot_eager")


def own_compiled(x):
    return compiled_once()(x)


def own_rule(x):
    import jax
    import jax.numpy as jnp

    cube = jax.custom_vjp(lambda t: t**3)
    cube.defvjp(lambda t: (t**3, t), lambda t, slope: (3 * t * t * slope,))
    return jnp.sum(cube(x))


def reason_of(backend, method, text, n=3):
    """What `hb.check` says of one method on a person's own native text."""
    x = [0.3 + 0.4 * (7 * i % 5) for i in range(n)]
    problem = hb.native_problem("theirs", x0=x, native={backend: text})
    return hb.check(problem, x, backends=backend, methods=method).loc[0, "reason"]


@needs("torch")
@pytest.mark.parametrize(
    ("method", "thread"), [("jacfwd-jacfwd-eager", "pytorch#196700"), ("func-hessian-eager", "functorch#534")]
)
def test_what_a_native_text_calls_tells_its_fault(method, thread):
    """By the framework's own names; nothing is said of linear algebra, which it does not call."""
    reason = reason_of("torch", method, norm_torch, 12)
    assert thread in reason.partition("known of this method")[2]
    assert "pytorch#192540" not in reason


@needs("tensorflow")
def test_operations_within_a_graph_tell_a_fault():
    assert "tensorflow#19609" in reason_of("tensorflow", "jacobian-graph", norm_tensorflow).partition("known of")[2]


@needs("tensorflow")
@pytest.mark.parametrize("method", ["reverse-over-forward-map-graph", "reverse-over-forward-eager"])
def test_a_persons_tf_function_is_known_to_vanish(method):
    reason = reason_of("tensorflow", method, own_program)
    assert "zero where f is, or calls, a tf.function" in reason.partition("known of this method")[2]


@needs("torch")
@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor:UserWarning")
def test_a_persons_compiled_function_is_known_to_vanish():
    reason = reason_of("torch", "autograd-hessian-eager", own_compiled)
    assert "pytorch#181581" in reason.partition("known of this method")[2], reason


@needs("jax")
def test_a_persons_reverse_rule_is_known_to_have_no_forward_mode():
    assert "jax#16049" in reason_of("jax", "jacfwd-jacfwd-jit", own_rule).partition("known of this method")[2]


@needs("torch")
@pytest.mark.parametrize(("shift", "fault"), [(1.0, "dtype"), (1, "")])
def test_forward_mode_in_float32_is_known_to_give_float64(shift, fault):
    """Of a float; of an integer it is right, and nothing is told."""

    def f(xp, x):
        return (x[0] - shift) ** 2 * x[1]

    found = hb.check(f, [0.3, 0.4], backends="torch", dtype="float32", methods="jacfwd-grad-eager")
    assert found["fault"][0] == fault
    assert ("pytorch#90065" in found["reason"][0]) == bool(fault)


def test_a_fault_of_a_mode_is_declared_of_all_its_methods():
    """As the twelve of TensorFlow that take a tape around a ForwardAccumulator."""
    tensorflow = [m for m in backends.load("tensorflow").methods if m.mode == "reverse-over-forward"]
    assert len(tensorflow) >= 12
    assert all(any("tf.function" in fault.text for fault in method.faults) for method in tensorflow)
    torch = [m for m in backends.load("torch").methods if m.mode == "reverse-over-reverse"]
    assert all(any("weight_norm" in fault.text for fault in method.faults) for method in torch)

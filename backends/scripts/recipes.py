"""The default methods in the framework's own words: what a person pastes instead of calling hessbench.

Each recipe takes `f(x, *data)` and makes `hessian(x, *data)` or `hvp(x, v, *data)`; tests run every one beside its
method. Data stay arguments, so that a compiled program does not fold them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

JAX = "import jax\n\njax.config.update('jax_enable_x64', True)  # before any array is made\n\n"
TORCH = "import torch\n\n"
TF = "import tensorflow as tf\n\n"

_TAPES = """def gradient(x, *data):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x, *data)
    return tape.gradient(y, x, unconnected_gradients=tf.UnconnectedGradients.ZERO)


"""
_JACOBIAN = """
def hessian(x, *data):
    with tf.GradientTape() as tape:
        tape.watch(x)
        g = gradient(x, *data)
    return tape.jacobian(g, x, unconnected_gradients=tf.UnconnectedGradients.ZERO)
"""
_HVP = """
def hvp(x, v, *data):
    with tf.GradientTape() as tape:
        tape.watch(x)
        g = gradient(x, *data)
    return tape.gradient(g, x, output_gradients=v, unconnected_gradients=tf.UnconnectedGradients.ZERO)
"""
_GRAPH, _XLA = "@tf.function", "@tf.function(jit_compile=True)"

RECIPES: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("jax", "hessian-jit"): JAX + "hessian = jax.jit(jax.hessian(f))\n",
        ("jax", "jacrev-jacrev-jit"): JAX + "hessian = jax.jit(jax.jacrev(jax.jacrev(f)))\n",
        ("jax", "linearize-vmap-jit"): JAX
        + """@jax.jit
def hessian(x, *data):
    _, tangent_map = jax.linearize(lambda y: jax.grad(f)(y, *data), x)
    return jax.vmap(tangent_map)(jax.numpy.eye(x.size))
""",
        ("jax", "map-jit"): JAX
        + """@jax.jit
def hessian(x, *data):
    _, tangent_map = jax.linearize(lambda y: jax.grad(f)(y, *data), x)
    return jax.lax.map(tangent_map, jax.numpy.eye(x.size))
""",
        ("jax", "hvp-forward-over-reverse-jit"): JAX
        + """@jax.jit
def hvp(x, v, *data):
    return jax.jvp(lambda y: jax.grad(f)(y, *data), (x,), (v,))[1]
""",
        ("jax", "hvp-reverse-over-reverse-jit"): JAX
        + """@jax.jit
def hvp(x, v, *data):
    return jax.vjp(lambda y: jax.grad(f)(y, *data), x)[1](v)[0]
""",
        ("torch", "jacrev-grad-eager"): TORCH + "hessian = torch.func.jacrev(torch.func.grad(f))\n",
        ("torch", "func-hessian-eager"): TORCH + "hessian = torch.func.hessian(f)\n",
        ("torch", "autograd-hessian-eager"): TORCH
        + """def hessian(x, *data):
    return torch.autograd.functional.hessian(lambda y: f(y, *data), x)
""",
        ("torch", "autograd-hessian-vectorized-eager"): TORCH
        + """def hessian(x, *data):
    return torch.autograd.functional.hessian(lambda y: f(y, *data), x, vectorize=True)
""",
        ("torch", "grads-batched-eager"): TORCH
        + """def hessian(x, *data):
    x = x.detach().requires_grad_()
    (g,) = torch.autograd.grad(f(x, *data), x, create_graph=True)
    rows = torch.eye(len(x), dtype=x.dtype)
    return torch.autograd.grad(g, x, rows, is_grads_batched=True, materialize_grads=True)[0]
""",
        ("torch", "hvp-forward-over-reverse-eager"): TORCH
        + """def hvp(x, v, *data):
    return torch.func.jvp(lambda y: torch.func.grad(f)(y, *data), (x,), (v,))[1]
""",
        ("torch", "hvp-reverse-over-reverse-eager"): TORCH
        + """def hvp(x, v, *data):
    x = x.detach().requires_grad_()
    (g,) = torch.autograd.grad(f(x, *data), x, create_graph=True)
    return torch.autograd.grad(g, x, v, materialize_grads=True)[0]
""",
        ("torch", "autograd-vhp-eager"): TORCH
        + """def hvp(x, v, *data):
    return torch.autograd.functional.vhp(lambda y: f(y, *data), x, v)[1]
""",
        ("tensorflow", "jacobian-graph"): TF + _TAPES + _GRAPH + _JACOBIAN,
        ("tensorflow", "jacobian-xla"): TF + _TAPES + _XLA + _JACOBIAN,
        ("tensorflow", "hessians-graph"): TF
        + """@tf.function
def hessian(x, *data):
    return tf.hessians(f(x, *data), x)[0]
""",
        ("tensorflow", "map-xla"): TF
        + _TAPES
        + _HVP.lstrip()
        + """

@tf.function(jit_compile=True)
def hessian(x, *data):
    return tf.map_fn(lambda v: hvp(x, v, *data), tf.eye(x.shape[0], dtype=x.dtype))
""",
        ("tensorflow", "hvp-reverse-over-reverse-graph"): TF + _TAPES + _GRAPH + _HVP,
        ("tensorflow", "hvp-reverse-over-reverse-xla"): TF + _TAPES + _XLA + _HVP,
        ("tensorflow", "hvp-gradients-xla"): TF
        + """@tf.function(jit_compile=True)
def hvp(x, v, *data):
    (g,) = tf.gradients(f(x, *data), x)
    return tf.gradients(g, x, grad_ys=v)[0]
""",
    }
)
"""(backend, method) -> code."""

_STANDARD = (
    "from hessbench.backends.{backend}.standard import namespace as xp\n\n\n"
    "def f(x, *data):\n    return {name}(xp, x, *data)\n\n\n"
)
HEADS: Mapping[str, str] = MappingProxyType(
    {
        "jax": "import jax.numpy as jnp\n\n\ndef f(x, *data):\n    return {name}(jnp, x, *data)\n\n\n",
        "torch": _STANDARD,
        "tensorflow": _STANDARD,
    }
)
"""How the person's own portable function becomes f, by backend."""


def code(backend: str, method: str, operator: str, name: str) -> str:
    """What to paste for a method; where there is no recipe, the call of hessbench itself.

    Args:
        backend: The backend.
        method: The method's name.
        operator: "hessian", "sparse-hessian" or "hvp".
        name: What the person's function is called.

    Returns:
        Lines of Python.
    """
    if (backend, method) in RECIPES:
        return HEADS[backend].format(backend=backend, name=name) + RECIPES[backend, method]
    v = ", v" if operator == "hvp" else ""
    call = f'hb.{operator.replace("-", "_")}({name}, x{v}, *data, backend="{backend}", method="{method}")'
    return f"import hessbench as hb\n\n{call}\n"

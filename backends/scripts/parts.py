"""Pieces of scripts that show a derivative in a framework's own words: imports, each mode, what is printed.

Scripts are for people who have never heard of hessbench; `harness.versions.reproduction` puts them together.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

NAMESPACES: Mapping[str, str] = MappingProxyType(
    {
        "jax": "import jax\nimport jax.numpy as xp\n\njax.config.update('jax_enable_x64', True)",
        "torch": "import array_api_compat.torch as xp\nimport torch",
        "tensorflow": "import tensorflow as tf\nimport tensorflow.experimental.numpy as xp\n\n"
        "xp.experimental_enable_numpy_behavior()",
        "autograd": "import autograd\nimport autograd.numpy as xp",
    }
)
"""Backend -> its imports; `xp` is the namespace of f."""

_TAPE = """def gradient(x, *data):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x, *data)
    return tape.gradient(y, x, unconnected_gradients="zero")
"""
_TAPES = f"""{_TAPE}

@tf.function
def derivative(x, *data):
    with tf.GradientTape() as tape:
        tape.watch(x)
        g = gradient(x, *data)
    return tape.jacobian(g, x, unconnected_gradients="zero")
"""

DERIVATIVES: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("jax", "reverse"): "derivative = jax.jit(jax.grad(f))\n",
        ("jax", "forward-over-reverse"): "derivative = jax.jit(jax.jacfwd(jax.jacrev(f)))  # jax.hessian\n",
        ("jax", "reverse-over-reverse"): "derivative = jax.jit(jax.jacrev(jax.jacrev(f)))\n",
        ("jax", "reverse-over-forward"): "derivative = jax.jit(jax.jacrev(jax.jacfwd(f)))\n",
        ("jax", "forward-over-forward"): "derivative = jax.jit(jax.jacfwd(jax.jacfwd(f)))\n",
        ("torch", "reverse"): "derivative = torch.func.grad(f)\n",
        ("torch", "forward-over-reverse"): "derivative = torch.func.jacfwd(torch.func.jacrev(f))\n",
        ("torch", "reverse-over-reverse"): "derivative = torch.func.jacrev(torch.func.jacrev(f))\n",
        ("torch", "reverse-over-forward"): "derivative = torch.func.jacrev(torch.func.jacfwd(f))\n",
        ("torch", "forward-over-forward"): "derivative = torch.func.jacfwd(torch.func.jacfwd(f))\n",
        ("tensorflow", "reverse"): _TAPE + "\n\nderivative = tf.function(gradient)\n",
        ("tensorflow", "reverse-over-reverse"): _TAPES,
        ("autograd", "reverse"): "derivative = autograd.grad(f)\n",
        ("autograd", "reverse-over-reverse"): "derivative = autograd.jacobian(autograd.grad(f))\n",
        ("autograd", "forward-over-reverse"): """def derivative(x, *data):
    gradient = autograd.grad(lambda y: f(y, *data))
    return np.stack([autograd.make_jvp(gradient)(x)(row)[1] for row in np.eye(len(x))])
""",
    }
)
"""(backend, mode) -> code that makes `derivative(x, *data)` of `f(x, *data)`."""

ARRAYS: Mapping[str, str] = MappingProxyType(
    {"jax": "xp.asarray({})", "torch": "torch.asarray({})", "tensorflow": "tf.constant({})", "autograd": "{}"}
)
"""Backend -> how an array of NumPy becomes the framework's own."""

VERSIONS: Mapping[str, str] = MappingProxyType(
    {
        "jax": "jax.__version__",
        "torch": "torch.__version__",
        "tensorflow": "tf.__version__",
        "autograd": "__import__('importlib.metadata').metadata.version('autograd')",
    }
)
"""Backend -> an expression for its version."""

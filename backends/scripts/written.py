"""A call of the audit as a script without hessbench, of ten lines at most: what a maintainer can run as it stands.

The script prints two arrays: what the framework differentiates, and central differences of its own values.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

import numpy as np

from hessbench.backends.contract.arrays import FloatArray
from hessbench.backends.scripts.calls import (
    AFFINE,
    ARRAY,
    COMPLEX,
    COMPLEX_AFFINE,
    HERMITIAN,
    OBJECT,
    SLICE,
    SYMMETRIC,
    TRAINING,
    TUPLE,
    VARIABLE,
    Call,
    complex_parts,
    directions,
    example,
)

MAPPED = "mapped"
"""Before the name of a mode: mapped over points."""


@dataclass(frozen=True, slots=True)
class Words:
    """How a framework says what a script needs.

    Attributes:
        imports: The first lines; the first one can be gone on with.
        short: What functions' names begin with in a script, where it is not the framework's name.
        array: Makes an array of a nested list, "{}" its place.
        floats: The same where they are floats.
        reshaped: x in a shape.
        joined: A complex array.
        transposed: A matrix transposed.
        flat: An output y as a vector of real numbers.
        numbers: Whether an output y has a derivative.
        eye: The identity matrix of so many rows.
        derivative: Mode -> lines that print the derivative of f at x.
    """

    imports: tuple[str, ...]
    short: str
    array: str
    floats: str
    reshaped: str
    joined: str
    transposed: str
    flat: str
    numbers: str
    eye: str
    derivative: Mapping[str, str]


_JAX = {
    f"{outer}-over-{inner}": f"print(jax.{transform[outer]}(jax.{transform[inner]}(f))(x))"
    for transform in ({"forward": "jacfwd", "reverse": "jacrev"},)
    for outer in transform
    for inner in transform
}
_MAPPED = {
    f"{MAPPED} {mode}": text.replace("print(", "print(jax.vmap(").replace("(x))", ")(jnp.stack([x, x + 0.1])))")
    for mode, text in _JAX.items()
}
_JAX |= _MAPPED | {"reverse": "print(jax.grad(f)(x))"}
WORDS: Mapping[str, Words] = MappingProxyType(
    {
        "torch": Words(
            ("import torch", "torch.set_default_dtype(torch.float64)"),
            "torch",
            "torch.tensor({})",
            "torch.tensor({})",
            "{}.reshape({})",
            "torch.complex({}, {})",
            "{}.T",
            "(torch.view_as_real(y) if y.is_complex() else y).reshape(-1)",
            "y.is_complex() or y.is_floating_point()",
            "torch.eye({})",
            {mode: text.replace("jax.", "torch.func.").replace("jnp", "torch") for mode, text in _JAX.items()},
        ),
        "jax": Words(
            ("import jax, jax.numpy as jnp", 'jax.config.update("jax_enable_x64", True)'),
            "jax",
            "jnp.array({})",
            "jnp.array({})",
            "{}.reshape({})",
            "jax.lax.complex({}, {})",
            "{}.T",
            "jnp.stack([y.real, y.imag]).reshape(-1) if jnp.iscomplexobj(y) else y.reshape(-1)",
            "jnp.issubdtype(y.dtype, jnp.inexact)",
            "jnp.eye({})",
            _JAX,
        ),
        "tensorflow": Words(
            ("import tensorflow as tf",),
            "tf",
            "tf.constant({})",
            "tf.constant({}, tf.float64)",
            "tf.reshape({}, {})",
            "tf.complex({}, {})",
            "tf.transpose({})",
            "tf.reshape(tf.stack([tf.math.real(y), tf.math.imag(y)]) if y.dtype.is_complex else y, [-1])",
            "y.dtype.is_complex or y.dtype.is_floating",
            "tf.eye({}, dtype=tf.float64)",
            {
                "reverse": "with tf.GradientTape() as tape:\n    tape.watch(x)\n"
                "    print(tape.gradient(f(x), x, unconnected_gradients='zero').numpy())",
                "reverse-over-reverse": "with tf.GradientTape() as outer, tf.GradientTape() as inner:\n"
                "    outer.watch(x), inner.watch(x)\n"
                "    print(outer.jacobian(inner.gradient(f(x), x), x, unconnected_gradients='zero').numpy())",
            },
        ),
        "autograd": Words(
            ("import autograd, autograd.numpy as np",),
            "autograd",
            "np.array({})",
            "np.array({})",
            "np.reshape({}, {})",
            "{} + 1j * {}",
            "{}.T",
            "np.ravel(np.stack([np.real(y), np.imag(y)]) if np.iscomplexobj(y) else y)",
            "np.size(y)",
            "np.eye({})",
            {"reverse": "print(autograd.grad(f)(x))", "reverse-over-reverse": "print(autograd.hessian(f)(x))"},
        ),
    }
)

SECOND = "print([[float(f(x + a + b) - f(x + a - b) - f(x - a + b) + f(x - a - b)) / 4e-6 for b in e] for a in e])"
EACH = f"for x in (x, x + 0.1):\n    {SECOND}"
FIRST = "print([float(f(x + a) - f(x - a)) / 2e-3 for a in e])"


def script(framework: str, call: Call, x: Sequence[float], mode: str) -> str:
    """A script that shows what a framework makes of a call.

    Args:
        framework: Its name.
        call: The call.
        x: The point, (n,).
        mode: Outer over inner, such as "reverse-over-reverse", or "reverse" for the gradient. With "mapped" before it:
            mapped over two points.

    Returns:
        Python, ten lines at most. A framework or a mode that is not in `WORDS` is a `KeyError`.
    """
    words = WORDS[framework]
    spoken = _Spoken(words)
    far, called = spoken.layer(call) if call.is_layer else spoken.function(call, framework)
    point = words.floats.format([float(f"{number:.12g}") for number in x])
    lines = [
        words.imports[0] + far,
        *words.imports[1:],
        f"x, e = {point}, 1e-3 * {words.eye.format(len(x))}",
        "def f(x):  # every output counts, and has curvature",
        f"    ys = {called}",
        f"    ys = [{words.flat} for y in ([ys] if hasattr(ys, 'shape') else ys) if {words.numbers}]",
        "    return sum((1 + i / len(y)) * (y[i] + y[i] ** 2 / 2) for y in ys for i in range(len(y)))",
        *words.derivative[mode].split("\n"),
        *(EACH if mode.startswith(MAPPED) else SECOND if "-over-" in mode else FIRST).split("\n"),
    ]
    return "\n".join(lines) + "\n"


def _ones(array: Any) -> str:
    """An array of ones as Keras makes it, or a list of them."""
    if isinstance(array, list):
        return f"[{', '.join(map(_ones, array))}]"
    return f'keras.ops.ones({list(array.shape)}, "{array.dtype}")'


class _Spoken:
    def __init__(self, words: Words, x: str = "x") -> None:
        self._words, self._x = words, x

    def function(self, call: Call, framework: str) -> tuple[str, str]:
        """What the first line imports besides, and the call."""
        home = call.function.rpartition(".")[0]
        elsewhere = call.function.partition(".")[0] != framework  # keras.ops
        far = home.count(".") and (framework in ("jax", "autograd") or elsewhere) and home not in self._words.imports[0]
        arguments = [*map(self.of, call.arguments), *self._named(call.keywords or {})]
        name = call.function if elsewhere else self._words.short + call.function.removeprefix(framework)
        return f", {home}" if far else "", f"{name}({', '.join(arguments)})"

    def layer(self, call: Call) -> tuple[str, str]:
        """A layer of Keras, which has met its input, behind the first line; and its call with weights as arguments."""
        config = dict(call.keywords or {})
        training = ", training=True" if config.pop(TRAINING, False) else ""
        options = ", ".join([*self._named(config), "dtype='float64'"])
        met = ", ".join(_ones(example(argument)) for argument in call.arguments[2:])
        weights = ", ".join(map(self.of, call.arguments))
        return (
            f", keras; layer = {call.function}({options}); layer({met})",
            f"layer.stateless_call({weights}{training})[0]",
        )

    def _named(self, keywords: Mapping[str, Any]) -> list[str]:
        return [f"{name}={self.of(argument)}" for name, argument in keywords.items()]

    def of(self, argument: Any) -> str:
        """An argument as Python."""
        if isinstance(argument, list):
            return f"[{', '.join(map(self.of, argument))}]"
        if not isinstance(argument, Mapping):
            return repr(argument)
        ((kind, said),) = argument.items()
        return str(self._WORDS[kind](self, said))

    def _array(self, said: Mapping[str, Any]) -> str:
        ((dtype, values),) = said.items()
        if dtype.startswith("complex"):
            return self._words.joined.format(*(self._words.floats.format(json.dumps(part)) for part in values))
        return (self._words.floats if dtype.startswith("float") else self._words.array).format(repr(values))

    def _matrix(self, shape: Sequence[int]) -> str:
        return self._words.reshaped.format(self._x, tuple(shape))

    def _symmetric(self, shape: Sequence[int]) -> str:
        return f"({self._matrix(shape)} + {self._words.transposed.format(self._matrix(shape))}) / 2"

    def _complex(self, shape: Sequence[int]) -> str:
        half = int(np.prod(shape))
        parts = (
            self._words.reshaped.format(part, tuple(shape)) for part in (f"{self._x}[:{half}]", f"{self._x}[{half}:]")
        )
        return self._words.joined.format(*parts)

    def _affine(self, said: Mapping[str, Any]) -> str:
        base = np.array(said["base"], dtype=np.float64)
        return self._moved(base, directions(said["n"], base.shape))

    def _moved(self, base: FloatArray, moves: FloatArray) -> str:
        floats = self._words.floats
        terms = [f"{self._x}[{i}] * {floats.format(np.round(move, 6).tolist())}" for i, move in enumerate(moves)]
        return " + ".join((floats.format(base.tolist()), *terms))

    def _complex_affine(self, said: Mapping[str, Any], hermitian: bool = False) -> str:
        return self._words.joined.format(*(self._moved(*part) for part in complex_parts(said, hermitian)))

    def _slice(self, said: Sequence[Any]) -> str:
        first, last, argument = said
        return _Spoken(self._words, f"x[{first}:{last}]").of(argument)

    def _object(self, said: Sequence[Any]) -> str:
        path, arguments, keywords = said
        given = [*map(self.of, arguments), *self._named(keywords)]
        return f"{path}({', '.join(given)})"

    _WORDS: Mapping[str, Any] = MappingProxyType(
        {
            VARIABLE: _matrix,
            SYMMETRIC: _symmetric,
            COMPLEX: _complex,
            AFFINE: _affine,
            COMPLEX_AFFINE: _complex_affine,
            HERMITIAN: partial(_complex_affine, hermitian=True),
            SLICE: _slice,
            ARRAY: _array,
            OBJECT: _object,
            TUPLE: lambda self, parts: f"({', '.join(map(self.of, parts))},)",
        }
    )

"""A call of the audit as a script without hessbench: what a maintainer can run as it stands.

The script prints two matrices: the framework's Hessian, and central differences of its own values.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from hessbench.backends.scripts.calls import AFFINE, ARRAY, COMPLEX, SYMMETRIC, TUPLE, VARIABLE, Call, directions


@dataclass(frozen=True, slots=True)
class Words:
    """How a framework says what a script needs.

    Attributes:
        imports: The first lines.
        array: Makes an array of a nested list, "{}" its place.
        reshaped: x in a shape.
        joined: A complex array.
        leaf: The output y as real numbers, "{0}" its place.
        eye: The identity matrix of so many rows.
        hessian: Mode -> the Hessian of f at x.
    """

    imports: tuple[str, ...]
    array: str
    reshaped: str
    joined: str
    leaf: str
    eye: str
    hessian: Mapping[str, str]


_JAX = {
    f"{outer}-over-{inner}": f"jax.{transform[outer]}(jax.{transform[inner]}(f))(x)"
    for transform in ({"forward": "jacfwd", "reverse": "jacrev"},)
    for outer in transform
    for inner in transform
}
WORDS: Mapping[str, Words] = MappingProxyType(
    {
        "torch": Words(
            ("import torch", "torch.set_default_dtype(torch.float64)"),
            "torch.tensor({})",
            "{}.reshape({})",
            "torch.complex({}, {})",
            "torch.view_as_real({0}) if {0}.is_complex() else {0}",
            "torch.eye({})",
            {mode: text.replace("jax.", "torch.func.") for mode, text in _JAX.items()},
        ),
        "jax": Words(
            ("import jax", "import jax.numpy as jnp", 'jax.config.update("jax_enable_x64", True)'),
            "jnp.array({})",
            "{}.reshape({})",
            "jax.lax.complex({}, {})",
            "jnp.stack([{0}.real, {0}.imag]) if jnp.iscomplexobj({0}) else {0}",
            "jnp.eye({})",
            _JAX,
        ),
        "autograd": Words(
            ("import autograd", "import autograd.numpy as np"),
            "np.array({})",
            "np.reshape({}, {})",
            "{} + 1j * {}",
            "np.stack([np.real({0}), np.imag({0})]) if np.iscomplexobj({0}) else {0}",
            "np.eye({})",
            {"reverse-over-reverse": "autograd.hessian(f)(x)"},
        ),
    }
)
"""TensorFlow's nested tapes are more than a line, and have no script yet."""


def script(framework: str, call: Call, x: Sequence[float], mode: str) -> str:
    """A script that shows what a framework makes of a call.

    Args:
        framework: Its name.
        call: The call.
        x: The point, (n,).
        mode: Outer over inner, such as "reverse-over-reverse".

    Returns:
        Python, ten lines. A framework or a mode that is not in `WORDS` is a `KeyError`.
    """
    words = WORDS[framework]
    spoken = _Spoken(words)
    arguments = [spoken.of(argument) for argument in call.arguments]
    arguments += [f"{name}={spoken.of(argument)}" for name, argument in (call.keywords or {}).items()]
    home = call.function.rpartition(".")[0]
    lines = [
        *words.imports,
        *([f"import {home}"] if home.count(".") and framework != "torch" else []),
        f"x = {words.array.format([round(float(number), 12) for number in x])}",
        "def total(y):  # every output counts, and has curvature",
        f"    y = ({words.leaf.format('y')}).reshape(-1)",
        "    return sum((1 + i / len(y)) * (y[i] + y[i] ** 2 / 2) for i in range(len(y)))",
        f"f = lambda x: total({call.function}({', '.join(arguments)}))",
        f"print({words.hessian[mode]})",
        f"e = 1e-3 * {words.eye.format(len(x))}",
        "print([[float(f(x + a + b) - f(x + a - b) - f(x - a + b) + f(x - a - b)) / 4e-6 for b in e] for a in e])",
    ]
    return "\n".join(lines) + "\n"


class _Spoken:
    def __init__(self, words: Words) -> None:
        self._words = words

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
            return self._words.joined.format(*(self._words.array.format(json.dumps(part)) for part in values))
        return self._words.array.format(repr(values))

    def _complex(self, shape: Sequence[int]) -> str:
        half = int(np.prod(shape))
        parts = (self._words.reshaped.format(part, tuple(shape)) for part in (f"x[:{half}]", f"x[{half}:]"))
        return self._words.joined.format(*parts)

    def _affine(self, said: Mapping[str, Any]) -> str:
        base = np.array(said["base"])
        moves = [
            f"x[{i}] * {self._words.array.format(np.round(d, 6).tolist())}"
            for i, d in enumerate(directions(said["n"], base.shape))
        ]
        return " + ".join((self._words.array.format(said["base"]), *moves))

    _WORDS: Mapping[str, Any] = MappingProxyType(
        {
            VARIABLE: lambda self, shape: self._words.reshaped.format("x", tuple(shape)),
            SYMMETRIC: lambda self, shape: "({0} + {0}.T) / 2".format(self._words.reshaped.format("x", tuple(shape))),
            COMPLEX: _complex,
            AFFINE: _affine,
            ARRAY: _array,
            TUPLE: lambda self, parts: f"({', '.join(map(self.of, parts))},)",
        }
    )

"""A call of a framework's function as data, and the scalar objective that is made of it.

The audit differentiates hundreds of functions twice. Each is one `Call`: the function's name, its arguments, and which
of them is the variable. Written as JSON it travels as the name of a native text, so nothing has to be generated as
code; a framework adds what `Kit` asks for.

The scalar is sum_i w_i (y_i + y_i^2 / 2) over all real numbers y that the function returns: every output counts, no two
alike, and there is curvature where the function itself has none.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Protocol

import numpy as np

from hessbench.backends.contract.arrays import FloatArray

VARIABLE, SYMMETRIC, COMPLEX, AFFINE = "variable", "symmetric-variable", "complex-variable", "affine-variable"
COMPLEX_AFFINE, HERMITIAN, SLICE = "complex-affine-variable", "hermitian-variable", "slice-of-variable"
ARRAY, TUPLE, OBJECT = "array", "tuple", "object"
"""What a mapping among the arguments is, by its only key; anything else stands for itself.

`variable`: x itself, of that shape. `symmetric-variable`: the symmetric part of it, where a function is meant for
symmetric matrices: it may read one half only, and derivatives by entries of the other are a convention.
`complex-variable`: x is real and imaginary part of an array of that shape. `affine-variable`: an array of many entries,
moved by few variables (see `directions`). `complex-affine-variable`: a complex one, its base as real and imaginary
part, which move differently. `hermitian-variable`: the Hermitian part of that, where a function is meant for such
matrices. `slice-of-variable`: first and last entry of x (exclusive), and what of the above they are, where several
arguments vary together. `array`: a constant, with its dtype. `tuple`: JSON knows lists only.
`object`: what another public function makes of its arguments, such as JAX's dimension numbers.
"""


LAYERS = "keras.layers"
"""Where Keras' layers are. A call of one has its trainable weights, its other weights, and then its inputs; its
keywords are what it is made with, but for `TRAINING`."""
TRAINING = "training"
"""The keyword that is the call's, and not the layer's."""


class Kit(Protocol):
    """What the objective needs of a framework."""

    def constant(self, values: FloatArray, x: Any) -> Any:
        """An array of the framework with those values; floats in the precision of x."""

    def reshaped(self, x: Any, shape: Sequence[int]) -> Any:
        """The variable in a shape."""

    def joined(self, real: Any, imaginary: Any) -> Any:
        """The complex array of two real ones."""

    def parts(self, result: Any) -> list[Any]:
        """All real numbers of one output, as flat float arrays: two for a complex one, none where it has no floats."""

    def weighted(self, flat: Any, weights: FloatArray) -> Any:
        """The sum of weights times entries."""

    def moved(self, base: Any, directions: FloatArray, x: Any) -> Any:
        """Base + the directions (n, ...) times x (n,)."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call.

    Attributes:
        function: Where the function is: "torch.nn.functional.gelu".
        arguments: By position.
        keywords: By name.
    """

    function: str
    arguments: tuple[Any, ...] = ()
    keywords: Mapping[str, Any] | None = None

    @property
    def is_layer(self) -> bool:
        """Whether it calls a layer of Keras."""
        return self.function.startswith(f"{LAYERS}.")

    def text(self) -> str:
        """The call as JSON."""
        return json.dumps([self.function, list(self.arguments), dict(self.keywords or {})], separators=(",", ":"))

    @classmethod
    def of(cls, text: str) -> Call:
        """The call that `text` wrote."""
        function, arguments, keywords = json.loads(text)
        return cls(function, tuple(arguments), keywords)


def directions(n: int, shape: Sequence[int]) -> FloatArray:
    """The n directions (n, *shape) along which few variables move many entries: fixed, none of them alike."""
    size = int(np.prod(shape))
    angles = np.outer(np.arange(1, n + 1), np.arange(1, size + 1))
    return np.cos(1.0 + 0.7 * angles + 0.1 * angles**2).reshape(n, *shape)


@cache
def found(path: str) -> Callable[..., Any]:
    """The function of that name.

    Args:
        path: Modules and attributes, with dots.

    Returns:
        The function.

    Raises:
        AttributeError: It is not there in the version that is installed.
    """
    names = path.split(".")
    owner: Any = importlib.import_module(names[0])
    for i, name in enumerate(names[1:], 2):
        if not hasattr(owner, name):
            try:
                importlib.import_module(".".join(names[:i]))
            except ImportError:
                raise AttributeError(f"{path} is not there") from None
        owner = getattr(owner, name)
    function: Callable[..., Any] = owner
    return function


def weights(count: int) -> FloatArray:
    """Ascending from 1 to below 2, so that no two outputs count the same."""
    return 1 + np.arange(count) / max(count, 1)


def objective(call: Call, kit: Kit, function: Callable[..., Any] | None = None) -> Callable[[Any], Any]:
    """The scalar f(x) of a call.

    Args:
        call: The call.
        kit: The framework's.
        function: What is called, where it is not the function of that name.

    Returns:
        The objective of a vector x; constants are made when it is called, so that it can be traced anywhere.
    """
    called = function or found(call.function)

    def f(x: Any) -> Any:
        arguments = [_made(argument, x, kit) for argument in call.arguments]
        keywords = {name: _made(argument, x, kit) for name, argument in (call.keywords or {}).items()}
        return scalar(called(*arguments, **keywords), kit)

    return f


def by_name(kit: Kit) -> Callable[[str], Callable[[Any], Any]]:
    """What a module of objectives has as its `__getattr__`: the objective of a call whose text is the name."""

    def get(name: str) -> Callable[[Any], Any]:
        if not name.startswith("["):
            raise AttributeError(name)
        return objective(Call.of(name), kit)

    return get


class NoRealNumbers(TypeError):
    """What a function returned has no derivative."""


def scalar(result: Any, kit: Kit) -> Any:
    """What the audit differentiates, of all that a function returned."""
    flat = [part for leaf in leaves(result) for part in kit.parts(leaf)]
    if not flat:
        raise NoRealNumbers("it returns no real numbers")
    return sum(kit.weighted(y + y * y / 2, weights(int(np.prod(y.shape)))) for y in flat)


def leaves(result: Any) -> list[Any]:
    """The outputs in what a function returned, which may be nested."""
    if isinstance(result, Mapping):
        return [leaf for part in result.values() for leaf in leaves(part)]
    if isinstance(result, list | tuple) or _is_boxed_tuple(result):
        return [leaf for i in range(len(result)) for leaf in leaves(result[i])]
    return [result]


def _is_boxed_tuple(result: Any) -> bool:
    """Autograd traces a tuple as what is none, but has a length and parts, and no shape."""
    return not isinstance(result, str) and not hasattr(result, "shape") and hasattr(result, "__getitem__")


def _made(argument: Any, x: Any, kit: Kit) -> Any:
    """An argument as the function takes it."""
    if isinstance(argument, list):
        return [_made(part, x, kit) for part in argument]
    if not isinstance(argument, Mapping):
        return argument
    ((kind, said),) = argument.items()
    return _MADE[kind](said, x, kit)


def example(argument: Any) -> Any:
    """An array of ones as a variable or constant of a call is, or a list of them: what has its shape and kind."""
    if isinstance(argument, list):
        return [example(part) for part in argument]
    ((kind, said),) = argument.items()
    if kind == ARRAY:
        ((dtype, values),) = said.items()
        return np.ones_like(np.array(values, dtype=dtype))
    if kind == SLICE:
        return example(said[2])
    return np.ones(np.shape(said["base"]) if kind == AFFINE else tuple(said))


def _symmetric(shape: Sequence[int], x: Any, kit: Kit) -> Any:
    return kit.moved(kit.constant(np.zeros(shape), x), halves(*shape), x)


def halves(rows: int, columns: int) -> FloatArray:
    """The symmetric part of each matrix with one entry, (rows * columns, rows, columns)."""
    units = np.eye(rows * columns).reshape(-1, rows, columns)
    return (units + units.transpose(0, 2, 1)) / 2


def _complex(shape: Sequence[int], x: Any, kit: Kit) -> Any:
    half = int(np.prod(shape))
    return kit.joined(kit.reshaped(x[:half], shape), kit.reshaped(x[half:], shape))


def _affine(said: Mapping[str, Any], x: Any, kit: Kit) -> Any:
    base = np.array(said["base"], dtype=np.float64)
    return kit.moved(kit.constant(base, x), directions(said["n"], base.shape), x)


def complex_parts(said: Mapping[str, Any], hermitian: bool) -> tuple[tuple[FloatArray, FloatArray], ...]:
    """Real and imaginary part of a complex array that few variables move.

    Args:
        said: `base`, its real and imaginary part, and `n`, how many variables.
        hermitian: Whether base and directions are made Hermitian.

    Returns:
        For each part the base (*shape) and the directions (n, *shape).
    """
    base = np.array(said["base"], dtype=np.float64)
    moves = directions(said["n"], base.shape).swapaxes(0, 1)
    if not hermitian:
        return tuple(zip(base, moves, strict=True))
    return tuple(
        ((part + sign * part.T) / 2, (move + sign * move.swapaxes(1, 2)) / 2)
        for part, move, sign in zip(base, moves, (1, -1), strict=True)
    )


def _complex_affine(said: Mapping[str, Any], x: Any, kit: Kit, hermitian: bool = False) -> Any:
    return kit.joined(*(kit.moved(kit.constant(part, x), moves, x) for part, moves in complex_parts(said, hermitian)))


def _slice(said: Sequence[Any], x: Any, kit: Kit) -> Any:
    first, last, argument = said
    return _made(argument, x[first:last], kit)


def _array(said: Mapping[str, Any], x: Any, kit: Kit) -> Any:
    ((dtype, values),) = said.items()
    if dtype.startswith("complex"):
        return kit.constant((np.array(values[0]) + 1j * np.array(values[1])).astype(dtype), x)
    return kit.constant(np.array(values, dtype=dtype), x)


_MADE: Mapping[str, Callable[[Any, Any, Kit], Any]] = {
    VARIABLE: lambda shape, x, kit: kit.reshaped(x, shape),
    SYMMETRIC: _symmetric,
    COMPLEX: _complex,
    AFFINE: _affine,
    COMPLEX_AFFINE: _complex_affine,
    HERMITIAN: partial(_complex_affine, hermitian=True),
    SLICE: _slice,
    ARRAY: _array,
    OBJECT: lambda said, x, kit: found(said[0])(*(_made(part, x, kit) for part in said[1]), **said[2]),
    TUPLE: lambda parts, x, kit: tuple(_made(part, x, kit) for part in parts),
}

"""Parameters that are not one vector: a number, a matrix, or nested dicts, lists and tuples of arrays, as one vector.

A block is one array of the structure; its name is the path to it, joined by dots ("layers.0.weight"). Blocks lie in
the vector in the order in which the structure holds them (dicts: as inserted, unlike JAX's ravel_pytree, which sorts).
A list or tuple of plain numbers is one block. A function gets containers of the types that were given: a framework may
take an OrderedDict otherwise than a dict, and a person's own dict has attributes.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass
from numbers import Number
from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.given import NotNumbers, numbers


class BadParameters(NotNumbers):
    """The structure cannot be made one vector of floats; the message says why, in one line."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the arrays of a nested structure lie in one vector.

    Attributes:
        names: The path to each block.
        shapes: The shape of each block.
        tree: The structure: the number of a block, or (type, keys, parts).
    """

    names: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]
    tree: Any

    @classmethod
    def of_array(cls, shape: tuple[int, ...]) -> Layout:
        """The layout of one array of another shape than (n,): a number, a matrix."""
        return cls(("x",), (shape,), 0)

    @property
    def size(self) -> int:
        """Number of variables."""
        return sum(_count(shape) for shape in self.shapes)

    def fits(self, other: Layout) -> bool:
        """Whether blocks of the same names and shapes follow one another in both, whatever containers hold them."""
        return (self.names, self.shapes) == (other.names, other.shapes)

    @property
    def is_array(self) -> bool:
        """Whether the structure is one array and nothing around it."""
        return isinstance(self.tree, int)

    def shaped(self, array: FloatArray) -> FloatArray:
        """Derivatives (n,) or (n, n) as a person gets them: by x's shape for each axis, or with named blocks."""
        return array.reshape(self.shapes[0] * array.ndim) if self.is_array else BlockArray.of(array, self)

    def span(self, name: str) -> slice:
        """Where a block lies, or all blocks below a path ("layers.0").

        Returns:
            The places in the vector.

        Raises:
            KeyError: No block has that name or lies below it.
        """
        inside = [i for i, known in enumerate(self.names) if known == name or known.startswith(f"{name}.")]
        if not inside:
            raise KeyError(f"no block {name!r}; there are {', '.join(self.names)}")
        ends = np.cumsum([0, *map(_count, self.shapes)])
        return slice(int(ends[inside[0]]), int(ends[inside[-1] + 1]))

    def nest(self, xp: Any, x: Any) -> Any:
        """The vector as the nested structure, in an array namespace."""
        parts, start = [], 0
        for shape in self.shapes:
            stop = start + _count(shape)
            parts.append(x[start:stop] if len(shape) == 1 else xp.reshape(x[start:stop], shape))
            start = stop
        return _build(self.tree, parts)


def _count(shape: tuple[int, ...]) -> int:
    return math.prod(shape)  # not NumPy's, which PyTorch's compiler takes for one of its tensors


def rebuild(layout: Layout, parts: list[Any]) -> Any:
    """The nested structure of a layout from its arrays, in the order of its names."""
    return _build(layout.tree, parts)


def _build(tree: Any, parts: list[Any]) -> Any:
    if isinstance(tree, int):
        return parts[tree]
    kind, keys, children = tree
    return _container(kind, keys, [_build(child, parts) for child in children])


def _container(kind: Any, keys: tuple[Any, ...], parts: list[Any]) -> Any:
    """A dict, list or tuple, or one of a subclass, of its parts."""
    if kind is dict:
        return dict(zip(keys, parts, strict=True))
    if issubclass(kind, dict):
        return kind(zip(keys, parts, strict=True))
    return kind(*parts) if hasattr(kind, "_fields") else kind(parts)  # named tuples take their parts one by one


COMMON = (dict, list, tuple, OrderedDict)
"""Containers that are all there in their parts; what PyTorch notes beside those of a `state_dict()` is no parameter."""


def is_nested(x: Any) -> bool:
    """Whether x is a structure of arrays, and not one array or a list of numbers."""
    return isinstance(x, dict) or (isinstance(x, list | tuple) and not all(map(_is_number, x)))


def is_plain(x: Any) -> bool:
    """Whether x is an array, a number, or a structure of such that is known here: of dicts, lists and tuples."""
    if is_nested(x):
        return all(map(is_plain, x.values() if isinstance(x, dict) else x))
    return isinstance(x, list | tuple) or _is_number(x) or hasattr(x, "shape")


def _is_number(part: Any) -> bool:
    return isinstance(part, Number) or (hasattr(part, "shape") and len(part.shape) == 0)


def floats(array: FloatArray) -> FloatArray:
    """The array itself where it holds floats, else its numbers as such."""
    return array if np.issubdtype(array.dtype, np.floating) else array.astype(np.float64)


def flatten(x: Any, what: str = "x", differentiable: bool = True) -> tuple[FloatArray, Layout]:
    """The structure as one vector, and where its arrays lie in it.

    Args:
        x: The structure.
        what: What it is called in a message.
        differentiable: Whether derivatives are taken by it, so that integers will not do; else they become floats.

    Returns:
        The vector (n,) and the layout.

    Raises:
        BadParameters: A block holds no floats, two blocks have one name, or the structure holds no numbers; a
            `NotNumbers` where a block is no array of numbers.
    """
    names: list[str] = []
    arrays: list[FloatArray] = []
    try:
        tree = _walk(x, "", names, arrays, what)
    except RecursionError:
        raise BadParameters(f"{what} holds itself; give a dict, list or tuple of arrays") from None
    doubled = next((name for i, name in enumerate(names) if name in names[:i]), None)
    if doubled is not None:
        raise BadParameters(f"two blocks of {what} are called {doubled!r}; rename one")
    if not differentiable:
        arrays = [*map(floats, arrays)]
    for name, array in zip(names, arrays, strict=True):
        if not np.issubdtype(array.dtype, np.floating):
            raise BadParameters(
                f"block {name!r} of {what} has dtype {array.dtype}, which has no derivatives; give floats"
            )
    if not sum(array.size for array in arrays):
        raise BadParameters(f"{what} holds no numbers")
    vector = np.concatenate([array.reshape(-1) for array in arrays])
    return vector, Layout(tuple(names), tuple(array.shape for array in arrays), tree)


def _walk(x: Any, path: str, names: list[str], arrays: list[FloatArray], what: str) -> Any:
    if not is_nested(x):
        names.append(path or "x")
        arrays.append(numbers(x, f"block {names[-1]!r} of {what}", "give an array of floats"))
        return len(arrays) - 1
    keys = tuple(x) if isinstance(x, dict) else tuple(range(len(x)))
    if type(x) not in COMMON and not _can_be_made_again(x, keys):
        kind, builtin = type(x).__name__, next(one.__name__ for one in COMMON if isinstance(x, one))
        place = f"block {path!r} of {what}" if path else what
        raise BadParameters(f"{place} is a {kind}, which cannot be made again of its parts; give {builtin}(...) of it")
    below = ((x[key], f"{path}.{key}" if path else str(key)) for key in keys)
    return type(x), keys, tuple(_walk(part, place, names, arrays, what) for part, place in below)


def _can_be_made_again(x: Any, keys: tuple[Any, ...]) -> bool:
    """Whether a container of a person's own type is all there in its parts, and its type makes it of these."""
    beside = getattr(x, "__dict__", None)
    if beside and beside is not x:  # a dict may be its own attributes
        return False
    try:
        again = _container(type(x), keys, [x[key] for key in keys])
        return len(again) == len(x) and all(again[key] is x[key] for key in keys)
    except Exception:  # a person's own type can raise anything
        return False


class Nested:
    """An objective of a nested structure, as one of a vector.

    Args:
        f: f(xp, x, *data) with x nested.
        layout: Where the blocks lie.
    """

    def __init__(self, f: Any, layout: Layout) -> None:
        self.f, self.layout = f, layout
        self.__doc__, self.__name__ = f.__doc__, getattr(f, "__name__", "f")

    def __call__(self, xp: Any, x: Any, *data: Any) -> Any:
        """The value at a vector, or at the structure itself."""
        is_vector = not (is_nested(x) or _is_number(x)) and len(getattr(x, "shape", (0,))) == 1
        return self.f(xp, self.layout.nest(xp, x) if is_vector else x, *data)


class BlockArray(FloatArray):
    """A vector (n,) or matrix (n, n) of derivatives whose parts have names; in all else a NumPy array.

    Attributes:
        layout: Where the blocks lie; None for what was computed from it (a slice, a sum).
    """

    layout: Layout | None = None

    @classmethod
    def of(cls, array: FloatArray, layout: Layout) -> BlockArray:
        """The array with names."""
        named = array.view(cls)
        named.layout = layout
        return named

    def __reduce__(self) -> Any:
        return _restore, (np.asarray(self), self.layout)

    def block(self, *names: str) -> FloatArray:
        """The part that belongs to one block of a vector, or to two of a matrix (rows, columns).

        An unknown name is a `KeyError`, as in `Layout.span`.

        Returns:
            Of a vector the block in its own shape, of a matrix a matrix.

        Raises:
            ValueError: The number of names is not that of the axes, or the array has no names itself.
        """
        if self.layout is None:
            raise ValueError("this array was computed from one with names and has none itself")
        if len(names) != self.ndim:
            raise ValueError(f"give {self.ndim} block name(s): the array has {self.ndim} axes")
        part = np.asarray(self)[tuple(self.layout.span(name) for name in names)]
        if self.ndim == 1 and names[0] in self.layout.names:
            return part.reshape(self.layout.shapes[self.layout.names.index(names[0])])
        return part

    def nested(self) -> Any:
        """A vector in the structure that x has.

        Returns:
            The nested structure.

        Raises:
            ValueError: The array is a matrix, or has no names itself.
        """
        if self.layout is None or self.ndim != 1:
            raise ValueError("only a vector of derivatives has the structure of x")
        return self.layout.nest(np, np.asarray(self))


def _restore(array: FloatArray, layout: Layout | None) -> FloatArray:
    return array if layout is None else BlockArray.of(array, layout)

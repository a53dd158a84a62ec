"""Arguments that are tried: small arrays and literals, and which of a call's arrays can be its variable."""

from __future__ import annotations

import inspect
import itertools
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from hessbench.backends.scripts.calls import (
    AFFINE,
    ARRAY,
    COMPLEX,
    COMPLEX_AFFINE,
    HERMITIAN,
    SLICE,
    SYMMETRIC,
    TUPLE,
    VARIABLE,
    Call,
)

MOST = 9
"""Up to so many entries an argument is the variable itself; above, few variables move all of it."""
FEW = 3
MOST_TOGETHER = 12
"""The same of arguments that vary together, all entries counted; else those of more than `MOST_OF_MANY` are moved."""
MOST_OF_MANY = 4
Found = list[tuple[str, Call, list[float]]]
"""Label of the variable, the call, and the point."""
MEANT_SYMMETRIC = (
    r"(\.(cholesky(_ex|_update)?|cho_factor|eigh|eigvalsh|ldl_factor(_ex)?|tridiagonal)|"
    r"(tensorflow\.linalg|keras\.ops)\.logdet)$"
)
"""Functions of symmetric matrices, which read one half of theirs; TensorFlow's `logdet` is one by Cholesky."""
RNG = np.random.default_rng(24)


def _draw(*shape: int, low: float = 0.15, high: float = 0.95) -> Any:
    return np.round(RNG.uniform(low, high, shape), 3)


def as_argument(values: Any) -> dict[str, Any]:
    """An array as a call's constant."""
    values = np.asarray(values)
    if values.dtype.kind == "c":
        return {ARRAY: {str(values.dtype): [values.real.tolist(), values.imag.tolist()]}}
    return {ARRAY: {str(values.dtype): values.tolist()}}


V, W, U, Z = (as_argument(a) for a in (_draw(3), _draw(3), _draw(3, low=1.1, high=2.4), _draw(3)))
_general = _draw(3, 3) - 0.4 + np.diag([1.3, 1.9, 2.6])
M, M2 = as_argument(_general), as_argument(_draw(3, 3) + np.diag([2.0, 1.4, 1.1]))
S = as_argument(np.round(_general @ _general.T, 3))
B, B2, C = as_argument(_draw(2, 3)), as_argument(_draw(2, 3)), as_argument(_draw(3, 2))
T, T2 = as_argument(_draw(2, 2, 2)), as_argument(_draw(2, 2, 2))
SIGNAL, KERNEL = as_argument(_draw(1, 2, 4)), as_argument(_draw(1, 2, 2))
LONG = as_argument(_draw(8))
IMAGE, STENCIL = as_argument(_draw(1, 1, 3, 3)), as_argument(_draw(1, 1, 2, 2))
PICTURE, FILTER = as_argument(_draw(1, 3, 3, 1)), as_argument(_draw(2, 2, 1, 1))
COLORS = as_argument(_draw(1, 2, 3))
INDEX, CLASSES = as_argument(np.array([0, 2, 1])), as_argument(np.array([0, 2]))
BITS = as_argument(np.array([True, False, True]))
ROW = as_argument(np.array([[0, 2, 1]]))

ARRAYS: tuple[tuple[Any, ...], ...] = (
    (V,), (U,), (M,), (S,), (B,), (T,), (SIGNAL,), (IMAGE,), (PICTURE,), (COLORS,), (LONG,),
    (V, W), (U, V), (M, M2), (S, M), (M, V), (V, M), (B, C), (B, B2), (T, T2), (V, INDEX), (INDEX, V), (B, CLASSES),
    (CLASSES, B), (V, BITS), (BITS, V), (SIGNAL, KERNEL), (IMAGE, STENCIL), (PICTURE, FILTER), (LONG, V), (B, ROW),
    (V, W, Z), (V, W, U), (BITS, V, W), (M, V, W), (S, M, M2), (M, M2, V), (V, INDEX, W), (B, B2, V), (T, T, T),
    (V, W, Z, U), (V, U, W, Z), (SIGNAL, V, W),
    ([V, W],), ([B, B2],), ([M, M2],), ([V, W], V),
)  # fmt: skip
LITERALS: tuple[tuple[Any, ...], ...] = (
    (), (0,), (1,), (-1,), (2,), (3,), (0.5,), (0.2, 0.8), (0, 1), (1, 0), (2, 1), ([0],), ([0, 1],), ([3, 1],),
    ({TUPLE: [0]},), ({TUPLE: [0, 1]},), ({TUPLE: [1, 1]},), ({TUPLE: [3, 1]},), ([2, 2],), (4, 2), (0, 1, 2),
    ("VALID",), (1, "VALID"), ([1, 1], "VALID"), (2, 1, "VALID"), (2, 2, "VALID"), ([1],), ({TUPLE: [3]},),
)  # fmt: skip
BEFORE: tuple[tuple[Any, ...], ...] = ((), (2,), (1,), ("ij,jk->ik",), ("i,i->i",))


def candidates(required: tuple[int, int]) -> Iterator[list[Any]]:
    """Arguments to try, the plainest first; as many as the function takes at least and at most."""
    if required[0] > 1:  # a literal in the place of an array would leave it out
        yield from of_arrays(required[0])
    shapes = itertools.chain(itertools.product(((),), ARRAYS, LITERALS), itertools.product(BEFORE[1:], ARRAYS, ((),)))
    for before, arrays, after in shapes:
        if required[0] <= len(before) + len(arrays) + len(after) <= required[1]:
            yield [*before, *arrays, *after]


def of_arrays(count: int) -> Iterator[list[Any]]:
    """Arguments that are arrays of floats only."""
    for arrays in ARRAYS:
        if len(arrays) == count and all(is_float(argument) for argument in arrays):
            yield list(arrays)


def arity(function: Any) -> tuple[int, int]:
    """How many arguments by position a function wants at least and at most."""
    try:
        parameters = inspect.signature(_described(function)).parameters.values()
    except (TypeError, ValueError):
        return 1, 5
    by_position = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    least = sum(p.default is p.empty for p in by_position)
    many = any(p.kind == p.VAR_POSITIONAL for p in parameters)
    return max(least, 1), 6 if many else max(len(by_position), 1)


def _described(function: Any) -> Any:
    """The function, or what PyTorch has to show for its signature where it is none of Python's."""
    if "torch" not in sys.modules or not inspect.isbuiltin(function):
        return function
    from torch.overrides import get_testing_overrides

    return get_testing_overrides().get(function, function)


def _standing(arguments: Any, meant: Callable[[Any], bool]) -> Iterator[tuple[Any, ...]]:
    """Where such arguments stand among (key, argument): one key, or two within a list."""
    for key, argument in arguments:
        if isinstance(argument, list):
            yield from ((key, j) for j, part in enumerate(argument) if meant(part))
        elif meant(argument):
            yield (key,)


def is_float(argument: Any) -> bool:
    """Whether an argument is a constant array of floats."""
    return _is_array(argument, "float")


def _is_integer(argument: Any) -> bool:
    return _is_array(argument, "int")


def _is_array(argument: Any, dtype: str) -> bool:
    return isinstance(argument, dict) and ARRAY in argument and next(iter(argument[ARRAY])).startswith(dtype)


def with_variable(call: Call, where: tuple[Any, ...], made_complex: bool = False) -> tuple[Call, list[float]]:
    """The call with one of its arrays as the variable, and the point.

    Args:
        call: With constants only.
        where: The index of the array, or of its list and within it; or its name.
        made_complex: Whether it is complex.

    Returns:
        The call and x.
    """
    values = values_of(call, where)
    kind, said, point = (_complex if made_complex else _real)(values, _is_symmetric(call, values))
    return replaced(call, where, {kind: said}), [float(number) for number in point]


def jointly(call: Call, wheres: Sequence[tuple[Any, ...]]) -> tuple[Call, list[float]]:
    """The call with several of its arrays as variables, each a slice of x.

    Args:
        call: With constants only.
        wheres: Where they stand, see `with_variable`.

    Returns:
        The call and x.
    """
    x: list[float] = []
    most = MOST if sum(values_of(call, where).size for where in wheres) <= MOST_TOGETHER else MOST_OF_MANY
    for where in wheres:
        values = values_of(call, where)
        kind, said, point = _real(values, _is_symmetric(call, values), most)
        call = replaced(call, where, {SLICE: [len(x), len(x) + len(point), {kind: said}]})
        x += map(float, point)
    return call, x


def _is_symmetric(call: Call, values: Any) -> bool:
    return values.ndim == 2 and bool(re.search(MEANT_SYMMETRIC, call.function))


def values_of(call: Call, where: tuple[Any, ...]) -> Any:
    """The constant array that stands there."""
    return np.array(next(iter(_argument(call, where)[ARRAY].values())))


def _argument(call: Call, where: tuple[Any, ...]) -> Any:
    argument: Any = call.keywords if isinstance(where[0], str) else call.arguments
    for key in where:
        argument = argument[key]
    return argument


def replaced(call: Call, where: tuple[Any, ...], argument: Any) -> Call:
    """The call with another argument there."""
    arguments, keywords = list(call.arguments), dict(call.keywords or {})
    place: Any = keywords if isinstance(where[0], str) else arguments
    if len(where) == 2:
        place[where[0]] = list(place[where[0]])
        place = place[where[0]]
    place[where[-1]] = argument
    return Call(call.function, tuple(arguments), keywords)


def _real(values: Any, symmetric: bool, most: int = MOST) -> tuple[str, Any, list[float]]:
    """Kind, data and point of a real variable with those values."""
    if values.size > most:
        return AFFINE, {"base": values.tolist(), "n": FEW}, [0.0] * FEW
    return (SYMMETRIC if symmetric else VARIABLE), list(values.shape), [*values.ravel()]


def _complex(values: Any, hermitian: bool) -> tuple[str, Any, list[float]]:
    """The same of a complex one, whose imaginary part is chosen here."""
    imaginary = imaginary_part(values.shape)
    if hermitian or values.size > MOST // 2:
        kind = HERMITIAN if hermitian else COMPLEX_AFFINE
        return kind, {"base": [values.tolist(), imaginary.tolist()], "n": FEW}, [0.0] * FEW
    return COMPLEX, list(values.shape), [*values.ravel(), *imaginary.ravel()]


def imaginary_part(shape: Any) -> Any:
    """Of the complex arrays that are tried."""
    return np.round(0.3 + 0.2 * np.cos(np.arange(int(np.prod(shape)))), 3).reshape(shape)


def all_complex(call: Call, where: tuple[Any, ...]) -> Call:
    """The call with its other float arrays complex, too: some functions mix no kinds."""
    for other in places(call):
        if other != where:
            values = values_of(call, other)
            call = replaced(call, other, as_argument(values - 1j * imaginary_part(values.shape)))
    return call


def places(call: Call) -> list[tuple[Any, ...]]:
    """Where the float arrays of a call stand, by position and by name."""
    return list(_standing(_arguments(call), is_float))


def integers(call: Call) -> list[tuple[tuple[Any, ...], Any]]:
    """Where arrays of integers stand in a call, and their values."""
    return [(where, values_of(call, where)) for where in _standing(_arguments(call), _is_integer)]


def _arguments(call: Call) -> list[tuple[Any, Any]]:
    return [*enumerate(call.arguments), *(call.keywords or {}).items()]


def where_real(call: Call) -> tuple[Any, ...] | None:
    """Where the real variable of a call stands; None where there is none, or deeper than two levels."""
    return next(_standing(_arguments(call), _is_real_variable), None)


def _is_real_variable(argument: Any) -> bool:
    return isinstance(argument, dict) and not {VARIABLE, SYMMETRIC, AFFINE}.isdisjoint(argument)


def as_constants(call: Call, where: tuple[Any, ...], x: list[float]) -> Call:
    """The call with its real variable as a constant, at the point x."""
    ((kind, said),) = _argument(call, where).items()
    return replaced(call, where, as_argument(said["base"] if kind == AFFINE else np.reshape(np.array(x), said)))

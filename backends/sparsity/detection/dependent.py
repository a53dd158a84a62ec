"""Arrays whose entries know which variables they depend on, and nothing else; f runs on them as on NumPy's.

A linear function unites the sets of what goes in. A nonlinear one also notes that the variables of these sets meet,
that is, that the Hessian may have entries there: for f(u) all of u with all of u, for u v only those of u with those of
v. What is noted once stays, whatever is computed of it later: the pattern holds for every x and may have more entries
than the Hessian (those that cancel), never fewer. (Walther 2008, doi:10.1145/1322436.1322439, carries such sets
forwards, as here; Gower & Mello 2012, doi:10.1080/10556788.2011.580098, push them backwards.)

Values are not known, so a branch on them, an index or a shape made of them is refused. With `value` they are known at
one point, and what follows holds near that point only.
"""

from __future__ import annotations

import inspect
import math
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, NoReturn

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from hessbench.backends.contract.errors import Unsupported
from hessbench.backends.sparsity.detection.sets import EMPTY, Sets
from hessbench.backends.sparsity.pattern import IntArray

Function = Callable[..., Any]
Rules = Mapping[Function, Function]
"""NumPy function -> rule(trace, function, *args, **kwargs) -> what depends on what."""

BRANCH = (
    "it makes a plain number of x ({}), so what follows may differ from point to point and no pattern holds for every "
    "x; write xp.where"
)
NUMBER = "it makes a plain number of x ({}), which drops what that depends on; use xp's functions instead"
NUMPY = (
    "it gives x to NumPy, and numpy.asarray would drop what an array depends on; use xp's functions: xp.take(a, i) for "
    "a[i], and of a SciPy matrix xp.asarray(a.toarray())"
)


class Branches(Unsupported):
    """What follows would differ from point to point: no pattern holds for every x, but one may near a point."""


class Trace:
    """One evaluation of f: the sets that it makes, and the kind of its arrays.

    Args:
        n: Number of variables.
        kind: The class of the arrays, with its rules.
    """

    def __init__(self, n: int, kind: type[Dependent]) -> None:
        self.sets, self.kind = Sets(n), kind

    def make(self, numbers: Any, dtype: Any, value: Any = None) -> Any:
        """An array of these sets; a plain one where the value is known and depends on nothing.

        Args:
            numbers: The number of each entry's set.
            dtype: What the entries stand for.
            value: The entries at a point, or None.

        Returns:
            The array.
        """
        if value is not None and not np.any(numbers):
            return value
        return self.kind(self, numbers, dtype, value)


class Dependent(NDArrayOperatorsMixin):
    """An array of sets of variables; subclasses have rules.

    Args:
        trace: The evaluation that it belongs to.
        numbers: The number of each entry's set, in the shape of the array.
        dtype: What the entries stand for.
        value: The entries at a point, or None.
    """

    __slots__ = ("dtype", "numbers", "trace", "value")

    rules: ClassVar[Rules]

    def __init__(self, trace: Trace, numbers: IntArray, dtype: Any = np.float64, value: Any = None) -> None:
        self.trace, self.numbers, self.dtype, self.value = trace, np.asarray(numbers), np.dtype(dtype), value

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape."""
        return self.numbers.shape

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self.numbers.ndim

    @property
    def size(self) -> int:
        """The number of entries."""
        return self.numbers.size

    @property
    def mT(self) -> Any:  # noqa: N802 - the standard's name
        """The last two axes exchanged."""
        return np.matrix_transpose(self)

    @property
    def T(self) -> Any:  # noqa: N802 - the standard's name
        """The axes in reverse order."""
        return np.permute_dims(self, tuple(range(self.ndim))[::-1])

    def __len__(self) -> int:
        return len(self.numbers)

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def __getitem__(self, key: Any) -> Any:
        return self.rules[operator.getitem](self.trace, operator.getitem, self, key)

    def __repr__(self) -> str:
        return f"Dependent(shape={self.shape}, dtype={self.dtype})"

    def __bool__(self) -> bool:
        return bool(self._known("a branch on a condition"))

    def __float__(self) -> float:
        return self._dropped("float(), math.exp")

    def __int__(self) -> int:
        return int(self._known("int()"))

    def __index__(self) -> int:
        return int(self._known("an index"))

    def __round__(self, digits: int | None = None) -> Any:
        return round(self._known("round()"), digits)

    def __trunc__(self) -> int:
        return math.trunc(self._known("math.trunc()"))

    def item(self) -> Any:
        """Refused: it would drop what the entry depends on."""
        return self._dropped("item()")

    def _known(self, how: str) -> Any:
        """The value, which what follows is decided by: constant nearly everywhere, so known near a point."""
        if self.value is None:
            raise Branches(BRANCH.format(how))
        return self.value

    def _dropped(self, how: str) -> NoReturn:
        """A number that is computed with would no longer say what it depends on, whether its value is known or not."""
        raise Unsupported(NUMBER.format(how)) if np.any(self.numbers) else Branches(BRANCH.format(how))

    # Augmented assignment binds the name anew, as for Python's numbers.
    __iadd__ = NDArrayOperatorsMixin.__add__
    __isub__ = NDArrayOperatorsMixin.__sub__
    __imul__ = NDArrayOperatorsMixin.__mul__
    __itruediv__ = NDArrayOperatorsMixin.__truediv__
    __ipow__ = NDArrayOperatorsMixin.__pow__
    __imatmul__ = NDArrayOperatorsMixin.__matmul__

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        raise Unsupported(NUMPY)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method != "__call__":
            raise Unsupported(f"no pattern is known for numpy.{ufunc.__name__}.{method}")
        return self.apply(ufunc, inputs, kwargs)

    def __array_function__(self, func: Function, types: Any, args: Any, kwargs: Mapping[str, Any]) -> Any:
        return self.apply(func, args, kwargs)

    def apply(self, func: Function, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """A function of NumPy's, of arrays of which one or more depend on x.

        Args:
            func: The function.
            args: Its arguments.
            kwargs: Those by name.

        Returns:
            What its rule makes of them.

        Raises:
            Unsupported: There is no rule for it, or for one of these arguments.
        """
        if func not in self.rules:
            name = f"{getattr(func, '__module__', None) or 'numpy'}.{func.__name__}"
            raise Unsupported(f"no pattern is known for {name}; use xp's functions")
        if any(holds(value) for name, value in kwargs.items() if name != "out"):
            args, kwargs = in_places(func, args, kwargs)
        if refused := [k for k, a in kwargs.items() if k in ("initial", "out", "where") or holds(a)]:
            raise Unsupported(f"no pattern is known for {func.__name__} with the keyword {refused[0]!r}")
        return self.rules[func](self.trace, func, *args, **kwargs)


def in_places(func: Function, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[Sequence[Any], dict[str, Any]]:
    """The arguments with those that are given by name in their places, as far as the function has places for them."""
    try:
        found = inspect.signature(func).bind(*args, **kwargs)
    except (TypeError, ValueError):  # not every function of NumPy's has a signature
        return args, dict(kwargs)
    return found.args, found.kwargs


def holds(a: Any) -> bool:
    """Whether an argument depends on x, or is a list of which an entry does."""
    return isinstance(a, Dependent) or (isinstance(a, list | tuple) and any(map(holds, a)))


def numbers_of(a: Any) -> IntArray:
    """The sets of any argument: those of a constant are empty."""
    return a.numbers if isinstance(a, Dependent) else np.full(np.shape(a), EMPTY, dtype=np.intp)


def value_of(a: Any) -> Any:
    """The value at the point where it is known, of anything else itself; None where it is not known."""
    return a.value if isinstance(a, Dependent) else a


def evaluated(func: Function, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """The function of the values, or None where one is not known."""
    if any(isinstance(a, Dependent) and a.value is None for a in args):
        return None
    with np.errstate(all="ignore"):
        return func(*map(value_of, args), **kwargs)

"""Arrays that carry derivatives beside their values, and the rules that do not ask which algebra they belong to.

A lifted array consists of `parts`, plain NumPy arrays of one shape: four for a hyper-dual number
(`numeric.hyper_dual`), one complex one for a complex step (`numeric.complex_step`). An objective written for
NumPy runs on it unchanged, because NumPy hands its functions over: `__array_ufunc__` (NEP 13) and
`__array_function__` (NEP 18) look them up in the class's table `rules`. What is not in that table raises a
`TypeError` instead of falling back to something that is not differentiated.

Three kinds of rules are the same in every algebra:

* A linear function acts on each part alone. A constant c has the parts (c, 0, 0, ...).
* A selection (maximum, max, where) chooses by the value, and all parts follow.
* A comparison or a step function sees the value only and returns a plain array, whose derivative is zero.

**Ties.** Where two candidates are equal, maximum and minimum take the first argument, max and min the first
entry, each with its derivatives; abs has the derivatives sign(0) = 0 at zero. These are one-sided choices: JAX and
PyTorch share the derivative among equal candidates.

**Why not a subclass of ndarray.** `np.asarray` would strip it without a word, `x[0]` would be a NumPy scalar and
`x.dtype` that of the storage. Here `np.asarray(x)` raises; `namespace` has an `asarray` that keeps the derivatives.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any, ClassVar, NoReturn, Self

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple
from numpy.lib.mixins import NDArrayOperatorsMixin

from hessbench.backends.contract.arrays import FloatArray
from hessbench.backends.contract.errors import NotScalar, Unsupported

Function = Callable[..., Any]
Rules = Mapping[Function, Function]
"""NumPy function -> rule(cls, function, *args, **kwargs), which does that function's work on lifted arrays."""

UNKNOWN = ("initial", "out", "where")
"""Arguments that would take part in the derivative, and that the array API standard does not have."""


class Lifted(NDArrayOperatorsMixin):
    """An array with derivatives; subclasses say what the parts mean and add their rules."""

    __slots__ = ("parts",)

    name: ClassVar[str]
    """What one calls such an array, for messages."""
    count: ClassVar[int]
    """Number of parts."""
    rules: ClassVar[Rules]

    def __init__(self, *parts: Any) -> None:
        self.parts: tuple[FloatArray, ...] = tuple(map(np.asarray, parts))

    @classmethod
    def storage(cls, dtype: Any) -> Any:
        """The dtype of the parts of an array of that (floating-point) dtype; None stays None."""
        if dtype is not None and not np.issubdtype(dtype, np.floating):
            raise TypeError(f"{cls.name} hold floating-point numbers, not {np.dtype(dtype)}")
        return dtype

    @classmethod
    def parts_of(cls, a: Any) -> tuple[Any, ...]:
        """The parts of any argument; a Python number stays one, so that it does not widen the others' dtype."""
        if isinstance(a, Lifted):
            return a.parts
        zero = 0 if isinstance(a, (int, float)) and not isinstance(a, np.generic) else np.zeros_like(a)
        return (a, *[zero] * (cls.count - 1))

    @classmethod
    def refuse_complex(cls) -> NoReturn:
        """Say that there are none: real, imag and abs of them would be those of real numbers, without a word.

        Raises:
            Unsupported: Always.
        """
        raise Unsupported(f"complex numbers are not possible in NumPy's {cls.name}; differences have them")

    @property
    def real(self) -> FloatArray:
        """The value."""
        return self.parts[0]

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the value."""
        return self.real.shape

    @property
    def ndim(self) -> int:
        """The number of axes of the value."""
        return self.real.ndim

    @property
    def size(self) -> int:
        """The number of entries of the value."""
        return self.real.size

    @property
    def dtype(self) -> np.dtype[Any]:
        """The working precision: that of the value."""
        return self.real.dtype

    def __len__(self) -> int:
        return len(self.real)

    def __bool__(self) -> bool:
        return bool(self.real)

    def __getitem__(self, key: Any) -> Self:
        return type(self)(*(part[key] for part in self.parts))

    def __iter__(self) -> Iterator[Self]:
        return (self[i] for i in range(len(self)))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self.parts))})"

    # Augmented assignment binds the name anew, as for Python's numbers: parts can be shared between arrays.
    __iadd__ = NDArrayOperatorsMixin.__add__
    __isub__ = NDArrayOperatorsMixin.__sub__
    __imul__ = NDArrayOperatorsMixin.__mul__
    __itruediv__ = NDArrayOperatorsMixin.__truediv__
    __ipow__ = NDArrayOperatorsMixin.__pow__
    __imatmul__ = NDArrayOperatorsMixin.__matmul__

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> FloatArray:
        raise TypeError(f"numpy.asarray would drop the derivatives of {self.name}; use the namespace's asarray")

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method != "__call__":
            raise TypeError(f"{self.name} have no rule for numpy.{ufunc.__name__}.{method}")
        return self._apply(ufunc, inputs, kwargs)

    def __array_function__(self, func: Function, types: Any, args: Any, kwargs: Mapping[str, Any]) -> Any:
        return self._apply(func, args, kwargs)

    def _apply(self, func: Function, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        if func not in self.rules:
            raise TypeError(f"{self.name} have no rule for {_full_name(func)}")
        if refused := [k for k, v in kwargs.items() if k in UNKNOWN or isinstance(v, Lifted)]:
            raise TypeError(f"{self.name} do not take the keyword {refused[0]!r} of {_full_name(func)}")
        if any(map(_is_complex, args)):
            raise TypeError(f"{self.name} hold real numbers, and {_full_name(func)} is given complex ones")
        return self.rules[func](type(self), func, *args, **kwargs)


def _is_complex(a: Any) -> bool:
    """Whether an argument is complex; a conjugate or a real part would be taken of the wrong numbers."""
    if isinstance(a, Lifted):  # most arguments; the other question takes longer
        return False
    return isinstance(a, complex) or (isinstance(a, (np.ndarray, np.generic)) and a.dtype.kind == "c")


def _full_name(func: Function) -> str:
    return f"{getattr(func, '__module__', None) or 'numpy'}.{func.__name__}"


def value_of(a: Any) -> Any:
    """The value of a lifted array, and anything else as it is."""
    return a.real if isinstance(a, Lifted) else a


def scalar(y: Any) -> Any:
    """What an objective returned, if that is a scalar; an array raises `NotScalar`."""
    if np.shape(value_of(y)):
        raise NotScalar(f"the objective returned shape {np.shape(value_of(y))}; it must return a scalar, shape ()")
    return y


LINEAR: Mapping[Function, tuple[int, ...]] = MappingProxyType(
    {
        **dict.fromkeys((np.add, np.subtract, np.linspace), (0, 1)),
        np.where: (1, 2),
        **dict.fromkeys((np.negative, np.positive), (0,)),
        **dict.fromkeys((np.tril, np.triu), (0,)),
        **dict.fromkeys((np.broadcast_to, np.expand_dims, np.flip, np.matrix_transpose, np.permute_dims), (0,)),
        **dict.fromkeys((np.reshape, np.roll, np.squeeze, np.take), (0,)),
        **dict.fromkeys((np.cumulative_sum, np.mean, np.sum, np.linalg.diagonal, np.linalg.trace), (0,)),
    }
)
"""Function -> positions of the arguments in which it is linear, taken together."""


def linear(cls: type[Lifted], func: Function, *args: Any, **kwargs: Any) -> Lifted:
    """The function of each part."""
    if "dtype" in kwargs:
        kwargs["dtype"] = cls.storage(kwargs["dtype"])
    positions = LINEAR[func]
    columns = (cls.parts_of(a) if i in positions else [value_of(a)] * cls.count for i, a in enumerate(args))
    return cls(*(func(*row, **kwargs) for row in zip(*columns, strict=True)))


def join(cls: type[Lifted], func: Function, arrays: Sequence[Any], *args: Any, **kwargs: Any) -> Lifted:
    """Concat and stack: linear in all arrays of a sequence."""
    return cls(*(func(row, *args, **kwargs) for row in zip(*map(cls.parts_of, arrays), strict=True)))


def of_values(cls: type[Lifted], func: Function, *args: Any, **kwargs: Any) -> Any:
    """A plain array from the values alone."""
    del cls
    return func(*map(value_of, args), **kwargs)


def absolute(cls: type[Lifted], func: Function, a: Lifted) -> Lifted:
    """|a| = sign(a) a, and sign is constant nearly everywhere."""
    del func
    return cls(*(np.sign(a.real) * part for part in a.parts))


def choose(cls: type[Lifted], func: Function, a: Any, b: Any) -> Lifted:
    """Maximum and minimum: a where NumPy's result is a (or a is NaN, which NumPy passes on), else b."""
    x = value_of(a)
    first = (func(x, value_of(b)) == x) | np.isnan(x)
    return linear(cls, np.where, first, a, b)


def gathered(part: FloatArray, axis: Any) -> FloatArray:
    """The axes of a reduction (None: all) as one, the last."""
    axes = tuple(range(part.ndim)) if axis is None else normalize_axis_tuple(axis, part.ndim)
    kept = tuple(i for i in range(part.ndim) if i not in axes)
    moved = np.permute_dims(part, kept + axes)
    return np.reshape(moved, (*moved.shape[: len(kept)], math.prod(moved.shape[len(kept) :])))


def extreme(cls: type[Lifted], func: Function, a: Lifted, axis: Any = None, *, keepdims: bool = False) -> Lifted:
    """Max and min: the entry that NumPy finds first, with all its parts."""
    find = np.argmax if func is np.max else np.argmin
    index = np.expand_dims(find(gathered(a.real, axis), axis=-1), -1)
    shape = np.shape(func(a.real, axis=axis, keepdims=keepdims))
    taken = (np.take_along_axis(gathered(part, axis), index, -1) for part in a.parts)
    return cls(*(np.reshape(part, shape) for part in taken))


COMPARISONS = (np.equal, np.greater, np.greater_equal, np.less, np.less_equal, np.not_equal)

SHARED: Rules = MappingProxyType(
    {
        **dict.fromkeys(LINEAR, linear),
        **dict.fromkeys((np.concat, np.stack), join),
        **dict.fromkeys((*COMPARISONS, np.sign, np.ones_like, np.zeros_like), of_values),
        np.abs: absolute,
        **dict.fromkeys((np.maximum, np.minimum), choose),
        **dict.fromkeys((np.max, np.min), extreme),
    }
)
"""The rules that all lifted arrays share."""


def _holds_lifted(a: Any) -> bool:
    return isinstance(a, Lifted) or (isinstance(a, (list, tuple)) and any(map(_holds_lifted, a)))


class Namespace:
    """NumPy, except for the two creation functions that NumPy does not hand over to a lifted array.

    It holds NumPy's names itself: forwarding every lookup would cost a plain objective a microsecond per call.
    """

    def __init__(self) -> None:
        vars(self).update({name: value for name, value in vars(np).items() if name not in ("asarray", "full")})

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)  # what NumPy itself loads at first use

    @staticmethod
    def asarray(a: Any, dtype: Any = None, **kwargs: Any) -> Any:
        """NumPy's `asarray`; a lifted array, also as an entry of a list, keeps its derivatives."""
        if not _holds_lifted(a):
            return np.asarray(a, dtype=dtype, **kwargs)
        if not isinstance(a, Lifted):
            return np.stack([Namespace.asarray(entry, dtype=dtype) for entry in a])
        return type(a)(*(np.asarray(part, dtype=a.storage(dtype), **kwargs) for part in a.parts))

    @staticmethod
    def full(shape: Any, fill_value: Any, *, dtype: Any = None, **kwargs: Any) -> Any:
        """NumPy's `full`; the fill value may be lifted."""
        if not isinstance(fill_value, Lifted):
            return np.full(shape, fill_value, dtype=dtype, **kwargs)
        return np.broadcast_to(Namespace.asarray(fill_value, dtype=dtype), shape)


@cache
def namespace() -> Namespace:
    """What an objective takes as `xp`; NumPy itself does as well where the objective does without `asarray(x)`."""
    return Namespace()

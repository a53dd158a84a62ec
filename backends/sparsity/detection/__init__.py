"""Which entries of a Hessian may differ from zero, found by running f on sets of variables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np

from hessbench.backends.contract.arrays import FloatArray
from hessbench.backends.contract.binding import require_scalar
from hessbench.backends.sparsity.detection.arrays import ARRAYS
from hessbench.backends.sparsity.detection.dependent import Dependent, Rules, Trace
from hessbench.backends.sparsity.detection.elementwise import ELEMENTWISE
from hessbench.backends.sparsity.detection.matrices import MATRICES
from hessbench.backends.sparsity.detection.namespace import namespace
from hessbench.backends.sparsity.pattern import Pattern


class Variables(Dependent):
    """Arrays with all rules."""

    __slots__ = ()

    rules: ClassVar[Rules] = MappingProxyType({**ELEMENTWISE, **ARRAYS, **MATRICES})


def global_pattern(objective: Callable[..., Any], x: FloatArray, data: Sequence[Any] = ()) -> Pattern:
    """The pattern of the Hessian of f at every x: f is run once, on sets of variables instead of numbers.

    It has every entry that can differ from zero, and those that only cancel (x y - y x). Both sides of `where`
    count, and of a result of linear algebra every entry depends on the whole matrix. It holds for the shapes of x and
    data and all numbers in them, but for what f decides by the data: indices, conditions such as `a > 0` and
    branches are taken as they are for these data.

    Args:
        objective: f(xp, x, *data).
        x: A point, (n,); only its length and dtype count.
        data: Further arguments of f.

    Returns:
        The pattern.

    Raises:
        Unsupported: f branches on x, makes shapes or plain numbers of it, or uses what no rule is known for; in one
            line. `TooDense` where the pattern does not fit into memory.
        NotScalar: f did not return a scalar array.
    """  # noqa: DOC502 - raised by the rules
    x = np.asarray(x)
    return _traced(objective, x, data, None)


def probed_pattern(objective: Callable[..., Any], points: Iterable[FloatArray], data: Sequence[Any] = ()) -> Pattern:
    """The pattern near some points: f is run on sets that know their values, so that it may branch on them.

    Of `where`, `maximum`, `sort` and of computed indices only the side that is taken at a point counts, so the pattern
    is smaller. What it can miss: entries that are there only where another branch is taken than at all of these points.
    Zeros of values, products of zero among them, count as nonzero: a special point costs nothing.

    Args:
        objective: f(xp, x, *data).
        points: Points, (n,) each; several random ones around where it is needed.
        data: Further arguments of f.

    Returns:
        The union of the patterns at the points.

    Raises:
        ValueError: There are no points.
    """
    found = [_traced(objective, np.asarray(x), data, np.asarray(x)) for x in points]
    if not found:
        raise ValueError("give one point or more")
    return Pattern.of_keys(found[0].n, np.concatenate([pattern.keys for pattern in found]))


def _traced(objective: Callable[..., Any], x: FloatArray, data: Sequence[Any], value: FloatArray | None) -> Pattern:
    trace = Trace(x.size, Variables)
    with np.errstate(all="ignore"):
        result = objective(namespace(), Variables(trace, np.arange(1, x.size + 1), x.dtype, value), *data)
    if not isinstance(result, int | float | complex):  # a plain number depends on nothing
        require_scalar(result)
    return trace.sets.pattern()

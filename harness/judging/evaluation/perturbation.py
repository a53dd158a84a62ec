"""Data that are changed a little, to see how much a result depends on how they are rounded.

What f gives to linear algebra is such data, too: eigenvalues, singular values and solutions are computed as those of a
matrix a rounding error away (Higham 2002, chapters 9 and 10; Anderson et al. 1999, LAPACK Users' Guide, chapter 4), and
where x is 0, or a constant of f is all that matters, changes of x and the data do not reach that matrix.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.problem import Instance

CHANGE = 2.0**-20
"""Large against the judge's own error, small against the curvature of anything."""

SMALLER = (0.5, 1.0)
"""Between these is the share."""


def changed(array: FloatArray, rng: np.random.Generator, change: float = CHANGE, turned: bool = False) -> FloatArray:
    """An array with relative changes of random signs; integers as they are.

    Args:
        array: The array.
        rng: Draws the signs.
        change: How large the changes are.
        turned: Whether every other sign is the opposite one, and each change smaller by a share of its own. What a
            change along a level line does not move, the other does. Of one size both can miss: changes of x0 x3 and of
            x1 x2 cancel in the determinant of a matrix.

    Returns:
        The changed array.
    """
    if not np.issubdtype(array.dtype, np.floating):
        return array
    signs = rng.choice((-1.0, 1.0), array.shape)
    if turned:
        signs.flat[1::2] *= -1
        signs *= rng.uniform(*SMALLER, array.shape)
    return array * (1 + change * signs)


def roughly(instance: Instance, change: float = CHANGE, turned: bool = False) -> Instance:
    """An instance whose objective gives linear algebra arrays that are changed a little; closed forms stay.

    Args:
        instance: A problem, drawn.
        change: How large the changes are.
        turned: As for `changed`.

    Returns:
        The instance.
    """
    objective = Roughly(instance.problem.objective, change, turned)
    return replace(instance, problem=replace(instance.problem, objective=objective))


class Roughly:
    """An objective whose linear algebra is given arrays that are changed a little.

    The changes depend on the shape of an array alone, so that it is a smooth function as much as the objective is.

    Args:
        objective: f(xp, x, *data).
        change: How large the changes are.
        turned: As for `changed`.
    """

    def __init__(self, objective: Callable[..., Any], change: float = CHANGE, turned: bool = False) -> None:
        self._objective, self._change, self._turned = objective, change, turned

    def __call__(self, xp: Any, x: Any, *data: Any) -> Any:
        """The value of the changed function."""
        return self._objective(_With(xp, linalg=_Given(xp.linalg, self._changed)), x, *data)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._objective, name)

    def _changed(self, array: Any) -> Any:
        if not hasattr(array, "dtype"):
            return array
        ones = np.ones(array.shape[-2:], array.dtype)  # alike for every matrix of a stack
        return array * changed(ones, np.random.default_rng(ones.size), self._change, self._turned)


class _With:
    """A namespace with some of its names replaced."""

    def __init__(self, xp: Any, **names: Any) -> None:
        self._xp = xp
        self.__dict__ |= names

    def __getattr__(self, name: str) -> Any:
        return getattr(self._xp, name)


class _Given:
    """A namespace whose functions are given something else for each array."""

    def __init__(self, namespace: Any, instead: Callable[[Any], Any]) -> None:
        self._namespace, self._instead = namespace, instead

    def __getattr__(self, name: str) -> Any:
        function = getattr(self._namespace, name)
        return lambda *args, **kwargs: function(*map(self._instead, args), **kwargs)

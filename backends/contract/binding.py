"""Around the user's function: what it returned is checked, what stays the same from call to call is filled in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.errors import NotScalar

NUMPYS = (np.ndarray, np.generic)  # no union: Dynamo, which traces the objective with this around it, cannot make one


def require_scalar(y: Array) -> Array:
    """The value of an objective, if it is one number.

    TensorFlow would differentiate the sum of an array, JAX and PyTorch would return one Hessian per entry.

    Returns:
        The value itself, shape ().

    Raises:
        NotScalar: The value is no array, or an array of another shape.
    """
    shape = getattr(y, "shape", None)
    if shape is None:
        raise NotScalar(f"the objective returned {_kind(y)}; it must return a scalar array, such as xp.sum(...)")
    if len(shape):
        raise NotScalar(f"the objective returned shape {tuple(shape)}; it must return a scalar, shape ()")
    return y


def require_own_scalar(y: Array) -> Array:
    """The same for frameworks through whose derivatives NumPy's numbers cannot go, as those of JAX can.

    Returns:
        The value itself, shape ().

    Raises:
        NotScalar: As `require_scalar`; also where the value is NumPy's.
    """
    if isinstance(y, NUMPYS):
        raise NotScalar(
            f"the objective returned a numpy.{type(y).__name__}, through which no derivatives are taken; return what "
            "xp's functions give, and a constant as xp.asarray(...)"
        )
    return require_scalar(y)


def _kind(y: Any) -> str:
    if y is None:
        return "None (is a return missing?)"
    return f"a plain Python {type(y).__name__}" if isinstance(y, bool | int | float) else f"a {type(y).__name__}"


def with_constants(function: Callable[..., Array], inputs: int, constants: tuple[Array, ...]) -> Callable[..., Array]:
    """The timed call: the built function with data (and basis) appended, at the cost of one Python call.

    Args:
        function: What `Backend.build` returned.
        inputs: Number of arrays that the operator takes, one or two.
        constants: Arguments that stay the same from call to call.

    Returns:
        A function of the operator's arrays alone.
    """
    # Written out, because `lambda *inputs:` costs a tuple per call, and that would be timed.
    if inputs == 2:
        return lambda x, v: function(x, v, *constants)
    return lambda x: function(x, *constants)

"""Around the user's function: what it returned is checked, what stays the same from call to call is filled in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from hessbench.backends.contract.arrays import Array, Objective
from hessbench.backends.contract.errors import NotScalar

COMPLEX_OUTPUTS = "outputs returned complex numbers; return xp.stack([xp.real(z), xp.imag(z)]), and a loss of that"
NUMPYS = (np.ndarray, np.generic)  # no union: Dynamo, which traces the objective with this around it, cannot make one


@dataclass(frozen=True, slots=True)
class Composed:
    """An objective that is a loss of outputs, f(x) = loss(outputs(x)), with both halves at hand.

    Attributes:
        outputs: outputs(xp, x, *data), an array.
        loss: loss(xp, z, *data), a scalar array.
    """

    outputs: Callable[..., Any]
    loss: Callable[..., Any]

    def __call__(self, xp: Any, x: Any, *data: Any) -> Any:
        """f(x)."""
        return self.loss(xp, self.outputs(xp, x, *data), *data)


@dataclass(frozen=True, slots=True)
class Sliced:
    """An objective of several arrays that lie in one vector.

    Attributes:
        objective: f(xp, x, *data) of the vector.
        ends: Where each array ends in it.
    """

    objective: Objective
    ends: tuple[int, ...]

    def __call__(self, xp: Any, x: Any, *data: Any) -> Any:
        """f(x)."""
        return self.objective(xp, x, *data)


@dataclass(frozen=True, slots=True, weakref_slot=True)  # what compiles a function keeps a weak reference to it
class Bound:
    """A bound objective f(x, *data) with what an operator asks for beside it (`Operator.asks`).

    Attributes:
        f: The objective.
        outputs: outputs(x, *data), an array; only where it is `Composed`.
        loss: loss(z, *data), a scalar array; likewise.
        spans: (start, end) of each array in x; only where it is `Sliced`.
    """

    f: Callable[..., Array]
    outputs: Callable[..., Array]
    loss: Callable[..., Array]
    spans: tuple[tuple[int, int], ...] = ()

    def __call__(self, x: Array, *data: Array) -> Array:
        """f(x)."""
        return self.f(x, *data)


def bound(objective: Objective, xp: Any, checked: Callable[[Array], Array]) -> Callable[..., Array]:
    """The objective with the namespace filled in, f(x, *data), whose values are checked; a `Bound` where it has parts.

    Args:
        objective: f(xp, x, *data).
        xp: The namespace.
        checked: `require_scalar`, or the like.

    Returns:
        The bound objective.
    """

    def f(x: Array, *data: Array) -> Array:
        return checked(objective(xp, x, *data))

    if isinstance(objective, Composed):
        outputs, loss = objective.outputs, objective.loss
        return Bound(
            f, lambda x, *data: require_outputs(outputs(xp, x, *data)), lambda z, *data: checked(loss(xp, z, *data))
        )
    if isinstance(objective, Sliced):
        return Bound(f, _no_half, _no_half, tuple(zip((0, *objective.ends[:-1]), objective.ends, strict=True)))
    return f


def _no_half(x: Array, *data: Array) -> Array:
    raise AssertionError("the operator does not say that it asks for a model")


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
    if getattr(shape, "rank", 0) is None:  # of TensorFlow, where f calls Python out of a graph
        raise NotScalar("the objective returned an array whose shape is not known; end it with tf.reshape(..., ())")
    if len(shape):
        raise NotScalar(f"the objective returned shape {tuple(shape)}; it must return a scalar, shape ()")
    return y


def require_outputs(z: Array) -> Array:
    """Outputs of which a Gauss-Newton matrix is made, if they are one array of real numbers.

    Returns:
        The outputs themselves.

    Raises:
        NotScalar: They are no array, or several, or complex.
    """
    if getattr(z, "shape", None) is None:
        raise NotScalar(f"outputs returned {_kind(z)}; it must return one array, as xp.concat makes one")
    if "complex" in str(getattr(z, "dtype", "")):
        raise NotScalar(COMPLEX_OUTPUTS)
    return z


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
            "xp's functions give of x, and a constant c as xp.asarray(c) + xp.sum(0 * x)"
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

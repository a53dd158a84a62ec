"""The judge of Gauss-Newton products: differences of outputs and loss, which no framework takes part in.

With the outputs' derivatives J at x, the matrix J'LJ is the Hessian at x of

    phi(y) = loss(z + J (y - x)),    z = outputs(x):

the objective with its outputs made linear. So J comes from extrapolated central differences of the outputs, in extended
precision where they follow, and the rest from the same judge as every other second derivative, with its bound, to which
the error of J adds. Where n is large, the same along a few random directions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np

from hessbench.backends.contract.binding import COMPLEX_OUTPUTS, Composed
from hessbench.backends.contract.errors import told_apart
from hessbench.backends.contract.interface import FloatArray
from hessbench.backends.numeric.differences import CLOSER, central_hessian
from hessbench.backends.numeric.evaluation import at_points, most_precise, precisions
from hessbench.backends.numeric.extrapolation import derivative
from hessbench.backends.numeric.reference import SAFETY, Reference, reference
from hessbench.backends.numeric.scales import scales
from hessbench.harness.judging.accuracy import HEADROOM
from hessbench.harness.judging.evaluation.narrow import narrow_noise
from hessbench.suites.definition.problem import Instance, Problem

LIKE: Mapping[str, str] = MappingProxyType({"ggn-vp": "hvp", "ggn-diagonal": "diagonal"})
"""What of the Hessian of phi an operator is."""

AMPLIFIED = 16
"""How much larger than J's relative error that of J'LJ may be: a sum of products of J's entries, which may cancel."""

ALIKE = 2.0**-26
"""Up to which share of f's largest value, half of the digits, f and the loss of its outputs may differ by rounding."""


@dataclass(frozen=True)
class Linearized:
    """Phi, whose data are z, the outputs' derivatives (n, *shape), x, and those of f.

    Attributes:
        problem: The problem with its model.
        x: The point, (n,).
        data: Further arguments of f.
        rows: Directions (k, n): phi is of coefficients of these, from zero on; None: of y itself.
    """

    problem: Problem
    x: FloatArray
    data: tuple[FloatArray, ...]
    rows: FloatArray | None = None

    @property
    def precisions(self) -> tuple[str, ...]:
        """The precisions that a judge may compute in."""
        assert self.problem.model
        wanted = [precisions(half) for half in (self.problem.model.outputs, self.problem.model.loss) if half]
        return tuple(name for name in wanted[0] if all(name in others for others in wanted))

    @property
    def origin(self) -> FloatArray:
        """Where its outputs are those at x."""
        return self.x if self.rows is None else np.zeros(len(self.rows))

    @cached_property
    def arguments(self) -> tuple[FloatArray, ...]:
        """The data of phi."""
        return (*self._slopes[:2], self.origin, *self.data)

    @property
    def error(self) -> float:
        """The largest relative error of a derivative of the outputs."""
        return float(self._slopes[2])

    @cached_property
    def _slopes(self) -> tuple[FloatArray, FloatArray, float]:
        return most_precise(self, lambda dtype: self._outputs(np.dtype(dtype)))

    def _outputs(self, dtype: np.dtype[Any]) -> tuple[FloatArray, FloatArray, float]:
        """The outputs at x, and their derivatives."""
        model = self.problem.model
        assert model
        assert model.outputs
        x, origin = self.x.astype(dtype), self.origin.astype(dtype)
        rows = None if self.rows is None else self.rows.astype(dtype)
        shape = np.shape(model.outputs(np, self.x, *self.data))
        outputs, f = at_points(model.outputs, self.data, shape), at_points(self.problem.objective, self.data)

        def points(s: FloatArray) -> FloatArray:
            return s if rows is None else x + s @ rows

        h = scales(lambda s: f(points(s)), origin) / CLOSER
        value, error = derivative(central_hessian, lambda s: outputs(points(s)).reshape(len(s), -1), origin, h)
        size = np.max(np.abs(value), axis=1, initial=0)
        relative = np.max(error, axis=1, initial=0)[size > 0] / size[size > 0]
        slopes = value.reshape(len(origin), *shape)
        return outputs(x[None])[0], slopes, SAFETY * float(np.max(relative, initial=0))

    def __call__(self, xp: Any, y: Any, z: Any, slopes: Any, origin: Any, *data: Any) -> Any:
        """The loss of the linear outputs at y."""
        assert self.problem.model
        assert self.problem.model.loss
        moved = xp.matmul(y - origin, xp.reshape(slopes, (slopes.shape[0], -1)))
        return self.problem.model.loss(xp, z + xp.reshape(moved, z.shape), *data)

    def doubt(self, value: FloatArray) -> FloatArray:
        """What the error of the derivatives may add to that of a result."""
        return np.full(np.shape(value), AMPLIFIED * self.error * float(np.max(np.abs(value), initial=0)))


def right(operator: str, problem: Problem, x: FloatArray, data: Sequence[FloatArray], *v: FloatArray) -> Reference:
    """The right Gauss-Newton product, diagonal or matrix.

    Args:
        operator: A key of `LIKE`, or what of the Hessian it is.
        problem: The problem with its model.
        x: The point, (n,).
        data: Further arguments.
        *v: The vector, of a product.

    Returns:
        Value and bound.
    """
    phi = Linearized(problem, x, tuple(data))
    found = reference(LIKE.get(operator, operator), phi, phi.origin, phi.arguments, *v)
    return replace(found, bound=found.bound + phi.doubt(found.value), judge=f"{found.judge}-linearized")


def undeclared(instance: Instance) -> str:
    """Why outputs and loss are not those of f, so that nobody can tell whose matrix is meant, or the empty string."""
    problem, data, model = instance.problem, instance.data, instance.problem.model
    assert model
    assert model.outputs
    assert model.loss
    both = (problem.objective, Composed(model.outputs, model.loss))
    if np.iscomplexobj(model.outputs(np, instance.points[0], *data)):
        return COMPLEX_OUTPUTS
    pairs = np.array([[float(f(np, x, *data)) for f in both] for x in instance.points])
    pairs = pairs[np.isfinite(pairs).all(axis=1)]
    off, size = np.abs(pairs[:, 0] - pairs[:, 1]), float(np.max(np.abs(pairs), initial=0))
    if not np.any(off > ALIKE * size):
        return ""
    noise = max(narrow_noise(f, x, data) for f in both for x in instance.points)
    if not np.any(far := off > max(ALIKE, HEADROOM * noise) * size):
        return ""
    value, other = pairs[int(np.argmax(far))]
    told = told_apart(value, other), told_apart(other, value)
    return f"outputs and loss are not those of f: f(x) is {told[0]}, loss(outputs(x)) is {told[1]}"

"""What a wrong step, spectrum or inertia looks like: a name for it, as far as numbers tell.

As in `diagnosis`, nothing here decides whether a result is wrong; each sign is a few lines, the most specific first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from hessbench.backends.contract.interface import FloatArray
from hessbench.harness.judging.derived.local import Local
from hessbench.harness.judging.diagnosis import CLOSE, explains

GAUSS_NEWTON = "a Gauss-Newton matrix, a second-order term dropped"

Sign = Callable[[FloatArray, FloatArray, Local], str]


def name(operator: str, result: FloatArray, truth: FloatArray, local: Local) -> str:
    """What the fault looks like, or the empty string.

    Args:
        operator: What was computed.
        result: What a method returned; finite, of the right shape.
        truth: The right value.
        local: What is known of f at the point.

    Returns:
        The first sign that fits.
    """
    result = np.asarray(result, dtype=np.float64)
    return next((found for sign in SIGNS.get(operator, ()) if (found := sign(result, truth, local))), "")


def _uphill(result: FloatArray, truth: FloatArray, local: Local) -> str:
    return "the step with the wrong sign, +H^-1 g" if explains(-truth, result, truth) else ""


def _slope(result: FloatArray, truth: FloatArray, local: Local) -> str:
    slope = -local.gradient.value
    size = float(slope @ slope)
    factor = float(slope @ result) / size if size else 0.0
    return f"a step along the gradient, {-factor:.4g} g" if factor and explains(factor * slope, result, truth) else ""


def _shifted_step(result: FloatArray, truth: FloatArray, local: Local) -> str:
    """(H + s I) p = -g leaves the residual H p + g = -s p."""
    residual = local.hessian.value @ result + local.gradient.value
    shift = -float(residual @ result) / float(result @ result) if np.any(result) else 0.0
    if not shift:
        return ""
    left = np.linalg.norm(residual + shift * result)
    return f"the step of H + s I with s = {shift:.4g}" if left <= CLOSE * np.linalg.norm(residual) else ""


def _made_definite(result: FloatArray, truth: FloatArray, local: Local) -> str:
    values, vectors = local.eigen
    if values[0] >= 0:
        return ""
    along = vectors.T @ local.gradient.value
    with np.errstate(divide="ignore", invalid="ignore"):
        absolute = -vectors @ (along / np.abs(values))
    return "the step of |H|, negative eigenvalues turned" if explains(absolute, result, truth) else ""


def _of_another(result: FloatArray, truth: FloatArray, local: Local) -> str:
    """Every step p with g'p < 0 is that of some positive definite matrix, which is all that a step tells of it."""
    slope = local.gradient.value
    if float(slope @ result) >= 0:
        return "a step uphill: g'p > 0" if float(slope @ truth) < 0 else ""
    return f"the step of another positive definite matrix ({GAUSS_NEWTON}?)"


def _shifted(result: FloatArray, truth: FloatArray, local: Local) -> str:
    shift = float(np.mean(result - truth))
    return f"the eigenvalues of H + s I with s = {shift:.4g}" if explains(truth + shift, result, truth) else ""


def _turned(result: FloatArray, truth: FloatArray, local: Local) -> str:
    """The right sizes with other signs."""
    sizes = np.sort(np.abs(result)) - np.sort(np.abs(truth))
    if np.linalg.norm(sizes) > CLOSE * np.linalg.norm(result - truth):
        return ""
    count = abs(int(np.sum(result < 0)) - int(np.sum(truth < 0)))
    return (
        f"{count} eigenvalue{'s' * (count != 1)} of the wrong sign" if count else "the right eigenvalues in wrong order"
    )


def _nonnegative(result: FloatArray, truth: FloatArray, local: Local) -> str:
    lowest, size = float(np.min(result)), local.largest
    least = float(local.eigen[0][0])
    return f"no negative eigenvalue where there is one ({GAUSS_NEWTON})" if lowest >= -1e-10 * size > least else ""


def kind(counts: FloatArray) -> str:
    """The kind of a critical point with that inertia."""
    positive, zero, negative = (int(count) for count in counts)
    if zero:
        return "a degenerate point"
    if not negative:
        return "a minimum"
    return "a maximum" if not positive else f"a saddle of index {negative}"


def _miscalled(result: FloatArray, truth: FloatArray, local: Local) -> str:
    if float(np.sum(result)) != float(np.sum(truth)) or np.any(result < 0):
        return f"no counts of {len(local.x)} eigenvalues"
    is_, called = kind(truth), kind(result)
    return f"{is_} called {called}" if is_ != called else "another number of zero eigenvalues"


_SPECTRUM = (_shifted, _turned, _nonnegative)

SIGNS: Mapping[str, tuple[Sign, ...]] = MappingProxyType(
    {
        "newton-step": (_uphill, _slope, _shifted_step, _made_definite, _of_another),
        "spectrum": _SPECTRUM,
        "top-eigenvalues": _SPECTRUM,
        "inertia": (_miscalled,),
    }
)
"""By operator, the most specific first."""

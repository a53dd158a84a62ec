"""What follows from the right Hessian: steps, spectra, inertia, each with the condition that it has.

With the right Hessian H known up to E and the right gradient g up to e, entry by entry:

* An eigenvalue moves by at most |E|_2 (Weyl), and where it is alone by |v|'E|v| + |E|_2^2 / gap (v its eigenvector).
* The step p = -H^-1 g moves by at most (|E|_2 |p| + |e|) / (s - |E|_2) with s the eigenvalue nearest to zero. Rounding
  of H and g is amplified by the condition of H, |H|_2 / s: that of H relative to H itself, that of g relative to
  |H| |x|, which is what is left of it where its terms cancel, as they do near a minimum.
* Inertia is known where no eigenvalue is as near to zero as it may be off by.

(Golub & Van Loan 2013, sections 2.6 and 8.1; Higham 2002, chapter 7; Stewart & Sun 1990, section IV.3.)
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from hessbench.backends.contract.interface import FloatArray
from hessbench.backends.derived.newton import NEGLIGIBLE
from hessbench.backends.numeric.bounded import Reference

EPS = float(np.finfo(np.float64).eps)


def norm(array: FloatArray) -> float:
    """The Euclidean norm, also where squares of entries leave the range of numbers."""
    largest = float(np.max(np.abs(array), initial=0))
    return largest * float(np.linalg.norm(array / largest)) if 0 < largest < np.inf else largest


@dataclass(frozen=True)
class Local:
    """What is known of f at a point.

    Attributes:
        x: The point, (n,).
        hessian: The right Hessian.
        gradient: The right gradient.
        start: Where Newton's method began that led there, (n,); None where the point was given.
    """

    x: FloatArray
    hessian: Reference
    gradient: Reference
    start: FloatArray | None = None

    @property
    def finite(self) -> bool:
        """Whether all of it is known."""
        found = (self.hessian.value, self.hessian.bound, self.gradient.value, self.gradient.bound)
        return all(bool(np.all(np.isfinite(array))) for array in found)

    @property
    def bend(self) -> str:
        """The first or second derivative that is another one on either side of the point, in words, or nothing."""
        return self.hessian.bend if self.hessian.bent <= 2 else ""

    @cached_property
    def eigen(self) -> tuple[FloatArray, FloatArray]:
        """Eigenvalues, ascending, and eigenvectors as columns."""
        return np.linalg.eigh((self.hessian.value + self.hessian.value.T) / 2)

    @cached_property
    def largest(self) -> float:
        """The spectral norm of the Hessian."""
        return float(np.max(np.abs(self.eigen[0]), initial=0))

    @cached_property
    def off(self) -> float:
        """A bound of the spectral norm of the judge's error, its own rounding included."""
        bound = self.hessian.bound
        return min(norm(bound), float(np.max(np.sum(bound, axis=1), initial=0))) + self.rounding

    @property
    def rounding(self) -> float:
        """What LAPACK's eigenvalues may be off by."""
        return len(self.x) * EPS * self.largest

    @cached_property
    def eigenvalue_bounds(self) -> FloatArray:
        """By how much each eigenvalue may be off, (n,)."""
        values, vectors = self.eigen
        apart = np.abs(values[:, None] - values[None, :]) + np.where(np.eye(len(values)), np.inf, 0.0)
        gap = np.min(apart, axis=1, initial=np.inf) - 2 * self.off
        alone = np.einsum("ij,ik,kj->j", np.abs(vectors), self.hessian.bound, np.abs(vectors)) + self.rounding
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(gap > 0, np.minimum(self.off, alone + self.off * (self.off / gap)), self.off)

    @cached_property
    def nearest(self) -> tuple[float, float]:
        """The eigenvalue that is least certain not to be zero, and by how much it may be off."""
        values, bounds = self.eigen[0], self.eigenvalue_bounds
        worst = int(np.argmin(np.abs(values) - bounds))
        return float(values[worst]), float(bounds[worst])

    @property
    def singular(self) -> str:
        """Why the Hessian may be singular, or the empty string."""
        value, bound = self.nearest
        return f"its eigenvalue {value:.1e} is known to {bound:.1e}" if abs(value) <= bound else ""


@dataclass(frozen=True, slots=True)
class Expected:
    """A derived quantity as it should be.

    Attributes:
        reference: Its value, with a bound of every entry.
        condition: By how much relative errors of the Hessian and of x are amplified in it.
        reason: Why nobody can tell, or the empty string.
        doubt: Why something else is no fault either, or the empty string.
    """

    reference: Reference
    condition: float = 1.0
    reason: str = ""
    doubt: str = ""


def eigenvalues(local: Local, count: int | None, tolerance: float, condition: float) -> Expected:
    """The spectrum, ascending, or its largest part, descending; an eigenvalue has the condition of the Hessian.

    Args:
        local: What is known of f.
        count: How many; None is all.
        tolerance: `Method.tolerance`.
        condition: How sensitive the Hessian is.

    Returns:
        The eigenvalues, known as well as the method promises and the judge's bound says.
    """
    values, bounds = local.eigen[0], local.eigenvalue_bounds + tolerance * local.largest
    if count is not None:
        values, bounds = values[::-1][:count], bounds[::-1][:count]
    if local.largest and float(np.max(np.abs(values))):  # the error of each is relative to the largest of all
        condition *= local.largest / float(np.max(np.abs(values)))
    return Expected(_like(local, values, bounds), condition)


def step(local: Local, needs: str, tolerance: float, condition: float, eps: float) -> Expected:
    """Newton's step; of a method that needs nothing of the Hessian the one of least norm.

    Args:
        local: What is known of f.
        needs: `Method.needs`.
        tolerance: `Method.tolerance`.
        condition: How sensitive the Hessian is.
        eps: Of the dtype that is judged.

    Returns:
        The step; where an eigenvalue is neither zero nor not for everybody, a reason.
    """
    values, vectors = local.eigen
    kept = np.ones(len(values), dtype=bool)
    if not needs:
        cut = NEGLIGIBLE * len(values) * eps * local.largest
        kept = np.abs(values) > local.eigenvalue_bounds
        doubtful = values[kept & (np.abs(values) <= 4 * cut)]
        if len(doubtful) or local.off > cut:
            nearest = float(doubtful[0]) if len(doubtful) else local.nearest[0]
            if not np.all(kept) or len(doubtful):
                return Expected(_like(local, local.gradient.value, local.gradient.bound), 1.0, _neither(nearest))
    weights = np.where(kept, 1 / np.where(kept, values, 1.0), 0.0)
    inverse = vectors * weights @ vectors.T
    p = -inverse @ local.gradient.value
    if np.all(kept):
        p = _refined(local, p, inverse)
    size, least = norm(p), float(np.min(np.abs(values[kept]), initial=np.inf))
    slope = norm(local.gradient.value)
    left = max(least - local.off, 0.0)
    off = local.off * size + norm(local.gradient.bound) + tolerance * slope
    bound = off / left if left else np.inf
    ratio = (norm(local.x) + (0.0 if np.all(kept) else slope / least)) / size if size else np.inf
    worst = local.largest / least * (condition + ratio) if size else 1.0
    return Expected(_like(local, p, np.full_like(p, bound / np.sqrt(len(p)))), worst)


def _neither(value: float) -> str:
    return f"the Hessian's eigenvalue {value:.1e} may be taken for zero or not, which makes two steps"


def _refined(local: Local, p: FloatArray, inverse: FloatArray) -> FloatArray:
    """The step with its residual made small in extended precision (Higham 2002, chapter 12)."""
    h, g = (array.astype(np.longdouble) for array in (local.hessian.value, local.gradient.value))
    wide = p.astype(np.longdouble)
    for _ in range(3):
        wide = wide - inverse @ (h @ wide + g).astype(np.float64)
    return wide.astype(np.float64)


def _like(local: Local, value: FloatArray, bound: FloatArray) -> Reference:
    h = local.hessian
    return Reference(np.asarray(value), np.asarray(bound), h.judge, h.noise, h.bend, h.bent)


def inertia(
    local: Local, known: tuple[int, ...] | None, condition: float, eps: float, usual: float, tiny: float
) -> Expected:
    """The numbers of positive, zero and negative eigenvalues.

    Args:
        local: What is known of f.
        known: The numbers, where mathematics tells them (`Problem.inertia`).
        condition: How sensitive the Hessian is.
        eps: Of the dtype that is judged.
        usual: How many eps times the condition are taken for rounding.
        tiny: The smallest normal number of the dtype, below which an eigenvalue may be zero there.

    Returns:
        The counts; a reason where an eigenvalue cannot be told from zero, by the judge or in the dtype.
    """
    if local.bend:
        return Expected(_like(local, np.zeros(3), np.zeros(3)), reason=local.bend)
    values, n = local.eigen[0], len(local.x)
    lost = max(NEGLIGIBLE * n, usual * condition) * eps * local.largest
    bounds = local.eigenvalue_bounds + max(lost, tiny)
    unsure = values[np.abs(values) <= bounds]
    counts = known or (int(np.sum(values > 0)), 0, int(np.sum(values < 0)))
    reference = _like(local, np.array(counts, dtype=np.float64), np.zeros(3))
    zeros = known[1] if known else 0
    if len(unsure) > zeros:
        # Those that are zero by mathematics are the nearest to it, the next one is in doubt.
        doubtful = float(unsure[np.argsort(np.abs(unsure))][zeros])
        reason = f"the eigenvalue {doubtful:.1e} cannot be told from zero: it is known to {float(np.max(bounds)):.1e}"
        return Expected(reference, 1.0, reason)
    lifted = zeros and usual * condition > NEGLIGIBLE * n
    doubt = "rounding of f may lift an eigenvalue that is zero beyond what is taken for it" if lifted else ""
    return Expected(reference, doubt=doubt)


def stationary(local: Local, condition: float, eps: float) -> Expected:
    """The stationary point next to a point, one more step away, which is below rounding where it is one.

    Args:
        local: What is known of f where the judge's own steps ended.
        condition: How sensitive the Hessian is.
        eps: Of the dtype that is judged.

    Returns:
        The stationary point. It is off by H^-1 times what the gradient is off by, whose terms are of the size |H| |x|.
    """
    found = step(local, "regular", 0.0, condition, EPS)
    x, moved = local.x + found.reference.value, norm(found.reference.value)
    least = float(np.min(np.abs(local.eigen[0]), initial=np.inf))
    # Steps end where they are small beside the start point too, which decides where the end is 0.
    far = norm(x if local.start is None else local.start)
    bound = found.reference.bound + moved * (moved / max(norm(x), 1.0)) + 8 * eps * far
    return Expected(_like(local, x, bound), local.largest / least if least else np.inf)

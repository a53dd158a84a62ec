"""The judge where a result is too large for a reference of its own: products with random vectors, `probes`.

A few numbers w'Hv for random w are compared instead of the whole Hv. Each is a second derivative of f in the plane of
v and w, so it follows from values of f alone: with g(s) = f(x + s_0 v + s_1 w_1 + ... + s_k w_k) they are the first row
of the small Hessian of g at 0, which `backends.numeric.differences.hvp` finds by central differences, extrapolated to
step zero (Richardson), with a bound. That costs some hundred values of f whatever n is.

The entries of w are independent standard normals. Hence w'e is normal with standard deviation |e| for an error e of the
result, and what is compared estimates the relative error in the Frobenius norm: a fault of the size of the result
escapes k probes only where all k normals are small, |w'e| < t |e| with probability below (0.8 t)^k. A fault in few
entries is seen as far as that norm sees it, and a matrix that is not symmetric at all entries. (Freivalds 1979,
doi:10.1007/3-540-09526-8_5, checks products of matrices in this way.)

A gradient g is compared by w'g, the slopes of the same small function. No sum of values tells a sum of a diagonal, so a
few of its entries are compared, judge `entries`: a fault in others is not seen.

It works in extended precision where that is affordable, else in float64 with the wider bound that follows.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from hessbench.backends.contract.interface import HIGHEST, FloatArray, Objective
from hessbench.backends.contract.operators import OPERATORS, Operator
from hessbench.backends.numeric.bends import Bend, bend
from hessbench.backends.numeric.differences import diagonal, directional, gradient, hvp
from hessbench.backends.numeric.evaluation import most_precise, precisions
from hessbench.backends.numeric.extrapolation import richardson
from hessbench.backends.numeric.noise import Scalar, heard, near, sizes
from hessbench.backends.numeric.reference import SAFETY, Reference
from hessbench.harness.judging import accuracy
from hessbench.harness.judging.evaluation.in_numpy import plain
from hessbench.harness.judging.evaluation.perturbation import CHANGE, Roughly, changed
from hessbench.suites.definition.problem import Instance

JUDGE = "probes"

ENTRIES, SAMPLED = "entries", 16
"""The judge of a diagonal, and of how many of its entries."""

FEW, MANY, HUGE = 2, 4, 3_000_000
"""Probes; few of them beyond so many variables, where a value of f takes a second."""

AFFORDABLE = 1 << 17
"""Numbers in x and data up to which f is computed in extended precision, 50 times slower than float64, and up to which
the noise of f is measured, by a hundred values."""

STEP, WELL_KNOWN = 2.0**-5, 0.5
"""The largest step, relative to |x|, that is tried first, and how well the largest product must be known from it: to
this power of eps."""

SUMMATION = 16
"""How much larger the rounding error of f may be than the eps |f| that the differences assume: f is a long sum."""


ALIKE = 64
"""Coordinates are of about one size up to this ratio."""
CLOSELY = "by steps that are short beside each variable the result is right, and by those that are beside x it is not"


@dataclass(frozen=True, slots=True)
class Probes:
    """What some contractions of the right result are, and how the result of a method is contracted likewise.

    Attributes:
        value: w'Hv for each w, the first of which is v.
        bound: Estimated absolute error of each.
        shape: Shape of the result that is to be judged.
        right: v, or what contracts a stack of products to one: coefficients (k,).
        left: The w, shape (probes, n).
    """

    value: FloatArray
    bound: FloatArray
    shape: tuple[int, ...]
    right: FloatArray
    left: FloatArray
    judge: str = JUDGE

    def of(self, known: Reference) -> Probes:
        """The same with values that are known from elsewhere."""
        return replace(self, value=known.value, bound=known.bound)

    def contract(self, result: FloatArray) -> FloatArray:
        """The same contractions of a result, in float64."""
        product = np.asarray(result, dtype=np.float64)
        if len(self.shape) == 2:
            product = product @ self.right if self.right.size == self.shape[1] else self.right @ product
        return np.asarray(self.left @ product)


def judge(
    result: FloatArray,
    probes: Probes,
    dtype: str,
    method_accuracy: float,
    operator: Operator,
    condition: Callable[[], float] = lambda: 1.0,
    precision: str = HIGHEST,
) -> accuracy.Verdict:
    """The verdict on one result at one point; as `judging.accuracy.judge`, from contractions.

    Args:
        result: What a method returned, as a NumPy array.
        probes: What its contractions must be.
        dtype: The floating-point type that was asked for.
        method_accuracy: `Method.accuracy`.
        operator: What was computed.
        condition: How sensitive the problem is to rounded data; asked where it matters.
        precision: Precision of products.

    Returns:
        The verdict, its reason naming the probe; of a symmetric operator asymmetry counts too.
    """
    fault, reason = accuracy.malformed(result, probes.shape, dtype)
    if fault:
        return accuracy.Verdict("wrong", reason, fault)
    reference = Reference(probes.value, probes.bound, JUDGE)
    plain = OPERATORS["hvp"]
    seen = probes.contract(result).astype(dtype)
    verdict = accuracy.judge(seen, reference, dtype, method_accuracy, plain, condition, precision)
    word = "probe" if probes.judge == JUDGE else "sampled entry"
    verdict = replace(verdict, reason=verdict.reason.replace("entry", word))
    return _symmetric(result, verdict) if operator.symmetric else verdict


def _symmetric(result: FloatArray, verdict: accuracy.Verdict) -> accuracy.Verdict:
    """A verdict that also counts asymmetry, which is seen at every entry."""
    largest, size = float(np.max(np.abs(result))) or 1.0, float(np.linalg.norm(result)) or 1.0
    skew = result - result.T
    verdict = replace(verdict, asymmetry=float(np.linalg.norm(skew)) / size)
    if verdict.status == "ok" and not float(np.max(np.abs(skew))) <= (verdict.tolerance or 0.0) * largest:
        entry = tuple(int(i) for i in np.unravel_index(int(np.argmax(np.abs(skew))), skew.shape))
        reason = f"not symmetric: entry {entry} is off by {skew[entry]:.3e} from its mirror image"
        return replace(verdict, status="wrong", reason=reason, fault="asymmetric")
    return verdict


def probe(operator: str, instance: Instance, index: int) -> Probes:
    """The probes of an operator at the point of that index of an instance."""
    asked = contractions(operator, instance, index)
    f, x = instance.problem.objective, instance.points[index]
    value, bound = products(f, x, instance.data, asked.left, FORMULAS[operator])
    return replace(asked, value=value, bound=bound)


def contractions(operator: str, instance: Instance, index: int) -> Probes:
    """The probes before anything is known of their values; the same for the same instance in every worker.

    Args:
        operator: A key of `FORMULAS`.
        instance: The problem with its data, points and directions.
        index: Which of its points.

    Returns:
        Probes whose values are NaN.
    """
    n = instance.n
    rng = np.random.default_rng([n, index, zlib.crc32(instance.problem.name.encode())])
    k = MANY if n <= HUGE else FEW
    v = right = instance.direction
    shape: tuple[int, ...] = (n,)
    if operator == "multi-hvp":
        right = rng.standard_normal(len(instance.directions)) / np.sqrt(len(instance.directions))
        v, shape = right @ instance.directions, instance.directions.shape
    if operator == "hessian":
        shape = (n, n)
    if operator in ("diagonal", "ggn-diagonal"):
        left, judge = _units(n, rng), ENTRIES
    else:
        left, judge = np.concatenate([v[None], rng.standard_normal((k, n))]), JUDGE
    unknown = np.full(len(left), np.nan)
    return Probes(unknown, unknown, shape, right, left, judge)


def _units(n: int, rng: np.random.Generator) -> FloatArray:
    """Unit vectors of some coordinates, the first and the last among them, where slips of an index are."""
    chosen = np.unique([0, n - 1, *rng.choice(n, min(n, SAMPLED if n <= HUGE else FEW), replace=False)])
    left = np.zeros((len(chosen), n))
    left[np.arange(len(chosen)), chosen] = 1
    return left


def _products(
    objective: Objective,
    x: FloatArray,
    data: Sequence[FloatArray],
    left: FloatArray,
    dtype: np.dtype[Any],
    formula: Formula,
    closely: bool,
) -> tuple[FloatArray, FloatArray]:
    along, lengths = _small(objective, x, data, left, dtype, closely)
    origin = np.zeros(len(left), dtype=dtype)
    g = heard(along, origin) if _affordable(x, data) else along
    value, error = formula.derivative(g, origin)
    scale = formula.scale(lengths)
    bound = np.where(np.isnan(value), np.inf, SUMMATION * SAFETY * error + np.finfo(dtype).eps * np.abs(value))
    return (value * scale).astype(np.float64), (bound * scale).astype(np.float64)


def _affordable(x: FloatArray, data: Sequence[FloatArray]) -> bool:
    return x.size + sum(array.size for array in data) <= AFFORDABLE


def _small(
    objective: Objective,
    x: FloatArray,
    data: Sequence[FloatArray],
    left: FloatArray,
    dtype: np.dtype[Any],
    closely: bool = False,
) -> tuple[Scalar, FloatArray]:
    """The small function g of steps along directions, and by what they were divided, (k,).

    They are as long as x; `closely`, no coordinate is moved farther than its own size.

    Returns:
        The function, and the divisors.
    """
    f = plain(objective, data, dtype)
    point, directions = x.astype(dtype), left.astype(dtype)
    length = _largest_share if closely else _length
    lengths = np.array([length(row, point) for row in directions], dtype=dtype)
    directions = directions / lengths[:, None]  # a step of one changes x by its own size

    def along(steps: FloatArray) -> FloatArray:
        return np.array([f(point + s @ directions) for s in steps], dtype=dtype)

    return along, lengths


def bend_at(instance: Instance, index: int, left: FloatArray) -> Bend | None:
    """Whether f bends at a point as seen along some directions: differences across a bend find the mean of both sides.

    Args:
        instance: The problem, drawn.
        index: Index of the point.
        left: The directions, (k, n).

    Returns:
        The bend, or None; None too where x and data are beyond `AFFORDABLE`.
    """
    x, objective = instance.points[index], instance.problem.objective
    if not _affordable(x, instance.data):
        return None

    def seen(dtype: str) -> Bend | None:
        along, _ = _small(objective, x, instance.data, left, np.dtype(dtype))
        origin = np.zeros(len(left), dtype=dtype)
        return bend(heard(along, origin), near(along, origin))

    with np.errstate(all="ignore"):
        return most_precise(objective, seen)


def _length(row: FloatArray, x: FloatArray) -> FloatArray:
    """How long a direction is, relative to the coordinates that it moves."""
    moved = x[row != 0]
    size = np.sqrt(np.sum(moved * moved)) or np.sqrt(x.dtype.type(max(1, moved.size)))
    return np.asarray(np.sqrt(np.sum(row * row)) / size)


def _largest_share(row: FloatArray, x: FloatArray) -> FloatArray:
    """By how much of its own size a direction moves the coordinate that it moves most."""
    return np.asarray(np.max(np.abs(row) / sizes(x)))


def first_row(g: Scalar, origin: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The first row of the Hessian of a small function, and its estimated error."""
    # Usual steps first; the search for steps that suit g costs as much again, and is made where those tell too little.
    first = np.zeros_like(origin)
    first[0] = 1
    value, error = richardson(directional(first), g, origin, np.full_like(origin, STEP))
    enough = float(np.finfo(origin.dtype).eps) ** WELL_KNOWN
    if np.all(error <= enough * np.max(np.abs(value), initial=0)):
        return value, error
    return hvp(g, origin, first)


@dataclass(frozen=True, slots=True)
class Formula:
    """Derivatives of a small function g(s) = f(x + s_0 w_0 + s_1 w_1 + ...) that contract a result.

    Attributes:
        derivative: (g, origin) -> one number for each direction, and its estimated error.
        scale: What such a number is multiplied by where directions were divided by lengths (k,).
    """

    derivative: Callable[[Scalar, FloatArray], tuple[FloatArray, FloatArray]]
    scale: Callable[[FloatArray], FloatArray]


ROW = Formula(first_row, lambda lengths: lengths * lengths[0])

FORMULAS: Mapping[str, Formula] = MappingProxyType(
    {
        **dict.fromkeys(("hvp", "multi-hvp", "hessian", "ggn-vp"), ROW),
        "gradient": Formula(gradient, lambda lengths: lengths),
        **dict.fromkeys(("diagonal", "ggn-diagonal"), Formula(diagonal, lambda lengths: lengths * lengths)),
    }
)
"""By operator; the others' results follow from no few values of f."""


def products(
    objective: Objective,
    x: FloatArray,
    data: Sequence[FloatArray],
    left: FloatArray,
    formula: Formula = ROW,
    closely: bool = False,
) -> tuple[FloatArray, FloatArray]:
    """What a formula gives along the rows of `left`, and bounds of its errors.

    Args:
        objective: f.
        x: The point, (n,).
        data: Further arguments of f.
        left: The directions, (k, n).
        formula: Which derivatives along them.
        closely: Whether no coordinate is moved farther than its own size; else than that of all of x.

    Returns:
        The derivatives and their bounds, (k,).
    """

    def seen(dtype: str) -> tuple[FloatArray, FloatArray]:
        return _products(objective, x, data, left, np.dtype(dtype), formula, closely)

    return most_precise(objective, seen) if _affordable(x, data) else seen(precisions(objective)[-1])


def closely(operator: str, instance: Instance, index: int, seen: FloatArray, probes: Probes, off: float) -> str:
    """What speaks for a result where no coordinate is moved farther than its own size, or the empty string.

    A step that is short beside x is long beside its small coordinates, and what f does there may not show in values.

    Args:
        operator: A key of `FORMULAS`.
        instance: The problem.
        index: Which of its points.
        seen: The contractions.
        probes: Along what.
        off: The relative error that is allowed.

    Returns:
        The reason; empty, too, where all coordinates are of about one size.
    """
    x, each = instance.points[index], sizes(instance.points[index])
    if np.max(each, initial=1) < ALIKE * np.min(each, initial=np.inf):
        return ""
    value, bound = products(instance.problem.objective, x, instance.data, probes.left, FORMULAS[operator], closely=True)
    return CLOSELY if np.all(np.abs(seen - value) <= bound + off * np.max(np.abs(value), initial=0)) else ""


def value(instance: Instance, index: int) -> Reference:
    """F itself at a point, in float64: a yardstick of a size where extended precision takes minutes."""
    found = np.asarray(plain(instance.problem.objective, instance.data, np.dtype(np.float64))(instance.points[index]))
    return Reference(found, 1e3 * float(np.finfo(np.float64).eps) * np.abs(found), "objective")


def condition(instance: Instance) -> float:
    """By how much relative errors of x and the data are amplified in a product Hv; as `evaluation.condition`."""
    f, x, data = instance.problem.objective, instance.points[0], instance.data
    left = np.stack([instance.direction, np.random.default_rng(instance.n).standard_normal(instance.n)])
    here, _ = products(f, x, data, left)

    def moved(turned: bool) -> float:
        rng = np.random.default_rng([instance.n, 1])
        point, *others = (changed(array, rng, turned=turned) for array in (x, *data))
        near, _ = products(Roughly(f, turned=turned), point, tuple(others), left)
        return float(np.linalg.norm(near - here) / (CHANGE * np.linalg.norm(here)))

    with np.errstate(all="ignore"):
        ratio = np.fmax(moved(False), moved(True))
    return max(1.0, float(ratio)) if np.isfinite(ratio) else 1.0

"""Estimators of a trace or a diagonal from few Hessian-vector products: probes, formulas, and what they cost.

The formulas are written once over an array namespace, with vectors as rows: `products(V)` gives the rows V H. Probes
are drawn by NumPy from the seed in the method's name, so every framework has the same ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from hessbench.backends.contract.arrays import Array, FloatArray

EstimatorName = Literal[
    "hutchinson-rademacher", "hutchinson-normal", "hutch++", "xtrace", "diagonal-rademacher", "xdiag", "stde"
]
Products = Callable[[Any], Any]


def hutchinson(xp: Any, products: Products, probes: Array) -> Array:
    """The mean of w'Hw."""
    return xp.mean(xp.sum(probes * products(probes), axis=1))


def hutch_plus_plus(xp: Any, products: Products, probes: Array) -> Array:
    """The trace on the span Q of some H s, and Hutchinson's estimate on the rest."""
    k = probes.shape[0] // 2
    q = xp.linalg.qr(products(probes[:k]).T)[0].T
    rest = probes[k:] - (probes[k:] @ q.T) @ q
    return xp.sum(q * products(q)) + xp.sum(rest * products(rest)) / k


def _without_each(xp: Any, products: Products, probes: Array) -> tuple[Array, Array, Array, Array]:
    """Q, R, HQ as rows, and the unit vectors s_i with which Q(1 - s_i s_i')Q' projects on the span without probe i."""
    q, r = xp.linalg.qr(products(probes).T)
    unit, size = xp.triu(xp.tril(xp.ones_like(r))), xp.max(xp.abs(r))  # the identity, on the device of r
    scaled = r / xp.where(size > 0, size, xp.ones_like(size))  # of s only directions count, and squares may overflow
    s = xp.linalg.inv(scaled + xp.finfo(r.dtype).eps * unit)  # row i is the column i of inv(R)'
    return q.T, r, products(q.T), s / xp.sqrt(xp.sum(s * s, axis=1))[:, None]


def xtrace(xp: Any, products: Products, probes: Array) -> Array:
    """For each probe: the trace on the span of the others, and the probe's own estimate on the rest; their mean.

    With u = w - Qx the part of the probe w that is orthogonal to that span, u'Hu = w'Hw - 2 x'R_i + x'Q'HQx.
    """  # noqa: DOC201
    (k, n), (q, r, hq, s) = probes.shape, _without_each(xp, products, probes)
    inner = hq @ q.T
    w = probes @ q.T
    x = w - s * xp.sum(s * w, axis=1)[:, None]
    quadratic = xp.sum(w * r.T, axis=1) - 2 * xp.sum(x * r.T, axis=1) + xp.sum(x * (x @ inner), axis=1)
    scale = (n - k + 1) / (xp.sum(probes * probes, axis=1) - xp.sum(x * x, axis=1))
    return xp.sum(q * hq) + xp.mean(scale * quadratic - xp.sum(s * (s @ inner), axis=1))


def diagonal(xp: Any, products: Products, probes: Array) -> Array:
    """The mean of w * Hw for signs w."""
    return xp.mean(probes * products(probes), axis=0)


def xdiag(xp: Any, products: Products, probes: Array) -> Array:
    """For each probe: the diagonal on the span of the others, and the probe's own estimate on the rest; their mean."""
    q, r, hq, s = _without_each(xp, products, probes)
    sq = s @ q
    own = probes * sq * xp.sum(s * r.T, axis=1)[:, None]
    return xp.sum(q * hq, axis=0) + xp.mean(own - sq * (s @ hq), axis=0)


@dataclass(frozen=True, slots=True)
class Estimator:
    """One estimator.

    Attributes:
        source: Where it comes from.
        formula: (xp, products, probes) -> the estimate; None where a method has its own.
        probes: What is drawn: signs, normal numbers, or rows of sqrt(n / m) times different unit vectors.
        rows: Probes for so many products.
        least: The fewest products that make an estimate.
    """

    source: str
    formula: Callable[[Any, Products, Array], Array] | None
    probes: Literal["signs", "normal", "coordinates"]
    rows: Callable[[int], int] = lambda products: products
    least: int = 1


ESTIMATORS: Mapping[EstimatorName, Estimator] = MappingProxyType(
    {
        "hutchinson-rademacher": Estimator("Hutchinson 1990", hutchinson, "signs"),
        "hutchinson-normal": Estimator("Girard 1989", hutchinson, "normal"),
        "hutch++": Estimator("Meyer et al. 2021", hutch_plus_plus, "signs", lambda m: 2 * (m // 3), 3),
        "xtrace": Estimator("Epperly, Tropp, Webber 2024", xtrace, "normal", lambda m: m // 2, 2),
        "diagonal-rademacher": Estimator("Bekas, Kokiopoulou, Saad 2007", diagonal, "signs"),
        "xdiag": Estimator("Epperly, Tropp, Webber 2024", xdiag, "signs", lambda m: m // 2, 2),
        "stde": Estimator("Shi et al. 2024", None, "coordinates"),
    }
)


@dataclass(frozen=True, slots=True)
class Estimate:
    """Which estimator a method is, with how many products, from which seed.

    Attributes:
        estimator: A key of `ESTIMATORS`.
        products: Number of Hessian-vector products.
        seed: Seed of the probes.
    """

    estimator: EstimatorName
    products: int
    seed: int = 0

    @property
    def tag(self) -> str:
        """How it stands in a method's name."""
        return f"m{self.products}s{self.seed}" if self.seed else f"m{self.products}"

    def why_not(self, n: int) -> str:
        """Why it cannot be had for n variables, or the empty string."""
        least = ESTIMATORS[self.estimator].least
        if self.products > n:
            fewer = f"take fewer (-m{n}-), or " if n >= least else "take "
            exact = f"{self.products} products are more than n = {n}, and {n} along the axes give the exact result"
            return f"{exact}; {fewer}an exact method"
        return f"{self.estimator} needs {least} products at least" if self.products < least else ""

    def draw(self, n: int) -> FloatArray:
        """The probes (rows, n), the same for the same numbers on every machine."""
        declared = ESTIMATORS[self.estimator]
        rng, rows = np.random.default_rng([self.seed, n, self.products]), declared.rows(self.products)
        if declared.probes == "coordinates":
            return np.eye(n)[rng.choice(n, rows, replace=False)] * np.sqrt(n / rows)
        if declared.probes == "signs":
            return 2.0 * rng.integers(0, 2, (rows, n)) - 1.0
        return rng.standard_normal((rows, n))

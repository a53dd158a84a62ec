"""Functions with known Hessians, where frameworks return NaN, raise, or are silently wrong; and safe formulations."""

from __future__ import annotations

from hessbench.suites.traps import branches, exponentials, kinks, linalg, products, ranges, scales, spectrum

PROBLEMS = (
    *linalg.PROBLEMS,
    *spectrum.PROBLEMS,
    *products.PROBLEMS,
    *branches.PROBLEMS,
    *kinks.PROBLEMS,
    *exponentials.PROBLEMS,
    *ranges.PROBLEMS,
    *scales.PROBLEMS,
)

"""Functions with known Hessians, where frameworks return NaN, raise, or are silently wrong; and safe formulations."""

from __future__ import annotations

from suites import (
    traps_branches,
    traps_kinks,
    traps_linalg,
    traps_overflow,
    traps_products,
    traps_scales,
    traps_spectrum,
)

PROBLEMS = (
    *traps_linalg.PROBLEMS,
    *traps_spectrum.PROBLEMS,
    *traps_products.PROBLEMS,
    *traps_branches.PROBLEMS,
    *traps_kinks.PROBLEMS,
    *traps_overflow.PROBLEMS,
    *traps_scales.PROBLEMS,
)

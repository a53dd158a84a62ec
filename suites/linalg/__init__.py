"""Functions through solves, inverses, factors, determinants and spectra of small matrices, all in closed form.

Matrices are regular here and eigenvalues distinct; for the others see `suites.traps`.
"""

from __future__ import annotations

from hessbench.suites.linalg import determinants, gram, inverses, spectrum

PROBLEMS = (
    *determinants.PROBLEMS,
    *gram.PROBLEMS,
    *inverses.PROBLEMS,
    *spectrum.PROBLEMS,
)

"""Functions through solves, inverses, factors, determinants and spectra of small matrices, all in closed form.

Matrices are regular here and eigenvalues distinct; for the others see `suites.traps`.
"""

from __future__ import annotations

from hessbench.suites.linalg.determinants import determinant, kernel_log_det
from hessbench.suites.linalg.gram import cholesky_factor, logdet_gram
from hessbench.suites.linalg.inverses import inverse_quadratic_form, inverse_trace
from hessbench.suites.linalg.spectrum import matrix_exponential, rayleigh_quotient, spectral_cubes, trace_of_cube

PROBLEMS = (
    determinant,
    logdet_gram,
    kernel_log_det,
    inverse_quadratic_form,
    cholesky_factor,
    inverse_trace,
    spectral_cubes,
    trace_of_cube,
    matrix_exponential,
    rayleigh_quotient,
)

"""Functions through solves, inverses, factors, determinants and spectra of small matrices, all in closed form."""

from __future__ import annotations

from hessbench.suites.linalg.determinants import determinant, kernel_log_det, logdet_gram
from hessbench.suites.linalg.factorizations import (
    cholesky_factor,
    inverse_quadratic_form,
    inverse_trace,
    rayleigh_quotient,
)
from hessbench.suites.linalg.spectrum import matrix_exponential, spectral_cubes, trace_of_cube

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

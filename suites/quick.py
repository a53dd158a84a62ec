"""Six different kinds of objective, in seconds: convex and not, dense and sparse, with and without linear algebra."""

from __future__ import annotations

from suites.classic import quadratic, rosenbrock
from suites.ml import tanh_network
from suites.physics import lennard_jones
from suites.statistics import gaussian_process, logistic_regression

PROBLEMS = (quadratic, rosenbrock, logistic_regression, tanh_network, gaussian_process, lennard_jones)

"""Six different kinds of objective, in seconds: convex and not, dense and sparse, with and without linear algebra."""

from __future__ import annotations

from hessbench.suites.classic.quadratic_form import quadratic
from hessbench.suites.classic.valley import rosenbrock
from hessbench.suites.ml.hidden_layer import tanh_network
from hessbench.suites.physics.pairs import lennard_jones
from hessbench.suites.statistics.gaussian_processes import gaussian_process
from hessbench.suites.statistics.logistic import logistic_regression

PROBLEMS = (quadratic, rosenbrock, logistic_regression, tanh_network, gaussian_process, lennard_jones)

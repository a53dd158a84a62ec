"""Six different kinds of objective, in seconds: convex and not, dense and sparse, with and without linear algebra."""

from __future__ import annotations

from hessbench.suites.classic.basic import quadratic, rosenbrock
from hessbench.suites.ml.networks import tanh_network
from hessbench.suites.physics.particles import lennard_jones
from hessbench.suites.statistics.models import gaussian_process, logistic_regression

PROBLEMS = (quadratic, rosenbrock, logistic_regression, tanh_network, gaussian_process, lennard_jones)

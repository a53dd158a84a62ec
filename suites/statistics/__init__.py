"""Statistics: regressions and likelihoods."""

from __future__ import annotations

from hessbench.suites.statistics import gaussian_processes, likelihoods, logistic, regression, scale

PROBLEMS = (
    *logistic.PROBLEMS,
    *gaussian_processes.PROBLEMS,
    *regression.PROBLEMS,
    *scale.PROBLEMS,
    *likelihoods.PROBLEMS,
)

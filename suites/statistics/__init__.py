"""Statistics: regressions and likelihoods."""

from __future__ import annotations

from hessbench.suites.statistics.gaussian_processes import gaussian_process
from hessbench.suites.statistics.likelihoods import ar1_likelihood, bradley_terry, cox_partial_likelihood
from hessbench.suites.statistics.logistic import logistic_regression
from hessbench.suites.statistics.regression import firth_logistic, poisson_regression, pseudo_huber_regression
from hessbench.suites.statistics.scale import student_t_regression, weibull_survival

PROBLEMS = (
    logistic_regression,
    gaussian_process,
    poisson_regression,
    pseudo_huber_regression,
    student_t_regression,
    firth_logistic,
    cox_partial_likelihood,
    weibull_survival,
    bradley_terry,
    ar1_likelihood,
)

"""Nonlinear least squares of NIST StRD: f is the residual sum of squares, minima and uncertainties are certified."""

from __future__ import annotations

from hessbench.suites.published.nist import curves, exponentials

PROBLEMS = (
    *exponentials.PROBLEMS,
    *curves.PROBLEMS,
)

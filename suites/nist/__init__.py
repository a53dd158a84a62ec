"""Nonlinear least squares of NIST StRD: f is the residual sum of squares, minima and uncertainties are certified."""

from __future__ import annotations

from hessbench.suites.nist.curves import danwood, mgh09, rat42, rat43, roszman1, thurber
from hessbench.suites.nist.exponentials import boxbod, chwirut2, eckerle4, lanczos3, mgh10, mgh17, misra1a

PROBLEMS = (
    misra1a,
    danwood,
    chwirut2,
    lanczos3,
    mgh17,
    roszman1,
    boxbod,
    eckerle4,
    mgh09,
    mgh10,
    rat42,
    rat43,
    thurber,
)

"""Which function of NumPy or SciPy can judge a call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from torch_database import is_there

from hessbench.backends.numpy.calls import KIT
from hessbench.backends.scripts.calls import Call, objective

SAME_AS = {
    "bessel_j0": "j0",
    "bessel_j1": "j1",
    "bessel_y0": "y0",
    "bessel_y1": "y1",
    "modified_bessel_i0": "i0",
    "modified_bessel_i1": "i1",
    "modified_bessel_k0": "k0",
    "modified_bessel_k1": "k1",
    "bessel_i0": "i0",
    "bessel_i1": "i1",
    "bessel_i0e": "i0e",
    "bessel_i1e": "i1e",
    "bessel_k0": "k0",
    "bessel_k1": "k1",
    "lgamma": "gammaln",
    "igamma": "gammainc",
    "igammac": "gammaincc",
    "sigmoid": "expit",
    "log_sigmoid": "log_expit",
    "logsigmoid": "log_expit",
    "mvlgamma": "multigammaln",
    "asin": "arcsin",
    "acos": "arccos",
    "atan": "arctan",
    "asinh": "arcsinh",
    "acosh": "arccosh",
    "atanh": "arctanh",
    "atan2": "arctan2",
}
"""Names in NumPy or SciPy where they differ."""
HOMES = ("numpy", "numpy.linalg", "scipy.special", "scipy.linalg")
DIGITS = 1e-12
NEARBY = (0.0, 0.01, -0.02)
"""So far from the point values must agree, too, before NumPy or SciPy judges."""


def judge_of(call: Call, x: list[float], value: Callable[[Call, Any], float]) -> Call | None:
    """The same call in NumPy or SciPy, where its values are the same to twelve digits.

    Args:
        call: The framework's.
        x: The point.
        value: Gives f of a call in the framework at a point.

    Returns:
        The call that judges, or None.
    """
    points = [np.asarray(x) + away for away in NEARBY]
    leaf = call.function.rsplit(".", 1)[1]
    for name in dict.fromkeys((leaf, SAME_AS.get(leaf, leaf))):
        for home in HOMES:
            theirs = Call(f"{home}.{name}", call.arguments, call.keywords)
            if is_there(theirs.function) and all(_agree(theirs, call, point, value) for point in points):
                return theirs
    return None


def _agree(theirs: Call, call: Call, x: Any, value: Callable[[Call, Any], float]) -> bool:
    try:
        with np.errstate(all="ignore"):
            ours, judged = value(call, x), float(objective(theirs, KIT)(x))
    except Exception:  # a namesake may take other arguments
        return False
    return abs(judged - ours) <= DIGITS * abs(ours)

"""What would take minutes or gigabytes to build is not begun: CasADi can neither be asked to stop nor be interrupted.

How much there is to do depends on the data as well as on n, so it is known only once the objective is traced.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from hessbench.backends.contract.errors import Unsupported
from hessbench.backends.contract.lazy import Lazy

ca = Lazy("casadi")


class TooExpensive(Unsupported):
    """The graph would be too large, or its coloring too slow; the message says how large, and what to use instead."""


MOST_OPERATIONS = {"SX": 10**7, "MX": 10**6}
"""Nodes of a graph times sweeps over it: some ten seconds and half a gigabyte (logistic regression with n = 100 has
2 * 10^7 as SX: 25 s and 0.54 GB; a node of an MX costs more)."""

GRADIENT = 5
"""A gradient is at most so many times as large as what it is the gradient of."""

OTHERS = "jacobian-gradient-sx-symbolic, or sparse-jacobian-gradient-sx-symbolic for a sparse Hessian"
"""Methods that color without symmetry."""

MOST_PATHS = 10**10
"""Star coloring looks at every path of three edges in the pattern, n^4 of them where it is dense (casadi#2454): ten
seconds. Dense Hessians are within this up to n = 316."""


def check_operations(expression: Any, sweeps: int) -> None:
    """Whether so many sweeps over an expression can be written down.

    Raises:
        TooExpensive: There would be more operations than `MOST_OPERATIONS` allows.
    """
    kind = type(expression).__name__
    operations = ca.n_nodes(expression) * sweeps
    if operations > MOST_OPERATIONS.get(kind, operations):
        advice = "; as a graph of matrices (-mx-) it is smaller" if kind == "SX" else ""
        raise TooExpensive(f"too large: {sweeps} x a graph of {operations // sweeps} operations{advice}")


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look at a Hessian's pattern has shown.

    Attributes:
        colors: How many sweeps its coloring needs.
        detect_s: Seconds of finding the pattern.
        color_s: Seconds of coloring it.
    """

    colors: int
    detect_s: float
    color_s: float


def check_hessian(value: Any, x: Any, *, symmetric: bool) -> Seen | None:
    """Whether a Hessian can be colored and written down.

    Args:
        value: The objective.
        x: By what it is differentiated.
        symmetric: Whether a star coloring is used, which needs fewer colors and more time.

    Returns:
        What was seen of the pattern, if one had to look; `TooExpensive` is raised where it cannot be written down.
    """
    n = x.shape[0]
    if n**4 <= MOST_PATHS and GRADIENT * ca.n_nodes(value) * n <= MOST_OPERATIONS.get(type(value).__name__, 0):
        return None  # whatever the pattern is; finding it takes time as well
    return look(ca.gradient(value, x), x, symmetric=symmetric)


def look(slope: Any, x: Any, *, symmetric: bool) -> Seen:
    """Find and color the pattern of a Hessian, as `casadi.hessian` does.

    Args:
        slope: The gradient.
        x: By what it is differentiated.
        symmetric: As in `check_hessian`.

    Returns:
        The colors, and what each step took.

    Raises:
        TooExpensive: The coloring, or the expression of the Hessian, would be too large.
    """
    start = time.perf_counter()
    pattern = ca.jacobian_sparsity(slope, x)
    detected = time.perf_counter()
    rows, columns = (np.asarray(indices, dtype=np.intp) for indices in pattern.get_triplet())
    degrees = np.bincount(columns, minlength=x.shape[0]).astype(float)
    if symmetric and degrees[rows] @ degrees[columns] > MOST_PATHS:
        raise TooExpensive(f"star coloring of {len(rows)} entries takes minutes (casadi#2454); try {OTHERS}")
    counted = time.perf_counter()
    coloring = pattern.star_coloring() if symmetric else pattern.uni_coloring()
    seen = Seen(coloring.shape[1], detected - start, time.perf_counter() - counted)
    check_operations(slope, seen.colors)
    return seen

"""Curves of time and memory over n: five known problems at sizes that double, or the nearest that they take.

No objective has a Python loop over n, and each costs what its Hessian holds: O(n) for a chain, a grid and a network,
O(n^2) for a dense matrix. The 4n samples of the logistic regression would take 512 MiB at n = 4096; it ends at 1024.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hessbench.suites.classic import quadratic_form
from hessbench.suites.classic.valley import rosenbrock
from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.problem import Problem
from hessbench.suites.ml.hidden_layer import tanh_network
from hessbench.suites.physics.grids import minimal_surface_2d
from hessbench.suites.statistics.logistic import logistic_regression

POWERS = tuple(2**k for k in range(3, 13))
LARGEST_REGRESSION = 1024


def _curve(problem: Problem, largest: int = POWERS[-1]) -> Problem:
    """The problem at the admissible sizes nearest to 8, 16, 32, ..."""
    sizes = tuple(sorted({problem.nearest_sizes(n, count=1)[0] for n in POWERS if n <= largest}))
    return replace(problem, sizes=sizes, quick_sizes=sizes, tags=(*problem.tags, "scaling"))


def _reflected(n: int, rng: np.random.Generator) -> tuple[FloatArray, ...]:
    """A diagonal matrix between two equal Householder reflections: dense, of the same spectrum, drawn in O(n^2).

    The random basis of `quadratic_form.quadratic` costs O(n^3): a minute at n = 4096.
    """
    v, spectrum = rng.standard_normal(n), np.geomspace(1.0, 100.0, n)
    v /= np.linalg.norm(v)
    shift = spectrum * v - (v @ (spectrum * v)) * v
    a = np.diag(spectrum) - 2 * (np.outer(v, shift) + np.outer(shift, v))
    return a, rng.standard_normal(n)


quadratic = replace(
    quadratic_form.quadratic,
    data=_reflected,
    convention="A is diagonal between two Householder reflections, cheap to draw",
)

PROBLEMS = (
    _curve(quadratic),
    _curve(rosenbrock),
    _curve(logistic_regression, LARGEST_REGRESSION),
    _curve(tanh_network),
    _curve(minimal_surface_2d),
)

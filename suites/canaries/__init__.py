"""The frameworks' own functions: each problem composed from primitives, and native texts to compare with it.

The portable objective is the control; the native texts are the `natives` of the backends. A difference between the two
is a fault of the framework's function, not of the mathematics.
"""

from __future__ import annotations

from hessbench.suites.canaries import (
    coefficients,
    complex_values,
    decompositions,
    flow,
    functions,
    layers,
    linalg,
    losses,
    normalization,
    products,
    tails,
    targets,
    weighted,
    wrapped,
)

PROBLEMS = (
    *normalization.PROBLEMS,
    *linalg.PROBLEMS,
    *decompositions.PROBLEMS,
    *products.PROBLEMS,
    *functions.PROBLEMS,
    *losses.PROBLEMS,
    *layers.PROBLEMS,
    *flow.PROBLEMS,
    *weighted.PROBLEMS,
    *targets.PROBLEMS,
    *coefficients.PROBLEMS,
    *complex_values.PROBLEMS,
    *tails.PROBLEMS,
    *wrapped.PROBLEMS,
)

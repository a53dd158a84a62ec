"""A sum of squares of NIST StRD as a problem: its objective, model, table and certified minimum under one name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from hessbench.suites.definition.facts import Definiteness, Published, Structure
from hessbench.suites.definition.problem import Problem
from hessbench.suites.definition.size import Size
from hessbench.suites.published.nist.data import CERTIFIED, DATA, START
from hessbench.suites.published.nist.jets import (
    Model,
    gradient_of,
    hessian_of,
)

SOURCE = "NIST/ITL Statistical Reference Datasets, nonlinear regression, doi:10.18434/T43G6C; "


def certified_problem(
    objective: Callable[..., Any],
    model: Model,
    source: str,
    convention: str = "",
    definiteness: Definiteness = "",
    tags: tuple[str, ...] = (),
) -> Problem:
    """A problem under the name of its objective, which is also that of its tables.

    Args:
        objective: The sum of squares.
        model: The model in it, with two derivatives.
        source: The name at NIST, and its level of difficulty.
        convention: See `Problem`.
        definiteness: The signs of the eigenvalues at the start point.
        tags: Tags beside those that all share.

    Returns:
        The problem with the closed forms of its model, its table, and the certified minimum.
    """
    name = objective.__name__.lstrip("_")
    certified, n = CERTIFIED[name], len(START[name])
    sum_of_squares = certified.residual_sum_of_squares
    return Problem(
        name=name,
        objective=objective,
        sizes=(n,),
        start=lambda n, rng: np.array(START[name]),
        data=lambda n, rng: DATA[name],
        gradient=gradient_of(model),
        hessian=hessian_of(model),
        allowed=Size.exactly(n),
        source=SOURCE + source,
        convention=convention,
        named_points={"certified": lambda n, rng: np.array(certified.parameters)},
        published=(Published("certified", n, sum_of_squares, 1e-10, "NIST StRD: eleven certified digits"),),
        structure=Structure(definiteness=definiteness),
        tags=("least-squares", "certified", "dense", *tags),
    )


INDEFINITE: Definiteness = "indefinite"


UNEVEN = ("badly-scaled", "hard-for-differences")
"""Parameters so unlike in size that differences with steps of max(|b|, 1) leave the model's range."""

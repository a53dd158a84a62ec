"""Functions with sparse Hessians whose pattern and number of colors are known; f costs O(n), without a loop."""

from __future__ import annotations

from hessbench.suites.sparse import (
    arrows,
    bands,
    bundle,
    chains,
    diagonals,
    distillation,
    graphs,
    luksan_vlcek,
    power_flow,
    quadrotor,
    rocket,
)

PROBLEMS = (
    *arrows.PROBLEMS,
    *bands.PROBLEMS,
    *diagonals.PROBLEMS,
    *graphs.PROBLEMS,
    *chains.PROBLEMS,
    *bundle.PROBLEMS,
    *luksan_vlcek.PROBLEMS,
    *quadrotor.PROBLEMS,
    *distillation.PROBLEMS,
    *rocket.PROBLEMS,
    *power_flow.PROBLEMS,
)

OPERATORS = ("sparse-hessian", "hvp")
"""What a run computes unless told otherwise: who asks for these as dense matrices measures how those are filled."""

"""CUTEst, the optimizers' collection, through sif2jax: 107 unconstrained problems of up to fifty variables.

The objectives are sif2jax's own, written in JAX, so only JAX runs them, and finite differences of their values
in float64 judge them. What planning needs (names, starting points) is in `cutest.json`, taken from sif2jax 0.0.8, so
that nothing has to be imported for it. Registered by an entry point, as a third party's suite would be.
"""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.problem import Problem, no_portable_text
from hessbench.suites.definition.size import Size

SOURCE = (
    "Gould, Orban and Toint 2015, CUTEst: a constrained and unconstrained testing environment with safe threads, "
    "doi:10.1007/s10589-014-9687-3; as translated in sif2jax 0.0.8"
)


def _start(x: list[float], n: int, rng: np.random.Generator) -> FloatArray:
    """The collection's starting point."""
    del n, rng
    return np.array(x)


def _problem(name: str, facts: dict[str, Any]) -> Problem:
    n = len(facts["start"])
    return Problem(
        name=name.lower(),
        objective=no_portable_text,
        native={"jax": f"hessbench.backends.jax.natives.cutest:{facts['module']}.{name}"},
        sizes=(n,),
        allowed=Size.exactly(n),
        start=partial(_start, facts["start"]),
        source=SOURCE,
        tags=("cutest",),
    )


_FACTS: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))

PROBLEMS = tuple(_problem(name, facts) for name, facts in _FACTS.items())

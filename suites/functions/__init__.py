"""Every public differentiable function of each framework, as a call that is differentiated twice.

What is called and how stands in one JSON file for each framework, made by `benchmarks/functions/find.py`, so that
nothing has to be imported to plan. f(x) is the weighted sum that `backends.scripts.calls` explains, of what the
function returns; x is one argument of it. A problem is named after function and argument:
`torch.nn.functional.layer_norm:weight`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.problem import Problem, no_portable_text
from hessbench.suites.definition.size import Size
from hessbench.suites.functions.points import special_points

HOMES = {
    "torch": "hessbench.backends.torch.natives.calls",
    "jax": "hessbench.backends.jax.natives.calls",
    "tensorflow": "hessbench.backends.tensorflow.natives.calls",
    "autograd": "hessbench.backends.autograd.calls",
}
"""Framework -> the module that makes objectives of calls."""
NOT_FOUND = ("no call found", "not finite")
"""How the reasons of functions begin that may be differentiable all the same; all others are excluded by nature."""
FOLDER = Path(__file__).parent


def _start(x: Sequence[float], n: int, rng: np.random.Generator) -> FloatArray:
    """The point at which the call was found."""
    del n, rng
    return np.array(x)


def _problem(framework: str, name: str, facts: Mapping[str, Any]) -> Problem:
    x, call = facts["x"], json.dumps(facts["call"], separators=(",", ":"))
    judge = json.dumps(facts["judge"], separators=(",", ":")) if "judge" in facts else ""
    return Problem(
        name=name,
        objective=no_portable_text,
        native={framework: f"{HOMES[framework]}:{call}"},
        judge_text=f"hessbench.backends.numpy.calls:{judge}" if judge else None,
        sizes=(len(x),),
        allowed=Size.exactly(len(x)),
        start=partial(_start, x),
        special_points=special_points(x, facts["call"]),
        source=name.partition(":")[0],
        timed=False,
        tags=("function",),
    )


def read(framework: str) -> Mapping[str, Any]:
    """What is audited of a framework: `versions`, `functions` by name, and `excluded` with the reasons."""
    facts: Mapping[str, Any] = json.loads((FOLDER / f"{framework}.json").read_text(encoding="utf-8"))
    return facts


PROBLEMS = tuple(
    _problem(framework, name, facts) for framework in HOMES for name, facts in read(framework)["functions"].items()
)

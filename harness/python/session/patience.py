"""How long an exact method of NumPy will take: it evaluates f once for every entry, or for every two."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from hessbench.backends.contract.interface import FloatArray, Objective
from hessbench.backends.numeric import hyper_dual

EVALUATIONS: Mapping[str, Callable[[int], int]] = MappingProxyType(
    {
        "gradient": lambda n: (n + 1) // 2,
        "hessian": lambda n: n * (n + 1) // 2,
        "hvp": lambda n: n,
        "ggn-vp": lambda n: n,
        "diagonal": lambda n: n,
        "trace": lambda n: n,
        "sparse-hessian": lambda n: n,  # at least
    }
)
"""Of f in hyper-dual numbers, by operator and n."""

MANY = 1000
"""Where there are fewer, nobody waits for one more."""

LONG_S = 20.0


def long_wait(operator: str, f: Objective, x: FloatArray, data: Sequence[FloatArray]) -> str:
    """What an operator by hyper-dual numbers will take, where that is long; else the empty string.

    Args:
        operator: What is computed.
        f: The objective.
        x: The point, (n,).
        data: Further arguments of f.

    Returns:
        How many evaluations of how many seconds, and what is faster; one of them is made here.
    """
    count = EVALUATIONS.get(operator, EVALUATIONS["hessian"])(x.size)  # what is derived is made of the matrix
    if count < MANY:
        return ""
    row = hyper_dual.unit(x, 0)
    start = time.perf_counter()
    try:
        with np.errstate(all="ignore"):
            hyper_dual.along(lambda y: f(hyper_dual.namespace(), y, *data), x, row, row)
    except Exception:  # a person's f may do what has no rule, and then it is not done this way
        return ""
    each = time.perf_counter() - start
    if count * each < LONG_S:
        return ""
    return (
        f"takes {count:,} evaluations of f in numpy, {each:.2g} s each: about {_words(count * each)}; "
        'a framework takes a few sweeps (backend="jax", "torch" or "tensorflow")'
    )


def _words(seconds: float) -> str:
    """A duration in the largest unit of which there are two."""
    for name, unit in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * unit:
            return f"{seconds / unit:,.0f} {name}"
    return f"{seconds:.0f} s"

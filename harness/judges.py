"""Which judge decides a result: the closed form, else finite differences of f, computed once per run.

Finite differences at n = 100 take seconds in extended precision, so workers share them through a folder
inside the run. It never outlives the run, so it cannot be stale.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from backends.reference import Reference, reference
from suites.problem import Instance, closed_form

WORKING_PRECISION = "richardson-53"
"""Finite differences in float64, where extended precision is not to be had: no better than NumPy's own method."""


class Judges:
    """References for results, cached in the run's folder.

    Args:
        folder: Where references are kept; None keeps none.
    """

    def __init__(self, folder: str | None) -> None:
        self._folder = Path(folder) if folder else None
        self._last: dict[str, Reference] = {}

    def reference(self, operator: str, instance: Instance, index: int, backend: str) -> Reference | None:
        """The right result at the point of that index, or None where the only judge is the judged one itself."""
        key = f"{instance.problem.name}-{instance.n}-{operator}-{index}"
        if key in self._last:
            return self._last[key]
        x = instance.points[index]
        exact = closed_form(instance, operator, x)
        if exact is not None:
            found = Reference(exact, np.zeros_like(exact), "closed_form")
        else:
            found = self._shared(key, operator, instance, x)
        if backend == "numpy" and found.judge == WORKING_PRECISION:
            return None  # the same formula in the same precision would judge itself
        self._last[key] = found
        return found

    def _shared(self, key: str, operator: str, instance: Instance, x: np.ndarray[Any, Any]) -> Reference:
        path = self._folder / f"{key}.npz" if self._folder else None
        if path is not None and path.exists():
            with np.load(path) as stored:
                return Reference(stored["value"], stored["bound"], str(stored["judge"]))
        found = reference(operator, instance.problem.objective, x, instance.data, instance.direction)
        if path is not None:
            path.parent.mkdir(exist_ok=True)
            temporary = path.with_suffix(f".{os.getpid()}.npz")
            np.savez(temporary, value=found.value, bound=found.bound, judge=np.array(found.judge))
            os.replace(temporary, path)
        return found

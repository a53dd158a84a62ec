"""The right entries of a sparse Hessian in closed form, and what is known of its pattern."""

from __future__ import annotations

import numpy as np

from hessbench.backends.contract.interface import FloatArray
from hessbench.harness.judging.sparse.entries import Entries, IntArray
from hessbench.suites.definition.problem import Instance

SMALL = 1024
"""Up to so many variables a dense closed form is written down for a sparse result: 8 MiB."""


def has_closed_form(instance: Instance) -> bool:
    """Whether the right entries of an instance can be had without differences."""
    problem = instance.problem
    return problem.sparse_hessian is not None or (problem.hessian is not None and instance.n <= SMALL)


def closed(instance: Instance, x: FloatArray) -> Entries:
    """The right entries at a point of an instance that has a closed form."""
    problem = instance.problem
    if problem.sparse_hessian is not None:
        return Entries.of(instance.n, *problem.sparse_hessian(x, *instance.data))
    assert problem.hessian is not None
    return Entries.of_matrix(np.asarray(problem.hessian(x, *instance.data)))


def structural(instance: Instance) -> IntArray | None:
    """The keys of the entries that may differ from zero, (nnz,), ascending; None where nobody knows."""
    problem, n = instance.problem, instance.n
    if problem.structure.pattern is not None:
        rows, cols = problem.structure.pattern(n)
        return np.sort(np.asarray(rows, dtype=np.int64) * n + cols)
    if problem.sparse_hessian is not None:
        return closed(instance, instance.points[-1]).keys
    return None

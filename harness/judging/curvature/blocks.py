"""The judge of a Hessian's diagonal blocks: the Hessian with zeros outside of them, or random products in each.

As a matrix with zeros outside, a result goes the way of every Hessian: symmetric, row by row, with a second opinion.
Where n is large, every block is judged by products of its own: w'Hv for v and w that are zero outside of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from hessbench.backends.contract.interface import FloatArray
from hessbench.backends.contract.operators import OPERATORS
from hessbench.backends.numeric.reference import Reference
from hessbench.harness.judging import accuracy, random_products
from hessbench.harness.judging.evaluation.allowance import PRODUCTS_S, in_time
from hessbench.suites.definition.problem import Instance, Problem

if TYPE_CHECKING:
    from hessbench.harness.judging.references import References
    from hessbench.harness.judging.verdict import Question

OPERATOR = "block-diagonal"
VECTORS = 2
"""Random vectors for each block."""


def count(ends: Sequence[int]) -> int:
    """How many entries all blocks have."""
    return sum((end - start) ** 2 for start, end in pairwise((0, *ends)))


def as_matrix(result: FloatArray, ends: Sequence[int]) -> FloatArray:
    """The blocks (count,) in a matrix (n, n) with zeros outside."""
    matrix = np.zeros((ends[-1], ends[-1]), dtype=result.dtype)
    for start, end, block in _cut(result, ends):
        matrix[start:end, start:end] = block
    return matrix


def _cut(result: FloatArray, ends: Sequence[int]) -> Iterator[tuple[int, int, FloatArray]]:
    """Where each block starts and ends, and the block, of a result (count,)."""
    at = 0
    for start, end in pairwise((0, *ends)):
        size = end - start
        yield start, end, result[at : at + size * size].reshape(size, size)
        at += size * size


def only(known: Reference, ends: Sequence[int]) -> Reference:
    """A Hessian that is known, without what is outside of the blocks."""
    inside = as_matrix(np.ones(count(ends), dtype=bool), ends)
    return replace(known, value=np.where(inside, known.value, 0.0), bound=np.where(inside, known.bound, 0.0))


def names(problem: Problem, n: int) -> tuple[str, ...]:
    """What its arrays are called, in their order."""
    if problem.arrays is not None:
        return tuple(problem.arrays(n))
    return problem.layout.names if problem.layout else ("x",)


def dropped(result: FloatArray, right: FloatArray, ends: Sequence[int], called: Sequence[str]) -> str:
    """Which blocks of a matrix are zero that should not be, in words; empty where none is."""
    lost = [
        name
        for name, (start, end) in zip(called, pairwise((0, *ends)), strict=True)
        if right[start:end, start:end].any() and not result[start:end, start:end].any()
    ]
    return f"block {', '.join(lost)} dropped: zero everywhere" if lost else ""


def left_out(entries: int, ends: Sequence[int], called: Sequence[str]) -> str:
    """Which block a result with so many entries may lack, in words; empty where that is not the reason."""
    missing = count(ends) - entries
    sizes = ((name, (end - start) ** 2) for name, (start, end) in zip(called, pairwise((0, *ends)), strict=True))
    names = " or ".join(name for name, size in sizes if size == missing)
    return f"as if block {names} were dropped" if names else ""


def probes(instance: Instance, index: int, ends: Sequence[int]) -> tuple[FloatArray, Reference]:
    """Random vectors in each block, and what a right result gives.

    Args:
        instance: The problem, as the judge computes it.
        index: Index of the point.
        ends: Where its arrays end.

    Returns:
        The vectors (blocks, VECTORS, n), and w'Hv for the first one as v, one after the other, with bounds.
    """
    f, x, data = instance.problem.objective, instance.points[index], instance.data
    rng, left = np.random.default_rng([instance.n, index]), np.zeros((len(ends), VECTORS, instance.n))
    for block, (start, end) in zip(left, pairwise((0, *ends)), strict=True):
        block[:, start:end] = rng.standard_normal((VECTORS, end - start))
    found = [random_products.products(f, x, data, block) for block in left]
    value, bound = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return left, Reference(value, bound, random_products.JUDGE)


def contracted(result: FloatArray, left: FloatArray, ends: Sequence[int]) -> FloatArray:
    """The same numbers of a result (count,)."""
    found = []
    for vectors, (start, end, block) in zip(left, _cut(result, ends), strict=True):
        rows = vectors[:, start:end]
        found.append(rows @ (block.astype(np.float64) @ rows[0]))
    return np.concatenate(found)


def by_products(question: Question, results: Sequence[FloatArray], references: References) -> accuracy.Verdict:
    """The verdict on blocks that are too large for a reference of their own.

    Args:
        question: What is judged.
        results: One result for each point.
        references: The right values.

    Returns:
        The worst verdict over points and blocks, each on its own scale.
    """
    cell, instance = question.cell, question.instance
    ends, called = instance.problem.ends(cell.n), names(instance.problem, cell.n)
    condition, verdicts = partial(references.condition, cell, instance), []
    for index, result in enumerate(results):
        left, known = in_time(partial(probes, index=index, ends=ends), instance, PRODUCTS_S)
        seen = contracted(result, left, ends).astype(cell.dtype)
        for k, name in enumerate(called):
            span = slice(k * VECTORS, (k + 1) * VECTORS)
            part = replace(known, value=known.value[span], bound=known.bound[span])
            found = accuracy.judge(
                seen[span], part, cell.dtype, question.accuracy, OPERATORS["hvp"], condition, cell.precision
            )
            verdicts.append(replace(found, reason=f"block {name}: {found.reason}" if found.reason else ""))
    return replace(accuracy.worst(verdicts), judge=random_products.JUDGE)

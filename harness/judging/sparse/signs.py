"""What a wrong sparse Hessian looks like: a name for the kind of fault, as far as entries tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from hessbench.harness.judging.sparse.entries import Entries, IntArray

CLOSE = 1e-6
"""Two values are the same when they differ by less than this, relative to the larger one."""
MOST = 0.99
"""Share of the entries that a sign must explain."""


@dataclass(frozen=True, slots=True)
class Found:
    """A wrong result and the right one at the same point.

    Attributes:
        result: What a method returned.
        truth: The right entries.
        missing: Keys of entries that the pattern misses, over all points.
        color_of: Color of each variable, (n,), or None.
        elsewhere: The right entries at special points, by name.
    """

    result: Entries
    truth: Entries
    missing: IntArray
    color_of: Any
    elsewhere: dict[str, Entries]


def looks_like(found: Found) -> str:
    """The name of the first sign that fits, or the empty string."""
    return next((name for sign in SIGNS if (name := sign(found))), "")


def _same(a: Any, b: Any) -> Any:
    return np.abs(a - b) <= CLOSE * np.maximum(np.abs(a), np.abs(b))


def _shifted(found: Found) -> str:
    """Entries that are right where their indices are moved by one."""
    result, n = found.result, found.result.n
    before = float(np.mean(_same(result.values, found.truth.at(result.keys)))) if result.keys.size else 1.0
    for rows, cols in ((1, 1), (-1, -1), (0, 1), (1, 0), (0, -1), (-1, 0)):
        i, j = result.rows + rows, result.cols + cols
        within = (i >= 0) & (i < n) & (j >= 0) & (j < n) & (result.values != 0)
        if within.sum() < 2:
            continue
        fits = float(np.mean(_same(result.values[within], found.truth.at((i * n + j)[within]))))
        moved = " and ".join(name for name, by in (("rows", rows), ("columns", cols)) if by)
        if fits >= MOST and before < MOST:
            return f"indices off by one ({moved})"
    return ""


def _triangle(found: Found) -> str:
    """Everything that is missing has its mirror image."""
    missing, n = found.missing, found.result.n
    if not missing.size:
        return ""
    rows, cols = missing // n, missing % n
    if not np.all(found.result.has(cols * n + rows)):
        return ""
    if np.all(cols > rows):
        return "only the lower triangle"
    return "only the upper triangle" if np.all(rows > cols) else ""


def _special_point(found: Found) -> str:
    """Everything that is missing is zero at one point."""
    if not found.missing.size:
        return ""
    names = [name for name, entries in found.elsewhere.items() if not np.any(entries.at(found.missing))]
    return f"a pattern taken at {names[0]}, where these entries are zero by chance" if names else ""


def _transposed(found: Found) -> str:
    """The values of a triangle in the order of its columns, at the places in the order of its rows."""
    result, truth = found.result, found.truth
    if not np.array_equal(result.keys, truth.keys):
        return ""
    for name, inside in (("lower", result.cols <= result.rows), ("upper", result.cols >= result.rows)):
        rows, cols, right = truth.rows[inside], truth.cols[inside], truth.values[inside]
        by_columns = right[np.lexsort((rows, cols))]
        wrong = ~_same(result.values[inside], right)
        # By columns must explain what is wrong: of a band both orders are nearly one.
        if wrong.any() and np.mean(_same(result.values[inside], by_columns)[wrong]) >= MOST:
            return f"the {name} triangle in the order of its columns instead of its rows"
    return ""


def _shared_color(found: Found) -> str:
    """A value that is the sum of two entries of its row, or of its column by symmetry."""
    result, truth = found.result, found.truth
    error = result.values - truth.at(result.keys)
    wrong = np.flatnonzero(~_same(result.values, truth.at(result.keys)) & (np.abs(error) > 0))
    for place in wrong[:16]:
        for row, col in ((result.rows[place], result.cols[place]), (result.cols[place], result.rows[place])):
            low, high = np.searchsorted(truth.keys, (row * truth.n, (row + 1) * truth.n))
            others = truth.cols[low:high]
            fits = _same(truth.values[low:high], error[place]) & (others != col)
            if found.color_of is not None:
                fits &= np.asarray(found.color_of)[others] == found.color_of[col]
            if fits.any():
                return f"columns {int(col)} and {int(others[fits][0])} share a color and both meet row {int(row)}"
    return ""


SIGNS: tuple[Callable[[Found], str], ...] = (_shifted, _triangle, _special_point, _transposed, _shared_color)
"""The most specific first."""

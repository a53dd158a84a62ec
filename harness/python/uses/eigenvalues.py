"""Eigenvalues of a person's own Hessian: of one that is finite, and which of them are zero up to rounding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from hessbench.backends.contract.interface import FloatArray
from hessbench.backends.derived.newton import NEGLIGIBLE
from hessbench.harness.judging.explain import name_of
from hessbench.harness.python.computing import compute
from hessbench.harness.python.reading.how import How
from hessbench.harness.usage import UsageError


def eigenvalues(f: Callable[..., Any], x: Any, data: tuple[Any, ...], how: How) -> FloatArray:
    """All eigenvalues of the Hessian of f at x, ascending.

    Args:
        f: The function.
        x: The point as a person gives it.
        data: Further arguments of f.
        how: What else was asked for; the method is one for spectra.

    Returns:
        The eigenvalues, (n,), all finite.

    Raises:
        UsageError: The Hessian, or an eigenvalue, is not finite.
    """
    # It is looked at itself: PyTorch's and SciPy's LAPACK find zeros for a Hessian of 2 variables that has NaNs.
    h = _finite_hessian(f, x, data, replace(how, method=None))
    values = compute("spectrum", f, x, None, data, how)
    # JAX adds H and H' first, which overflows at half of the range.
    return values if np.all(np.isfinite(values)) else _of_matrix(f, h)


def eigenvalues_once(f: Callable[..., Any], x: Any, data: tuple[Any, ...], how: How) -> FloatArray:
    """The same by NumPy, of one Hessian: for who asks about it and not for how a framework finds its spectrum."""
    return _of_matrix(f, _finite_hessian(f, x, data, replace(how, method=None)))


def _of_matrix(f: Callable[..., Any], h: FloatArray) -> FloatArray:
    values = np.linalg.eigvalsh(h)
    if not np.all(np.isfinite(values)):
        raise UsageError(f"the eigenvalues of the Hessian of {name_of(f)} at x leave the range of {h.dtype}; scale f")
    return values


def _finite_hessian(f: Callable[..., Any], x: Any, data: tuple[Any, ...], how: How) -> FloatArray:
    """The Hessian (n, n), whatever the shape of x; a `UsageError` where an entry is not finite."""
    found = np.asarray(compute("hessian", f, x, None, data, how))
    h = found.reshape(2 * (round(found.size**0.5),))
    if np.all(np.isfinite(h)):
        return h
    row, column = map(int, np.argwhere(~np.isfinite(h))[0])
    raise UsageError(
        f"the Hessian of {name_of(f)} is not finite at x (entry ({row}, {column}) is {h[row, column]}), so it has no "
        "eigenvalues; choose another x"
    )


def negligible(values: FloatArray, dtype: str) -> tuple[FloatArray, float]:
    """Eigenvalues relative to the largest one, and up to what size such a one is zero as far as anybody can tell.

    Args:
        values: All eigenvalues, (n,), finite.
        dtype: The dtype in which they were computed.

    Returns:
        Both; where all eigenvalues are zero, zeros.
    """
    largest = float(np.max(np.abs(values), initial=0)) or 1.0
    return values.astype(np.float64) / largest, float(NEGLIGIBLE * len(values) * np.finfo(dtype).eps)

"""What `hb.newton_step` refuses: steps that do not exist, that a method is not for, or that are not well known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from hessbench.backends.contract.interface import FloatArray
from hessbench.harness.judging.explain import name_of
from hessbench.harness.python.computing import prepared
from hessbench.harness.python.reading.how import How
from hessbench.harness.python.uses.eigenvalues import eigenvalues_once, negligible
from hessbench.harness.usage import UsageError

DEFINITE_ONLY = ("newton-cholesky", "newton-cg")
LEAST_NORM, PRODUCTS = "newton-least-norm", "newton-cg"

DENSE = 256
"""Variables up to which eigenvalues are computed for what needs no matrix: they take fewer products than it may."""

KNOWN = 1e-3
"""The largest relative error of a step from products that is given."""


def least_eigenvalue(f: Callable[..., Any], x: Any, data: tuple[Any, ...], how: How) -> float:
    """The least eigenvalue of a Hessian from which a method finds a step.

    Args:
        f: The function.
        x: The point as a person gives it.
        data: Further arguments of f.
        how: What else was asked for, with the method, or how it begins.

    Returns:
        The eigenvalue.

    Raises:
        UsageError: The Hessian is not finite, or singular, or the method is for positive definite ones and it is not.
    """
    stem, name = how.method or "newton-lu", name_of(f)
    values = eigenvalues_once(f, x, data, how)
    relative, cut = negligible(values, how.dtype)
    if not stem.startswith(LEAST_NORM) and np.any(np.abs(relative) <= cut):
        raise UsageError(
            f"the Hessian of {name} is singular at x as far as {how.dtype} can tell (its eigenvalues go from "
            f"{values[0]:.3g} to {values[-1]:.3g}), so no Newton step is known; method='{LEAST_NORM}' gives the "
            "shortest one"
        )
    if stem.startswith(DEFINITE_ONLY) and values[0] < 0:
        raise UsageError(indefinite(name, stem, f"has the eigenvalue {values[0]:.3g}"))
    return float(values[0])


def indefinite(name: str, method: str, why: str) -> str:
    """That a method is for positive definite Hessians, and that of f is none."""
    return f"{method} is for positive definite Hessians, and that of {name} at x {why}; method='newton-lu' does it"


def check_products(f: Callable[..., Any], x: Any, data: tuple[Any, ...], how: How, step: FloatArray) -> None:
    """Make sure that a step from products alone is one, by its residual H p + g.

    Args:
        f: The function.
        x: The point as a person gives it.
        data: Further arguments of f.
        how: What else was asked for, with the method, or how it begins.
        step: The step p.

    Raises:
        UsageError: The gradient is not finite, the Hessian is not for such a method, or the residual is too large.
    """
    assert how.method
    p = np.asarray(step, dtype=np.float64).reshape(-1)
    least = least_eigenvalue(f, x, data, how) if p.size <= DENSE else None
    gradient, product = (prepared(what, f, x, data, replace(how, method=None)) for what in ("gradient", "hvp"))
    g = gradient.call(gradient.start).astype(np.float64)
    if not np.all(np.isfinite(g)):
        raise UsageError(f"the gradient of {name_of(f)} is not finite at x; choose another x")
    if not np.all(np.isfinite(p)):
        raise UsageError(indefinite(name_of(f), how.method, "is not, as far as products with it tell"))
    rest = float(np.max(np.abs(product.call(product.start, p) + g)))
    if least is None:
        limit, what = float(np.finfo(how.dtype).eps) ** 0.5 * float(np.max(np.abs(g))), "leaves a residual of"
    else:  # |p + H^-1 g| is at most |H p + g| over the least eigenvalue
        rest, limit, what = p.size**0.5 * (rest / least), KNOWN * float(np.max(np.abs(p))), "may be off by"
    if not rest <= limit:
        raise UsageError(
            f"the step of {name_of(f)} at x by {how.method} {what} {rest:.2g}, more than {limit:.2g}: the Hessian is "
            f"too near to a singular one for it in {how.dtype}; method='newton-lu' does without products"
        )

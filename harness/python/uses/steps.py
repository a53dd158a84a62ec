"""What a Hessian is for, of a person's own function: `hb.newton_step`, `hb.spectrum`, `hb.inertia`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from hessbench.backends.contract.interface import FloatArray
from hessbench.harness.judging.explain import name_of
from hessbench.harness.python.computing import compute
from hessbench.harness.python.reading.how import How
from hessbench.harness.python.uses.eigenvalues import eigenvalues, negligible
from hessbench.harness.python.uses.newton import PRODUCTS, check_products, least_eigenvalue
from hessbench.harness.usage import UsageError


class Inertia(NamedTuple):
    """How many eigenvalues of a Hessian are positive, zero and negative, and how sure that is.

    Attributes:
        positive: Number of positive eigenvalues.
        zero: Number of those that are zero up to rounding of the largest one.
        negative: Number of negative eigenvalues.
        margin: How many times farther from zero than rounding reaches the nearest eigenvalue is; where some are zero,
            how far the gap around what rounding reaches is open on its narrower side. Near 1 nothing is sure.
    """

    positive: int
    zero: int
    negative: int
    margin: float

    @property
    def kind(self) -> str:
        """What a critical point with this inertia is: "minimum", "maximum", "saddle" or "degenerate"."""
        if self.zero:
            return "degenerate"
        if not self.negative:
            return "minimum"
        return "saddle" if self.positive else "maximum"


def newton_step(
    f: Callable[..., Any],
    x: Any,
    *data: Any,
    backend: str | None = None,
    method: str | None = None,
    dtype: str = "float64",
    device: str = "cpu",
    framework: str | None = None,
) -> FloatArray:
    """The step -H^-1 g of Newton's method at x.

    Examples:
        >>> import hessbench as hb
        >>> def f(xp, x):
        ...     return x[0] ** 2 + 2 * x[1] ** 2 + x[0] * x[1]
        >>> hb.newton_step(f, [1.0, 2.0], backend="numpy")
        array([-1., -2.])

    Args:
        f: As in `hessian`.
        x: As in `hessian`.
        *data: As in `hessian`.
        backend: As in `hessian`.
        method: A name from `hessbench list methods --operator newton-step`, or how it begins: "newton-lu" (the
            default), "newton-cholesky" and "newton-cg" (positive definite Hessians), "newton-least-norm" (also singular
            ones).
        dtype: As in `hessian`.
        device: As in `hessian`.
        framework: As in `hessian`.

    Returns:
        The step, in the shape of x, with blocks as in `hvp`.

    Raises:
        UsageError: As in `hessian`; also where the Hessian is not finite, or singular as far as the dtype can tell, or
            not positive definite and the method is for such ones. Of "newton-cg" also where the step, by its residual,
            is not known to a thousandth; beyond 256 variables it is refused for what its products show only.
        BackendUnavailable: The device is not there.
        NotScalar: f did not return a scalar array.
    """
    how = How(backend, method, dtype, device, framework)
    by_products = (method or "").startswith(PRODUCTS)
    if not by_products:
        least_eigenvalue(f, x, data, how)
    step = compute("newton-step", f, x, None, data, how)
    if by_products:
        check_products(f, x, data, how, step)
    if not np.all(np.isfinite(step)):
        raise UsageError(
            f"the Newton step of {name_of(f)} at x is not finite: the gradient is not, or the step leaves the range of "
            f"{how.dtype}; choose another x"
        )
    return step


def spectrum(
    f: Callable[..., Any],
    x: Any,
    *data: Any,
    backend: str | None = None,
    method: str | None = None,
    dtype: str = "float64",
    device: str = "cpu",
    framework: str | None = None,
) -> FloatArray:
    """All eigenvalues of the Hessian of f at x, ascending.

    Examples:
        >>> import hessbench as hb
        >>> hb.spectrum(lambda xp, x: x[0] ** 2 - 3 * x[1] ** 2, [1.0, 2.0], backend="numpy")
        array([-6.,  2.])

    Args:
        f: As in `hessian`.
        x: As in `hessian`.
        *data: As in `hessian`.
        backend: As in `hessian`.
        method: A name from `hessbench list methods --operator spectrum`, or None.
        dtype: As in `hessian`.
        device: As in `hessian`.
        framework: As in `hessian`.

    Returns:
        The eigenvalues, shape (n,), whatever the shape of x.

    Raises:
        UsageError: As in `hessian`; also where the Hessian is not finite.
        BackendUnavailable: The device is not there.
        NotScalar: f did not return a scalar array.
    """
    return eigenvalues(f, x, data, How(backend, method, dtype, device, framework))


def inertia(
    f: Callable[..., Any],
    x: Any,
    *data: Any,
    backend: str | None = None,
    method: str | None = None,
    dtype: str = "float64",
    device: str = "cpu",
    framework: str | None = None,
) -> Inertia:
    """How many eigenvalues of the Hessian of f at x are positive, zero and negative: the kind of a critical point.

    An eigenvalue up to 64 n eps of the largest one is zero as far as anybody can tell in that dtype. Whether x is a
    critical point at all, `gradient` says.

    Examples:
        >>> import hessbench as hb
        >>> found = hb.inertia(lambda xp, x: x[0] ** 2 - 3 * x[1] ** 2, [0.0, 0.0], backend="numpy")
        >>> found[:3], found.kind
        ((1, 0, 1), 'saddle')

    Args:
        f: As in `hessian`.
        x: As in `hessian`.
        *data: As in `hessian`.
        backend: As in `hessian`.
        method: As in `spectrum`.
        dtype: As in `hessian`.
        device: As in `hessian`.
        framework: As in `hessian`.

    Returns:
        The numbers, which make n, and the margin.

    Raises:
        UsageError: As in `hessian`; also where the Hessian is not finite.
        BackendUnavailable: The device is not there.
        NotScalar: f did not return a scalar array.
    """
    how = How(backend, method, dtype, device, framework, differences=False)  # its margin is one over rounding
    return inertia_of(eigenvalues(f, x, data, how), how.dtype)


def inertia_of(values: FloatArray, dtype: str) -> Inertia:
    """The inertia that eigenvalues show.

    Args:
        values: All eigenvalues, (n,), finite.
        dtype: The dtype in which they were computed.

    Returns:
        Numbers and margin.
    """
    relative, cut = negligible(values, dtype)
    sizes = np.abs(relative)
    zero = sizes <= cut
    nearest = float(np.min(sizes[~zero], initial=np.inf)) / cut
    around = cut / float(np.max(sizes[zero])) if np.any(sizes[zero]) else np.inf
    positive, none, negative = (int(np.sum(which)) for which in (relative > cut, zero, relative < -cut))
    return Inertia(positive, none, negative, min(nearest, around))

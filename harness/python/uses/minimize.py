"""`hb.minimize`: SciPy's trust-region methods over a framework's exact derivatives of a person's own function.

Nothing here minimizes: SciPy does. What is added is that gradient, Hessian or products come from the chosen framework,
built once, and that x may be nested.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from numbers import Integral, Real
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from hessbench.backends.contract.interface import FloatArray
from hessbench.harness.judging.explain import name_of
from hessbench.harness.python.computing import prepared
from hessbench.harness.python.reading.how import How
from hessbench.harness.usage import UsageError, check

if TYPE_CHECKING:
    from scipy.optimize import OptimizeResult

METHODS: Mapping[str, str] = MappingProxyType(
    {
        "trust-exact": "hessian",
        "trust-krylov": "hvp",
        "trust-ncg": "hvp",
        "Newton-CG": "hvp",
    }
)
"""SciPy's methods that take second derivatives, and which ones."""

SCIPYS_WORDS = "must not contain infs or NaNs"

OUT_OF_RANGE = (
    "{} is too large or too small for SciPy's steps: squares of its derivatives leave the range of numbers; minimize a "
    "multiple of it"
)


def minimize(
    f: Callable[..., Any],
    x0: Any,
    *data: Any,
    backend: str | None = None,
    method: str = "trust-exact",
    hessian: str | None = None,
    tolerance: float | None = None,
    most: int | None = None,
    dtype: str = "float64",
    device: str = "cpu",
    framework: str | None = None,
) -> OptimizeResult:
    """A local minimum of f from x0, by SciPy's trust-region Newton methods over exact derivatives.

    SciPy stops with success where the gradient is small. A start at a saddle or a maximum stays there: `inertia` of the
    x that is found tells the kind.

    Examples:
        >>> import hessbench as hb
        >>> def f(xp, x):
        ...     return 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2
        >>> found = hb.minimize(f, [-1.2, 1.0], backend="numpy")
        >>> bool(found.success), found.x.round(6)
        (True, array([1., 1.]))

    Args:
        f: As in `hessian`.
        x0: The start, as x in `hessian`.
        *data: As in `hessian`.
        backend: As in `hessian`.
        method: One of SciPy's: "trust-exact" takes the Hessian, "trust-krylov", "trust-ncg" and "Newton-CG"
            take products with it.
        hessian: Name of the method that gives the Hessian, or the products; None takes the default one.
        tolerance: The norm of the gradient at which it stops; None leaves it to SciPy.
        most: Most iterations; None leaves it to SciPy.
        dtype: As in `hessian`.
        device: As in `hessian`.
        framework: As in `hessian`.

    Returns:
        SciPy's result; its x and jac are in the shape of x0, with blocks as in `hvp`.

    Raises:
        UsageError: As in `hessian`; also where there is no such method, or f or a derivative is not finite on the way,
            or too large or small for SciPy's steps.
        BackendUnavailable: The device is not there.
        NotScalar: f did not return a scalar array.
    """
    from scipy.optimize import minimize as minimized

    check("method", (method,), METHODS)
    for word, number, kind, words, example in (
        ("tolerance", tolerance, Real, "positive number", "1e-8"),
        ("most", most, Integral, "whole number of 1 or more", "100"),
    ):
        if number is not None and not (isinstance(number, kind) and number > 0):
            raise UsageError(f"{word}={number!r} is no {words}; write for example {word}={example}")
    name = name_of(f)
    second, own = METHODS[method], How(backend, hessian, dtype, device, framework)
    plain = How(backend, None, dtype, device, framework)
    value, gradient = (prepared(operator, f, x0, data, plain) for operator in ("objective", "gradient"))
    curvature = prepared(second, f, x0, data, own)
    options = {option: n for option, n in (("gtol", tolerance), ("maxiter", most)) if n is not None}
    if method == "Newton-CG" and tolerance is not None:
        options = {"xtol": tolerance, **{option: n for option, n in options.items() if option != "gtol"}}
    if second == "hessian":
        curved = {"hess": _numbers(curvature.call, f"the Hessian of {name}")}
    else:
        curved = {"hessp": _products(curvature.call, name)}
    with _in_range(name):
        found = minimized(
            _numbers(value.call, name),
            value.start,
            jac=_numbers(gradient.call, f"the gradient of {name}"),
            method=method,
            options=options,
            **curved,
        )
    for part in ("x", "jac"):
        if value.layout and part in found:
            found[part] = value.layout.shaped(found[part])
    return found


def _numbers(call: Callable[..., FloatArray], what: str) -> Callable[..., Any]:
    """A derivative, or the value, in float64, in which SciPy computes; what no step can be judged by is refused."""

    def numbers(x: FloatArray, *vectors: FloatArray) -> Any:
        found = np.asarray(call(x, *vectors), dtype=np.float64)
        if np.all(np.isfinite(found)) or (found.ndim == 0 and found == np.inf):  # a step to +inf is not taken
            return found if found.ndim else float(found)
        shown = np.array2string(x[:4], precision=4, separator=", ") + (" and so on" if x.size > 4 else "")
        raise UsageError(f"{what} is not finite on the way, at x = {shown}; start nearer to a minimum")

    return numbers


def _products(call: Callable[..., FloatArray], name: str) -> Callable[..., Any]:
    """Products with the Hessian; where v'Hv overflows, the loop of trust-ncg would stand still and never end."""
    product = _numbers(call, f"the Hessian of {name}")

    def products(x: FloatArray, v: FloatArray) -> Any:
        with np.errstate(over="ignore", invalid="ignore"):
            if np.isfinite(v @ v) and np.isfinite(v @ (found := product(x, v))):
                return found
        raise UsageError(OUT_OF_RANGE.format(name))

    return products


@contextmanager
def _in_range(name: str) -> Iterator[None]:
    """A block in which SciPy's factorization of what f has given may overflow, which it says in words of its own."""
    try:
        yield
    except ValueError as error:
        if SCIPYS_WORDS not in str(error):
            raise
        raise UsageError(OUT_OF_RANGE.format(name)) from None

"""Second derivatives of a plain NumPy function by other packages: numdifftools and SciPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from hessbench.backends.contract.arrays import Array, FloatArray
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, declare
from hessbench.backends.contract.refusal import KnownFault, Refusal
from hessbench.backends.contract.words import Execution

KINKED = ("abs", "clip", "max", "maximum", "min", "minimum", "sign", "where")
"""Names of the vocabulary with which f may have kinks."""

numdifftools = Lazy("numdifftools")
differentiate = Lazy("scipy.differentiate")

Function = Callable[..., Any]


def _numdifftools(method: str, kind: str = "Hessian") -> Callable[[Function], Function]:
    def build(f: Function) -> Function:
        derivative = getattr(numdifftools, kind)

        def second(x: Array, *data: Array) -> FloatArray:
            found = derivative(lambda y: f(y, *data), method=method)(x)
            return np.asarray(found).astype(x.dtype)

        return second

    return build


def _scipy(f: Function) -> Function:
    """SciPy wants f vectorized over trailing axes, which an objective of one point is not."""

    def hessian(x: Array, *data: Array) -> FloatArray:
        found = differentiate.hessian(lambda points: np.apply_along_axis(lambda y: f(y, *data), 0, points), x)
        return np.asarray(found.ddf).astype(x.dtype)

    return hessian


COMPLEX = (
    Refusal(
        "silently wrong: NumPy's function of complex numbers is not the analytic one",
        ("abs", "vecdot", "linalg.cholesky", "linalg.eigvalsh", "linalg.slogdet"),
    ),
    Refusal("NumPy has no such function of complex numbers", ("atan2", "logaddexp")),
)
MULTICOMPLEX = (
    Refusal("silently wrong in numdifftools 0.11", ("acos", "asin", "atan", "expm1", "vecdot")),
    Refusal(
        "bicomplex numbers lack it in numdifftools 0.11",
        (
            "atan2",
            "logaddexp",
            "mean",
            "linalg.cholesky",
            "linalg.det",
            "linalg.eigvalsh",
            "linalg.inv",
            "linalg.slogdet",
            "linalg.solve",
        ),
    ),
    Refusal("an array of bicomplex numbers has no dtype beside plain ones in numdifftools 0.11", ("arange",)),
)

_EAGER: tuple[Execution, ...] = ("eager",)

METHODS: tuple[Method, ...] = (
    *declare(
        "numdifftools",
        _EAGER,
        _numdifftools("central"),
        operator="hessian",
        mode="difference-over-difference",
        accuracy=2 / 3,
        stock="numdifftools.Hessian",
        cost="30 n^2 objectives",
        faults=(KnownFault("its steps reach across kinks that are near", KINKED, ("wrong",)),),
        requires=("numdifftools",),
        assembly="stock",
        summary="Central differences with adaptive extrapolation.",
    ),
    *declare(
        "numdifftools-complex",
        _EAGER,
        _numdifftools("complex"),
        operator="hessian",
        mode="difference-over-complex",
        accuracy=1 / 2,
        stock="numdifftools.Hessian",
        cost="n^2 complex objectives",
        refusals=COMPLEX,
        requires=("numdifftools",),
        assembly="stock",
        summary="Differences of complex steps, extrapolated.",
    ),
    *declare(
        "numdifftools-multicomplex",
        _EAGER,
        _numdifftools("multicomplex"),
        operator="hessian",
        mode="complex-over-complex",
        stock="numdifftools.Hessian",
        cost="n^2 / 2 bicomplex objectives",
        refusals=MULTICOMPLEX,
        faults=(
            KnownFault("x**2 of a negative x is silently wrong by 15 % in 0.11", ("pow", "square"), ("wrong",)),
            KnownFault(
                "raises where plain numbers stand beside bicomplex ones, or are what f returns",
                outcomes=("error",),
                says=r"(?i)bicomplex|'(int|float|numpy\.float64)' object has no attribute|ufunc",
            ),
        ),
        requires=("numdifftools",),
        assembly="stock",
        summary="Bicomplex numbers, exact in principle.",
    ),
    *declare(
        "numdifftools-diagonal",
        _EAGER,
        _numdifftools("central", "Hessdiag"),
        operator="diagonal",
        mode="difference-over-difference",
        accuracy=2 / 3,
        stock="numdifftools.Hessdiag",
        cost="30 n objectives",
        requires=("numdifftools",),
        assembly="stock",
        summary="Second central differences with adaptive extrapolation.",
    ),
    *declare(
        "scipy-differentiate",
        _EAGER,
        _scipy,
        operator="hessian",
        mode="difference-over-difference",
        accuracy=2 / 3,
        stock="scipy.differentiate.hessian",
        requires=("scipy",),
        assembly="stock",
        cost="140 n^2 objectives",
        faults=(
            KnownFault(
                "its first step of 0.5 leaves the domain of log and sqrt near 0, and the result is NaN",
                ("log", "log10", "log1p", "log2", "sqrt"),
                ("wrong",),
                says="NaN",
            ),
        ),
        refusals=(Refusal("140 n^2 evaluations of f take longer than anybody waits", above=64),),
        summary="Eighth-order differences of differences, refined until they agree.",
    ),
)

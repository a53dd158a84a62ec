"""The closed vocabulary: the names of the Python array API standard (2023.12) that an objective may use.

Closed, because every name is tested on every backend against NumPy. Arithmetic, comparison and slicing with
positive steps are part of it; item assignment, array methods, indexing by an array (use `xp.take`) and
negative steps (use `xp.flip`) are not. For a product with a vector write `xp.matmul(A, x)`: `A @ x` raises in
TensorFlow. Creation functions follow the working dtype, except NumPy's in float32: pass `dtype=x.dtype` there.
Source: https://data-apis.org/array-api/2023.12/
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

ELEMENTWISE = (
    "abs",
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "cos",
    "cosh",
    "exp",
    "expm1",
    "log",
    "log10",
    "log1p",
    "log2",
    "logaddexp",
    "maximum",
    "minimum",
    "pow",
    "sign",
    "sin",
    "sinh",
    "sqrt",
    "square",
    "tan",
    "tanh",
    "where",
)
CREATION = ("arange", "asarray", "eye", "full", "linspace", "ones", "ones_like", "tril", "triu", "zeros", "zeros_like")
SHAPE = (
    "broadcast_to",
    "concat",
    "expand_dims",
    "flip",
    "matrix_transpose",
    "permute_dims",
    "reshape",
    "roll",
    "squeeze",
    "stack",
    "take",
)
REDUCTIONS = ("cumulative_sum", "max", "mean", "min", "prod", "sum")
PRODUCTS = ("matmul", "tensordot", "vecdot")
LINALG = ("cholesky", "det", "diagonal", "eigvalsh", "inv", "outer", "slogdet", "solve", "trace")

CONSTANTS = ("e", "inf", "nan", "newaxis", "pi")

VOCABULARY: tuple[str, ...] = (
    *ELEMENTWISE,
    *CREATION,
    *SHAPE,
    *REDUCTIONS,
    *PRODUCTS,
    *(f"linalg.{name}" for name in LINALG),
)


def resolve(xp: Any, name: str) -> Any:
    """The function of a namespace by its vocabulary name; an `AttributeError` where the namespace lacks it."""
    for part in name.split("."):  # "linalg.solve" goes one level down
        xp = getattr(xp, part)
    return xp


class Recorder:
    """A namespace that remembers which of its functions were called for.

    Args:
        xp: The namespace that does the work.
        seen: Gets the names, as in `VOCABULARY`.
        prefix: What stands before names of a namespace within a namespace: "linalg.".
    """

    def __init__(self, xp: Any, seen: set[str], prefix: str = "") -> None:
        self._xp, self._seen, self._prefix = xp, seen, prefix

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._xp, name)
        if name == "linalg":
            return Recorder(value, self._seen, "linalg.")
        self._seen.add(self._prefix + name)
        return value


def operations(objective: Any, x: Any, data: Sequence[Any]) -> frozenset[str]:
    """The names of the vocabulary that an objective uses: it is called once with NumPy.

    What fails in NumPy is left to the method to fail at: then the names so far are returned.

    Returns:
        Names of `VOCABULARY`, those within `linalg` with the prefix.
    """
    seen: set[str] = set()
    try:
        with np.errstate(all="ignore"):
            objective(Recorder(np, seen), x, *data)
    except Exception:  # a user's function can raise anything
        pass
    return frozenset(seen)

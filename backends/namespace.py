"""The closed vocabulary: the names of the Python array API standard (2023.12) that an objective may use.

Closed, because every name is tested on every backend against NumPy. Arithmetic, comparison and
basic slicing with operators are part of it; item assignment and array methods are not.
For a product with a vector write `xp.matmul(A, x)`: `A @ x` raises in TensorFlow.
Source: https://data-apis.org/array-api/2023.12/ ; what each framework lacks: docs/fairness.md.
"""

from __future__ import annotations

from typing import Any

ELEMENTWISE = (
    "abs", "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cos", "cosh", "exp", "expm1",
    "log", "log10", "log1p", "log2", "logaddexp", "maximum", "minimum", "pow", "sign", "sin", "sinh",
    "sqrt", "square", "tan", "tanh", "where",
)  # fmt: skip
CREATION = ("arange", "asarray", "eye", "full", "linspace", "ones", "ones_like", "tril", "triu", "zeros", "zeros_like")
SHAPE = ("broadcast_to", "concat", "expand_dims", "flip", "matrix_transpose", "permute_dims", "reshape", "roll",
         "squeeze", "stack", "take")  # fmt: skip
REDUCTIONS = ("cumulative_sum", "max", "mean", "min", "prod", "sum")
PRODUCTS = ("matmul", "tensordot", "vecdot")
LINALG = ("cholesky", "det", "diagonal", "eigvalsh", "inv", "outer", "slogdet", "solve", "trace")

VOCABULARY: tuple[str, ...] = (
    *ELEMENTWISE, *CREATION, *SHAPE, *REDUCTIONS, *PRODUCTS, *(f"linalg.{name}" for name in LINALG),
)  # fmt: skip


def resolve(xp: Any, name: str) -> Any:
    """The function of a namespace by its vocabulary name ("linalg.solve" goes one level down).

    Raises:
        AttributeError: The namespace lacks the name.
    """
    for part in name.split("."):
        xp = getattr(xp, part)
    return xp

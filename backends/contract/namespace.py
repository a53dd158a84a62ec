"""The vocabulary: the names of the Python array API standard (2024.12) that an objective may use.

Closed, because every name is tested on every backend against NumPy, in value and in derivative, or refused by name
(`backends.standard.lacking`, `docs/vocabulary.md`). `CORE` is what suites are written in, and what every arithmetic of
`backends.numeric` has a rule for; `STANDARD` is the rest. Arithmetic, comparison and slicing with positive steps are
part of it; item assignment and negative steps (use `xp.flip`) are not. Creation functions follow the working dtype,
except NumPy's in float32: pass `dtype=x.dtype` there.
Source: https://data-apis.org/array-api/2024.12/
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

CORE: tuple[str, ...] = (
    *ELEMENTWISE,
    *CREATION,
    *SHAPE,
    *REDUCTIONS,
    *PRODUCTS,
    *(f"linalg.{name}" for name in LINALG),
)
"""What the suites use."""

CONSTANTS = ("e", "inf", "nan", "newaxis", "pi")
INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
TYPES = ("bool", *INTEGERS, "float32", "float64", "complex64", "complex128")

STANDARD: dict[str, tuple[str, ...]] = {
    "operators": (
        *("add", "subtract", "multiply", "divide", "negative", "positive", "reciprocal", "floor_divide", "remainder"),
        *("equal", "not_equal", "less", "less_equal", "greater", "greater_equal"),
    ),
    "elementwise": (
        *("ceil", "floor", "round", "trunc", "clip", "copysign", "hypot", "signbit", "nextafter"),
        *("isfinite", "isinf", "isnan"),
    ),
    "logic": ("logical_and", "logical_not", "logical_or", "logical_xor", "all", "any", "count_nonzero"),
    "bits": ("bitwise_and", "bitwise_invert", "bitwise_left_shift", "bitwise_or", "bitwise_right_shift", "bitwise_xor"),
    "complex": ("conj", "imag", "real"),
    "creation": ("empty", "empty_like", "from_dlpack", "full_like", "meshgrid"),
    "types": ("astype", "can_cast", "finfo", "iinfo", "isdtype", "result_type"),
    "shape": ("broadcast_arrays", "moveaxis", "repeat", "tile", "unstack"),
    "searching": ("argmax", "argmin", "argsort", "nonzero", "searchsorted", "sort", "take_along_axis"),
    "sets": ("unique_all", "unique_counts", "unique_inverse", "unique_values"),
    "statistics": ("cumulative_prod", "diff", "std", "var"),
    "linalg": (
        *("linalg.cross", "linalg.eigh", "linalg.matmul", "linalg.matrix_norm", "linalg.matrix_power"),
        *("linalg.matrix_rank", "linalg.matrix_transpose", "linalg.pinv", "linalg.qr", "linalg.svd", "linalg.svdvals"),
        *("linalg.tensordot", "linalg.vecdot", "linalg.vector_norm"),
    ),
    "fft": (
        *("fft.fft", "fft.ifft", "fft.fftn", "fft.ifftn", "fft.rfft", "fft.irfft", "fft.rfftn", "fft.irfftn"),
        *("fft.hfft", "fft.ihfft", "fft.fftfreq", "fft.rfftfreq", "fft.fftshift", "fft.ifftshift"),
    ),
}
"""What the standard has beside the core, by group."""

VOCABULARY: tuple[str, ...] = (*CORE, *(name for names in STANDARD.values() for name in names))


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
        if name in ("linalg", "fft") and not self._prefix:
            return Recorder(value, self._seen, f"{name}.")
        self._seen.add(self._prefix + name)
        return value


def operations(objective: Any, x: Any, data: Sequence[Any]) -> frozenset[str]:
    """The names of the vocabulary that an objective uses: it is called once with NumPy.

    What fails in NumPy is left to the method to fail at: then the names so far are returned.

    Returns:
        Names of `VOCABULARY`, those within `linalg` and `fft` with the prefix.
    """
    seen: set[str] = set()
    try:
        with np.errstate(all="ignore"):
            objective(Recorder(np, seen), x, *data)
    except Exception:  # a user's function can raise anything
        pass
    return frozenset(seen)

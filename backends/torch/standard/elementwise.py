"""Functions of each entry: steps which `vmap` cannot do are replaced, and Python's numbers are taken.

Imported with `namespace`; not through `Lazy`, which Dynamo does not trace.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

OF_ONE = (
    *("abs", "acos", "acosh", "asin", "asinh", "atan", "atanh", "ceil", "cos", "cosh", "exp", "expm1", "floor"),
    *("log", "log10", "log1p", "log2", "round", "sin", "sinh", "sqrt", "square", "tan", "tanh", "trunc"),
)
"""Functions of one array."""


def of_number(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of one array that takes Python's numbers, too, which PyTorch's own refuses."""

    def of_array(x: Any, /, *rest: Any, **options: Any) -> Any:
        return function(torch.tensor(x) if isinstance(x, (int, float)) else x, *rest, **options)

    return of_array


@of_number
def sign(x: Any, /) -> Any:
    """The sign, NaN of NaN; array-api-compat writes to the entries where a condition holds."""
    return torch.sgn(x) if x.dtype.is_complex else torch.where(torch.isnan(x), x, torch.sign(x))


def imag(x: Any, /) -> Any:
    """The imaginary part; that of an array which is only marked as conjugate would be marked as negative."""
    return torch.imag(torch.resolve_conj(x))

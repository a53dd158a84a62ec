"""Functions of each entry that array-api-compat takes to steps which `vmap` cannot do.

Imported with `namespace`; not through `Lazy`, which Dynamo does not trace.
"""

from __future__ import annotations

from typing import Any

import torch


def sign(x: Any, /) -> Any:
    """The sign, NaN of NaN; array-api-compat writes to the entries where a condition holds."""
    return torch.sgn(x) if x.dtype.is_complex else torch.where(torch.isnan(x), x, torch.sign(x))


def imag(x: Any, /) -> Any:
    """The imaginary part; that of an array which is only marked as conjugate would be marked as negative."""
    return torch.imag(torch.resolve_conj(x))

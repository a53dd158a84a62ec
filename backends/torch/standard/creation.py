"""Arrays made of tensors: where PyTorch's own functions would drop derivatives without a word.

`torch.asarray([x[0], x[1]])` and `torch.linspace(x[0], x[1], 5)` make plain numbers of the tensors that they are given,
and `torch.full` takes none.
Imported with `namespace`; not through `Lazy`, which Dynamo does not trace.
"""

from __future__ import annotations

from functools import reduce
from typing import Any

import array_api_compat.torch as compat
import torch


def asarray(obj: Any, /, *, dtype: Any = None, device: Any = None, copy: bool | None = None) -> Any:
    """A tensor from a scalar, a sequence or an array; tensors in a sequence keep their derivatives."""
    if isinstance(obj, torch.Tensor):  # of older PyTorch, torch.asarray drops their derivatives
        return obj.to(dtype=dtype or obj.dtype, device=device or obj.device, copy=bool(copy))
    if not _holds_tensor(obj):
        return compat.asarray(obj, dtype=dtype, device=device, copy=copy)
    entries = [asarray(entry, dtype=dtype, device=device) for entry in obj]
    common = reduce(torch.promote_types, [entry.dtype for entry in entries])
    return torch.stack([entry.to(common) for entry in entries])


def linspace(
    start: Any, stop: Any, /, num: int, *, dtype: Any = None, device: Any = None, endpoint: bool = True
) -> Any:
    """Evenly spaced numbers, by count; ends that are tensors keep their derivatives."""
    if not (isinstance(start, torch.Tensor) or isinstance(stop, torch.Tensor)):
        return compat.linspace(start, stop, num, dtype=dtype, device=device, endpoint=endpoint)
    parts = compat.linspace(0.0, 1.0, num, dtype=dtype, device=device, endpoint=endpoint)
    return start * (1 - parts) + stop * parts


def full(shape: Any, fill_value: Any, *, dtype: Any = None, device: Any = None) -> Any:
    """An array of one number; a tensor keeps its derivatives."""
    if not isinstance(fill_value, torch.Tensor):
        return compat.full(shape, fill_value, dtype=dtype, device=device)
    return fill_value.to(dtype=dtype, device=device).expand(shape).clone()


def full_like(x: Any, /, fill_value: Any, *, dtype: Any = None, device: Any = None) -> Any:
    """An array of one number, in the shape of another; a tensor keeps its derivatives."""
    if not isinstance(fill_value, torch.Tensor):
        return compat.full_like(x, fill_value, dtype=dtype, device=device)
    return full(x.shape, fill_value, dtype=dtype or x.dtype, device=device or x.device)


def stack(arrays: Any, /, *, axis: int = 0) -> Any:
    """Arrays joined along a new axis, and Python's numbers among them."""
    tensors = [entry for entry in arrays if isinstance(entry, torch.Tensor)]
    if tensors and len(tensors) < len(arrays):
        device = tensors[0].device
        arrays = [entry if isinstance(entry, torch.Tensor) else torch.tensor(entry, device=device) for entry in arrays]
    return compat.stack(arrays, axis=axis)


def _holds_tensor(obj: Any) -> bool:
    return isinstance(obj, torch.Tensor) or (isinstance(obj, list | tuple) and any(map(_holds_tensor, obj)))

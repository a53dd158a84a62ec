"""What a person gives as numbers: the point, the vector of a product, further arguments of f."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from hessbench.harness.usage import UsageError
from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.blocks import Layout, flatten, floats, is_nested
from hessbench.suites.definition.given import NotNumbers, numbers


def start_vector(x: Any, what: str = "x", differentiable: bool = True) -> tuple[FloatArray, Layout | None]:
    """The point as a vector, and how it lies in that where it is none itself.

    Args:
        x: The point: a vector, a number, an array of several axes, or nested blocks.
        what: What it is called in a message.
        differentiable: Whether derivatives are taken by it, so that integers will not do; else they become floats.

    Returns:
        The vector, and the layout or None.

    Raises:
        UsageError: The point does not consist of floats.
    """
    try:
        if is_nested(x):
            return flatten(x, what, differentiable)
        vector = numbers(x, what, "give a number, an array, or a dict, list or tuple of arrays")
    except NotNumbers as error:
        raise UsageError(str(error)) from None
    if vector.size == 0:
        raise UsageError(f"{what} has shape {vector.shape}, so it holds no numbers; give one or more")
    if not differentiable:
        vector = floats(vector)
    if not np.issubdtype(vector.dtype, np.floating):
        raise UsageError(f"{what} has dtype {vector.dtype}, which has no derivatives; give floats: 1.0 instead of 1")
    return (vector, None) if vector.ndim == 1 else (vector.reshape(-1), Layout.of_array(vector.shape))


def direction(v: Any, x: FloatArray, layout: Layout | None) -> FloatArray:
    """The vector of a product as one.

    Args:
        v: The vector as a person gives it.
        x: The point, (n,).
        layout: How the point lies in that.

    Returns:
        The vector, (n,).

    Raises:
        UsageError: It has another shape or structure than x, or entries that are not finite.
    """
    vector, own = start_vector(v, "v", differentiable=False)
    if not np.isfinite(vector).all():
        raise UsageError("v has entries that are NaN or infinite; give finite numbers")
    mine, its = (_shape(vector, own), _shape(x, layout))
    if mine != its and None not in (mine, its):
        raise UsageError(f"v has shape {mine}, x has shape {its}; give them the same")
    if vector.shape != x.shape or (own and not (layout and own.fits(layout))):
        raise UsageError("v is nested in another way than x; give them the same structure")
    return vector


def _shape(vector: FloatArray, layout: Layout | None) -> tuple[int, ...] | None:
    """The shape of what a person gave; None where it was nested."""
    if layout is None:
        return vector.shape
    return layout.shapes[0] if layout.is_array else None


def data_arrays(data: Iterable[Any], portable: bool) -> tuple[FloatArray, ...]:
    """Further arguments of f as NumPy arrays, integers of a portable f in 64 bits; `UsageError` says which is none."""
    try:
        arrays = [numbers(part, f"data {place}") for place, part in enumerate(data)]
    except NotNumbers as error:
        raise UsageError(str(error)) from None
    return tuple(_integers(array, portable) if array.dtype.kind in "iu" else array for array in arrays)


def _integers(array: FloatArray, wide: bool) -> FloatArray:
    # Narrow ones are no indices in some frameworks (uint8 a mask in PyTorch), and others divide them in float32.
    fits = array.dtype.kind == "i" or array.itemsize < 8 or array.max(initial=0) <= np.iinfo(np.int64).max
    return array.astype(np.int64 if wide and fits else array.dtype.newbyteorder("="), copy=False)

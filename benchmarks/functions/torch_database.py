"""Calls out of PyTorch's own database of operators, with the arguments that its tests use."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
from arguments import as_argument

from hessbench.backends.scripts.calls import TUPLE, Call, found

LONGEST = 4000
"""Characters of a call: larger samples have nothing to add."""
SAMPLES, VARIANTS = 100, 3
"""So many samples of an operator are looked at, and so many kept, of different keywords."""


NOT_THE_DERIVATIVE = ("max_norm", "scale_grad_by_freq")
"""Keywords with which PyTorch changes the variable in place, or means something else by the derivative, as it says."""


@cache
def on_tensors() -> set[Any]:
    """PyTorch's own register of what takes tensors: the rest sets things up."""
    from torch.overrides import get_overridable_functions

    return {function for functions in get_overridable_functions().values() for function in functions}


def database(every: bool = False) -> Iterator[tuple[str, Call]]:
    """Calls out of PyTorch's own database of operators, the smallest of each set of keywords, or every one.

    Args:
        every: Whether all samples are yielded that are looked at.

    Yields:
        The variant of the operator, and the call.
    """
    import torch
    from torch.testing._internal.common_methods_invocations import op_db

    for op in op_db:
        if not op.supports_autograd:
            continue
        torch.manual_seed(0)
        path = next(
            (p for p in (f"torch.{op.name.removeprefix('torch.')}", f"torch.Tensor.{op.name}") if is_there(p)), None
        )
        if path is None:
            continue
        kept: list[tuple[int, str, Call]] = []
        try:
            for sample in itertools.islice(op.sample_inputs("cpu", torch.float64, requires_grad=False), SAMPLES):
                arguments = [encoded(a) for a in (sample.input, *sample.args)]
                keywords = {k: encoded(a) for k, a in sample.kwargs.items()}
                if any(keywords.get(word) for word in NOT_THE_DERIVATIVE):
                    continue
                call = Call(path, tuple(arguments), keywords)
                text = call.text()
                kept.append((len(text), ",".join(sorted(keywords)), call))
        except Exception:
            pass
        kept = [entry for entry in sorted(kept, key=lambda entry: entry[0]) if entry[0] < LONGEST]
        shapes: set[str] = set()
        for _, keys, call in kept:
            if every or (keys not in shapes and len(shapes) < VARIANTS):
                shapes.add(keys)
                yield op.variant_test_name, call


def encoded(argument: Any) -> Any:
    """An argument of PyTorch as JSON."""
    import torch

    if isinstance(argument, torch.Tensor):
        array = argument.detach().numpy()
        return as_argument(np.round(array, 3) if array.dtype.kind in "fc" else array)
    if isinstance(argument, tuple):
        return {TUPLE: [encoded(part) for part in argument]}
    if isinstance(argument, list):
        return [encoded(part) for part in argument]
    if argument is None or isinstance(argument, bool | int | float | str):
        return argument
    raise TypeError(type(argument).__name__)


def is_there(path: str) -> bool:
    """Whether there is a function of that name."""
    try:
        found(path)
    except AttributeError:
        return False
    return True

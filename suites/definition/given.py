"""Arrays as a person gives them: NumPy arrays of numbers, or one line that says what was given, and what to give.

NumPy makes an array of anything: of None, of a dict, of a text. What is no array of numbers would fail in every
framework with another message, or in one of them be computed with.
"""

from __future__ import annotations

from collections.abc import Iterator, MappingView
from typing import Any

import numpy as np

from hessbench.suites.definition.arrays import FloatArray


class NotNumbers(ValueError):
    """What was given is no array of numbers; the message says what it is and what to give instead, in one line."""


REAL = "fiub"
"""Kinds of dtypes that are real numbers: floats, integers, Booleans."""
BESIDE = "let f read it beside its arguments, or give numbers"


def numbers(given: Any, what: str, instead: str = BESIDE) -> FloatArray:
    """An array of any framework as a NumPy array of numbers.

    Args:
        given: The array, a nested list, or a number; PyTorch's tensors may ask for gradients.
        what: What it is called in a message ("x", "data 0").
        instead: What to do where no array was given at all.

    Returns:
        The array, of floats, integers or Booleans.

    Raises:
        NotNumbers: It is none.
    """
    if type(given) is np.ndarray and given.dtype.kind in REAL:  # at every call of `hb.hessian`: no time for questions
        return given
    if said := _no_array(given, instead):
        raise NotNumbers(f"{what} is {said}")
    try:
        array = np.asarray(given.detach().cpu() if hasattr(given, "detach") else given)
    except Exception as error:  # an array of another framework may refuse, a list may be ragged
        raise NotNumbers(_cannot(error, what)) from None
    if said := _no_numbers(array):
        raise NotNumbers(f"{what} {said}")
    return array


def _no_array(given: Any, instead: str) -> str:
    """What is given in the place of an array, with the remedy; empty where it may be one."""
    if given is None:
        return f"None; {instead}"
    if isinstance(given, str | bytes):
        return f"the text {given[:40]!r}; {instead}"
    if isinstance(given, dict | set | frozenset):
        return f"a {type(given).__name__}; give its arrays one by one"
    if hasattr(given, "toarray") and hasattr(given, "nnz"):
        name = type(given).__name__
        return f"a sparse matrix ({name}); give .toarray(), or its arrays (.data, .indices, ...) one by one"
    if isinstance(given, np.ma.MaskedArray) and np.ma.is_masked(given):
        return "a masked array; give .filled(0.0), and the mask as one more array"
    if hasattr(given, "named_parameters"):
        return f"a module of PyTorch's ({type(given).__name__}); {_parameters('dict(net.named_parameters())', instead)}"
    if hasattr(given, "trainable_variables"):
        weights = "[v.numpy() for v in net.trainable_variables]"
        return f"a model of Keras's ({type(given).__name__}); {_parameters(weights, instead)}"
    if isinstance(given, Iterator | MappingView):
        name = type(given).__name__
        return f"a {name}; give list(...) of it" + (
            ", of a module dict(net.named_parameters())" if name == "generator" else ""
        )
    if callable(given) and not hasattr(given, "__array__"):
        name = getattr(given, "__name__", "")
        return f"{f'the function {name}' if name else f'a {type(given).__name__}, which is a function'}; {instead}"
    return ""


def _parameters(of_net: str, instead: str) -> str:
    """What to give where x was to be a module's parameters; data are no such thing."""
    return instead if instead == BESIDE else f"give {of_net}"


def _cannot(error: Exception, what: str) -> str:
    first = (str(error).splitlines() or [""])[0]
    if "inhomogeneous" in first:
        return f"{what} has rows of different lengths; give them one by one, or fill them up"
    return f"{what} cannot be made a NumPy array ({type(error).__name__}: {first[:120]}); give a NumPy array"


def _no_numbers(array: FloatArray) -> str:
    """Why an array is none of real numbers, with the remedy; empty where it is."""
    kind = array.dtype.kind
    if kind in REAL:
        return ""
    if kind == "c":
        return "is complex; give its parts one by one, .real and .imag"
    if kind in "US":
        return "holds texts; give numbers, such as their places in a list"
    if kind in "mM":
        return f"holds dates or times ({array.dtype}); give numbers: .astype('int64')"
    if kind == "O":
        return _of_objects(array)
    return f"has dtype {array.dtype}; give .astype(float)"


def _of_objects(array: FloatArray) -> str:
    name = next((type(entry).__name__ for entry in array.flat if not isinstance(entry, int | float)), "int")
    if name in ("NoneType", "NAType", "NaTType"):
        return (
            f"has missing values ({name}); fill them in, or leave them out: .dropna(), .to_numpy(float, na_value=0.0)"
        )
    return f"holds objects of type {name}; give numbers: np.asarray(..., dtype=float)"

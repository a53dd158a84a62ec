"""A first look at a user's function with NumPy, before any framework meets it: what it uses and must not do."""

from __future__ import annotations

import dis
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hessbench.backends.contract.interface import Backend, FloatArray, Objective
from hessbench.backends.contract.namespace import operations
from hessbench.backends.numeric.hyper_dual import HyperDual, namespace
from hessbench.backends.numeric.lifted import value_of
from hessbench.harness.judging.explain import RANDOM, RANDOM_NATIVE


@dataclass(frozen=True, slots=True)
class Probe:
    """What one evaluation of f has shown.

    Attributes:
        operations: Names of the vocabulary that f uses.
        changes: The argument that f changed in place ("x", "data 0"), or the empty string.
        drops: Whether f makes plain numbers of x: frameworks that compute eagerly lose their derivatives silently.
        value: What f is at x where no derivative of it means anything: "NaN", "infinite", or the empty string.
        strange: What two calls at one point have shown that no function of x does, or the empty string.
        framework: Whose arrays f returns where NumPy's were given ("jax"), or the empty string.
        narrow: The dtype that f returns where x is float64 and it is less ("float32"), or the empty string.
    """

    operations: frozenset[str]
    changes: str
    drops: bool
    value: str
    strange: str = ""
    framework: str = ""
    narrow: str = ""


def probe(f: Callable[..., Any], x: FloatArray, data: Sequence[FloatArray]) -> Probe:
    """Call f on copies of its arguments."""
    mine = _copies(x, data)
    used = operations(f, mine[0], mine[1:])
    strange, framework, narrow = twice(f, _copies(x, data))
    drops, value = _lifted(f, x, data)
    return Probe(
        *(used, _changed(mine, (x, *data)), drops, no_number(f, x, data)),
        *(strange or _two_names(f, x, data, value), framework, narrow),
    )


def probe_native(backend: Backend, text: Objective, x: FloatArray, data: Sequence[FloatArray]) -> Probe:
    """Call a framework's own function thrice, eagerly: what it does inside is not seen, what comes out is.

    Args:
        backend: The framework, in its scope.
        text: The native text.
        x: The point, (n,).
        data: Further arguments of f.

    Returns:
        What was seen; nothing where f cannot be called, which its methods will tell.
    """
    mine = _copies(x, data)
    try:
        arrays = [backend.asarray(array) for array in mine]
        before = [backend.to_numpy(array).copy() for array in arrays]
        first = np.asarray(backend.to_numpy(backend.bind(text)(*arrays)))
        others = [backend.to_numpy(backend.bind(text)(*map(backend.asarray, mine))) for _ in range(2)]
        changes = _changed([backend.to_numpy(array) for array in arrays], before)
    except Exception:  # a user's function can raise anything
        return Probe(frozenset(), "", False, "")
    numbers = first.dtype.kind not in "SU"  # of text nobody can ask whether it is NaN
    # a few entries may be dropped alike
    same = all(np.array_equal(first, other, equal_nan=numbers) for other in others)
    strange = _no_float(first.dtype) if same else RANDOM_NATIVE
    value = _no_number(first) if numbers else ""
    return Probe(frozenset(), changes, False, value, strange, narrow=_narrow(first.dtype))


NARROW = ("float32", "float16", "bfloat16")


def _narrow(dtype: Any) -> str:
    """A dtype where it is less than float64, else the empty string."""
    name = str(dtype).rpartition(".")[2]
    return name if name in NARROW else ""


def _copies(x: FloatArray, data: Sequence[FloatArray]) -> list[FloatArray]:
    return [np.array(x, dtype=np.float64), *map(np.array, data)]


def _changed(mine: Sequence[FloatArray], theirs: Sequence[FloatArray]) -> str:
    """The first argument that is not what it was ("x", "data 0"), or the empty string."""
    names = ["x", *(f"data {i}" for i in range(len(mine) - 1))]
    return next(
        (
            name
            for name, one, other in zip(names, mine, theirs, strict=True)
            if not np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
        ),
        "",
    )


def twice(f: Callable[..., Any], mine: Sequence[FloatArray]) -> tuple[str, str, str]:
    """What two calls of f at one point show; empty where f cannot be called with NumPy.

    Args:
        f: The function f(xp, x, *data).
        mine: Copies of x, (n,), and of the data; the first call gets them, the second gets copies of these.

    Returns:
        What no function of x does, the framework whose arrays f returns, and a dtype less than float64 that it returns.
    """
    try:
        with np.errstate(all="ignore"):
            again = [np.array(array) for array in mine]
            first, second = f(np, *mine), f(np, *again)
            same = bool(np.array_equal(first, second, equal_nan=True))
    except IndexError as error:
        return _out_of_range(error), "", ""
    except Exception:  # a user's function can raise anything
        return "", "", ""
    narrow = _narrow(getattr(first, "dtype", "float64"))
    module = type(first).__module__.partition(".")[0]
    framework = next((name for name, modules in FRAMEWORKS.items() if module in modules), "")
    if type(first) is not type(second):
        kinds = f"{type(first).__name__}, then {type(second).__name__}"
        return f"returns another type at each call ({kinds}); return one scalar array always", framework, narrow
    if not same:
        return RANDOM, framework, narrow
    return _no_float(getattr(first, "dtype", None)), framework, narrow


def _out_of_range(error: IndexError) -> str:
    """Which index of f is out of range, by NumPy's words, or the empty string; some frameworks take the last entry."""
    found = re.search(r"index (-?\d+) is out of bounds for axis \d+ with size (\d+)", str(error))
    return f"takes index {found[1]} of {found[2]} entries, which is out of range; JAX would clamp it" if found else ""


def _no_float(dtype: Any) -> str:
    """That a value of this dtype has no derivatives, or the empty string."""
    kind = getattr(dtype, "kind", "f")
    if kind in "SU":
        return "returns text; it must return a scalar array of floats"
    if kind == "c":
        return f"returns {dtype}; a complex number has no Hessian: return xp.real(...), or xp.abs(...) ** 2"
    return f"returns {dtype}, which has no derivatives; return floats: xp.astype(..., x.dtype)" if kind in "biu" else ""


FRAMEWORKS = {"jax": ("jax", "jaxlib"), "torch": ("torch",), "tensorflow": ("tensorflow",)}
"""Top-level modules of arrays that are not NumPy's."""

FOREIGN = (
    "{} in {}: returns an array of {} where NumPy's were given: it calls that framework's functions; write xp.sin for "
    "theirs, or pass it as a native text"
)

NO_NUMBER = "{} in {}: is {} at this x, so it has no derivatives there; choose another x"


def refusal(seen: Probe, name: str, backend: str) -> str:
    """Why a function is not differentiated anywhere, or the empty string: it changes its arguments, or is NaN.

    Returns:
        The reason. An infinite value is none: f may have overflowed where its derivatives are known and finite.
    """
    if seen.changes:
        return (
            f"{name} in {backend}: changes its argument {seen.changes} in place; build a new array with xp.where, "
            "xp.stack or xp.concat"
        )
    if seen.strange:
        return f"{name} in {backend}: {seen.strange}"
    if seen.framework not in ("", backend):
        return FOREIGN.format(name, backend, seen.framework)
    return NO_NUMBER.format(name, backend, seen.value) if seen.value == "NaN" else ""


def misfit(f: Callable[..., Any], x: FloatArray, data: Sequence[FloatArray], name: str) -> str:
    """Why values of f in NumPy are not those of one function of x, or the empty string."""
    mine = _copies(x, data)
    strange, framework, _ = twice(f, mine)
    if not strange and writes_in_place(f):
        strange = _two_names(f, x, data, _lifted(f, x, data)[1])
    return refusal(Probe(frozenset(), _changed(mine, (x, *data)), False, "", strange, framework), name, "numpy")


def no_number(f: Callable[..., Any], x: FloatArray, data: Sequence[FloatArray]) -> str:
    """What f is at x in NumPy where that is no number: "NaN", "infinite"; else, and where it cannot tell, nothing."""
    try:
        with np.errstate(all="ignore"):
            return _no_number(f(np, np.array(x), *map(np.array, data)))
    except Exception:  # a user's function can raise anything
        return ""


def _no_number(value: Any) -> str:
    return "NaN" if np.isnan(value) else "infinite" if np.isinf(value) else ""


def _lifted(f: Callable[..., Any], x: FloatArray, data: Sequence[FloatArray]) -> tuple[bool, float | None]:
    """One evaluation with hyper-dual numbers: they refuse to be plain numbers, and no name sees another's changes.

    Args:
        f: The function f(xp, x, *data).
        x: The point, (n,).
        data: Further arguments of f.

    Returns:
        Whether f makes plain numbers of x, and its value; None where they have no rule for what f does.
    """
    x = np.asarray(x, dtype=np.float64)
    try:
        with np.errstate(all="ignore"):
            y = f(namespace(), HyperDual(x, x, x, np.zeros_like(x)), *(np.array(array) for array in data))
    except TypeError as error:
        return "real number, not" in str(error), None
    except Exception:  # a user's function can raise anything
        return False, None
    value = value_of(y)
    return False, float(value) if isinstance(value, np.ndarray | np.floating) and not np.ndim(value) else None


TWO_NAMES = (
    "changes an array in place that has a second name (+= and its like), which some frameworks' arrays see and others' "
    "do not; write z = z + x"
)
SAME = 1e-9
"""Relative difference of two values that rounding explains."""


def writes_in_place(f: Any) -> bool:
    """Whether the text of f has an augmented assignment; of functions that it calls nothing is known."""
    code = getattr(getattr(f, "f", f), "__code__", None)
    return code is not None and any(i.opname == "BINARY_OP" and i.argrepr.endswith("=") for i in dis.Bytecode(code))


def _two_names(f: Callable[..., Any], x: FloatArray, data: Sequence[FloatArray], value: float | None) -> str:
    """That f means one thing where arrays change in place, and another where they do not; else the empty string."""
    if value is None or not writes_in_place(f):
        return ""
    try:
        with np.errstate(all="ignore"):
            plain = float(f(np, *_copies(x, data)))
    except Exception:  # a user's function can raise anything
        return ""
    differ = np.isfinite(plain) and np.isfinite(value) and abs(plain - value) > SAME * max(abs(plain), abs(value))
    return TWO_NAMES if differ else ""

"""Patterns whatever the arguments of a function: data first, by name, and options that the standard does not have."""

import re

import numpy as np
import pytest

from hessbench.backends.contract.namespace import VOCABULARY, resolve
from hessbench.backends.numeric.reference import reference
from hessbench.backends.sparsity.detection import Variables, global_pattern, probed_pattern
from hessbench.backends.sparsity.pattern import Pattern

AT, OTHER = np.array([0.7, 0.4, 1.1, 0.6]), np.array([0.3, 0.9, 1.4, 2.2])
MATRIX = np.diag(OTHER) + 0.1


def curved(objective):
    """Where the Hessian of f is not zero, by differences beyond their error."""
    known = reference("hessian", objective, AT, ())
    large = np.maximum(10 * known.bound, 1e-4 * np.max(np.abs(known.value), initial=1e-300))
    return Pattern.of_matrix(np.abs(known.value) > large)


SECOND = {
    "vectors": lambda f, xp, x: f(OTHER, x),
    "indices": lambda f, xp, x: f(OTHER, xp.argsort(x)),
    "a matrix and a vector": lambda f, xp, x: f(MATRIX, x),
    "matrices": lambda f, xp, x: f(MATRIX, xp.reshape(xp.concat([x] * 4), (4, 4))),
    "the second of three": lambda f, xp, x: f(OTHER > 1, x, OTHER),
    "the third of three": lambda f, xp, x: f(OTHER > 1, OTHER, x),
}
"""Data first, and what depends on x behind it: NumPy asks only some arguments who is to compute."""
NONE = r"keyword 'out'|by numbers made of x|copysign|meshgrid|matrix_rank"
"""What is no call of the standard though NumPy takes it: a third argument, indices in the place of a number."""


def added(value):
    parts = value if isinstance(value, list | tuple) else [value]
    return [(part, np.linspace(1.0, 1.7, int(np.prod(np.shape(part)))).reshape(np.shape(part))) for part in parts]


def behind(name, call):
    """A function of data and x, added up and times a variable, so that what it is linear in shows too."""

    def objective(xp, x):
        total = sum(xp.sum(part * weight) for part, weight in added(call(resolve(xp, name), xp, x)))
        return xp.asarray(total) * x[0]

    return objective


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_arguments_behind_data_count_whatever_the_function():
    """Where NumPy can compute it, the pattern misses nothing, or it is refused as what it is."""
    found, lines = set(), []
    for name in sorted(VOCABULARY):
        for form, call in SECOND.items():
            objective = behind(name, call)
            try:
                assert np.shape(objective(np, AT)) == ()
                true = curved(objective)
            except Exception:
                continue  # no such call
            try:
                assert global_pattern(objective, AT).contains(true)
                assert probed_pattern(objective, [AT]).contains(true)
                found.add(name)
            except Exception as error:
                lines.append(f"{name} {form}: {error}")
    assert [line for line in lines if not re.search(NONE, line)] == []
    several = {"take", "take_along_axis", "searchsorted", "where", "linspace", "full_like", "clip", "vecdot", "hypot"}
    assert several | {"matmul", "linalg.solve", "linalg.outer", "meshgrid", "broadcast_arrays", "pow"} <= found


KEYWORDS = {
    "take": (lambda xp, x: xp.sum(xp.take(OTHER, indices=xp.argsort(x)) * x**2), "00 11 22 33"),
    "take_along_axis": (lambda xp, x: xp.sum(xp.take_along_axis(OTHER, indices=xp.argsort(x)) * x), ""),
    "searchsorted": (lambda xp, x: xp.sum(xp.take(OTHER, xp.searchsorted(OTHER[:3], v=x)) * x**2), "00 11 22 33"),
    "full_like": (lambda xp, x: xp.sum(xp.full_like(OTHER, fill_value=x[1]) ** 2), "11"),
    "clip": (lambda xp, x: xp.sum(xp.clip(OTHER, min=x) ** 2), "00 11 22 33"),
    "linspace": (lambda xp, x: xp.sum(xp.linspace(start=0.0, stop=x[2], num=3) ** 2), "22"),
}


@pytest.mark.parametrize("name", KEYWORDS)
def test_arguments_by_name_count_too(name):
    f, entries = KEYWORDS[name]
    known = Pattern.of_pairs(4, *np.array([(int(i), int(j)) for i, j in entries.split()], dtype=int).reshape(-1, 2).T)
    assert global_pattern(f, AT) == known
    assert probed_pattern(f, [AT]).contains(curved(f))


def test_what_is_asked_of_data_types_is_answered():
    def f(xp, x):
        types = xp.result_type(x, xp.float32), xp.result_type(x.dtype, xp.float32), xp.finfo(x).dtype
        assert set(types) == {np.dtype(np.float64)}
        assert xp.isdtype(x.dtype, "real floating")
        return xp.sum(x**2) * (1 if xp.can_cast(x, xp.float32) else 2)

    assert global_pattern(f, AT).nnz == probed_pattern(f, [AT]).nnz == 4


OUTSIDE = {
    "ravel": lambda x: np.ravel(np.reshape(x, (2, 2))),
    "swapaxes": lambda x: np.swapaxes(np.reshape(x, (2, 2)), 0, 1),
    "diagonal": lambda x: np.diagonal(np.reshape(x, (2, 2))),
    "diag": lambda x: np.diag(x),
    "copy": lambda x: np.copy(x),
    "pad": lambda x: np.pad(x, 1) + np.pad(x, (2, 0), constant_values=3.0),
    "hstack": lambda x: np.hstack([x, x[:1]]),
    "vstack": lambda x: np.vstack([x, x]),
    "column_stack": lambda x: np.column_stack([x, x]),
    "exp2": lambda x: np.exp2(x),
    "cbrt": lambda x: np.cbrt(x),
    "fabs": lambda x: np.fabs(x),
    "deg2rad": lambda x: np.deg2rad(x),
    "rad2deg": lambda x: np.rad2deg(x),
    "fmax": lambda x: np.fmax(x, x[::-1]),
    "fmin": lambda x: np.fmin(x, x[::-1]),
    "fmod": lambda x: np.fmod(x, 0.3),
    "logaddexp2": lambda x: np.logaddexp2(x, x[::-1]),
    "float_power": lambda x: np.float_power(x, 2.5),
    "rint": lambda x: np.rint(3 * x),
    "trace": lambda x: np.trace(np.reshape(np.concat([x, x, x]), (2, 2, 3))),
    "dot": lambda x: np.dot(MATRIX, x) + np.dot(2.0, x),
    "outer": lambda x: np.outer(np.reshape(x, (2, 2)), x[:2]),
    "take": lambda x: np.take(x, np.array([-1, 5]), mode="clip"),
    "shape": lambda x: x * np.shape(x)[0],
    "ndim": lambda x: x * np.ndim(x),
    "size": lambda x: x * np.size(x),
    "concat": lambda x: np.concat([x, x], dtype=np.float32),
    "sign": lambda x: np.real(np.sign(np.fft.fft(x))),
}
"""NumPy's own names that have a rule, with what the standard does not have: options, numbers of axes, complex ones."""


@pytest.mark.parametrize("name", OUTSIDE)
def test_names_outside_the_vocabulary_miss_nothing(name):
    def objective(xp, x):
        return sum(np.sum(np.square(part) * weight) for part, weight in added(OUTSIDE[name](x)))

    true = curved(objective)
    assert global_pattern(objective, AT).contains(true)
    assert probed_pattern(objective, [AT]).contains(true)


def test_every_rule_is_of_a_name_that_is_tried():
    own = {getattr(rule, "__name__", "") for rule in Variables.rules}
    named = {resolve(np, name).__name__ for name in VOCABULARY if hasattr(resolve(np, name), "__name__")}
    assert own - named - set(OUTSIDE) - {"getitem", "unique"} == set()

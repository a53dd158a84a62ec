"""A function that reads something beside its arguments: the answer is that of today, not of when it was built."""

import collections
import contextvars
import functools
import sys
import types

import numpy as np
import pytest

import hessbench as hb
from hessbench.harness.python import computing
from hessbench.harness.python.reading import closed_over

factor = 1.0
elsewhere = types.ModuleType("elsewhere")


def through_a_global(xp, x):
    return factor * xp.sum(x * x)


def through_another_function(xp, x):
    return helper() * xp.sum(x * x)


def helper():
    return factor


def through_a_module(xp, x):
    return elsewhere.factor * xp.sum(x * x)


def through_globals(xp, x):
    return globals()["factor"] * xp.sum(x * x)


def through_an_import(xp, x):
    from elsewhere import factor as imported

    return imported * xp.sum(x * x)


class Model:
    of_the_class = 1.0

    def __init__(self):
        self.factor = 1.0

    def __call__(self, xp, x):
        return self.factor * xp.sum(x * x)

    def of_the_class_too(self, xp, x):
        return Model.of_the_class * xp.sum(x * x)


def set_global(value):
    global factor
    factor = value
    elsewhere.factor = value
    sys.modules["elsewhere"] = elsewhere


def of_globals(f):
    return lambda: (f, set_global)


def of_a_cell():
    inner = 1.0

    def change(value):
        nonlocal inner
        inner = value

    return (lambda xp, x: inner * xp.sum(x * x)), change


def of_an_array():
    array = np.ones(1)
    return (lambda xp, x: float(array[0]) * xp.sum(x * x)), lambda value: array.__setitem__(0, value)


def of_a_nested_list():
    held = {"a": [1.0]}
    return (lambda xp, x: held["a"][0] * xp.sum(x * x)), lambda value: held["a"].__setitem__(0, value)


def of_an_object():
    model = Model()
    return model, lambda value: setattr(model, "factor", value)


def of_a_bound_method():
    return Model().of_the_class_too, lambda value: setattr(Model, "of_the_class", value)


def of_a_partial():
    held = [1.0]
    return functools.partial(lambda a, xp, x: a[0] * xp.sum(x * x), held), lambda value: held.__setitem__(0, value)


def of_a_default():
    def f(xp, x, *, a=1.0):
        return a * xp.sum(x * x)

    return f, lambda value: f.__kwdefaults__.update(a=value)


def of_an_attribute_of_the_function():
    def f(xp, x):
        return f.a * xp.sum(x * x)

    f.a = 1.0
    return f, lambda value: setattr(f, "a", value)


def of_a_problem():
    held = [1.0]
    problem = hb.problem(lambda xp, x: held[0] * xp.sum(x * x), name="held", x0=[1.0, 2.0])
    return problem, lambda value: held.__setitem__(0, value)


def of_a_bound_builtin(make, read, change):
    def made():
        bound = read(held := make())
        return (lambda xp, x: first(bound()) * xp.sum(x * x)), lambda value: change(held, value)

    return made


def first(found):
    return float(next(iter(found)) if hasattr(found, "__iter__") else found)


def replace_in_set(held, value):
    held.clear()
    held.add(value)


def under_a_librarys_name():
    inner = 1.0

    @functools.wraps(np.sum)
    def weighted(a):
        return inner * a

    def change(value):
        nonlocal inner
        inner = value

    return (lambda xp, x: weighted(1.0) * xp.sum(x * x)), change


def of_an_attribute(held):
    def made():
        held.scale = 1.0
        return (lambda xp, x: held.scale * xp.sum(x * x)), lambda value: setattr(held, "scale", value)

    return made


def of_a_ufunc_of_ones_own():
    held = [1.0]
    scaled = np.frompyfunc(lambda a: a * held[0], 1, 1)
    return (lambda xp, x: float(scaled(1.0)) * xp.sum(x * x)), lambda value: held.__setitem__(0, value)


def of_dates():
    dates = np.array(["2020-01-01", "2020-01-02"], dtype="datetime64[D]")
    days = lambda: float((dates[1] - dates[0]) / np.timedelta64(1, "D"))  # noqa: E731
    return (lambda xp, x: days() * xp.sum(x * x)), lambda value: dates.__setitem__(1, dates[0] + int(value))


def of_a_record():
    table = np.ones(1, dtype=[("a", "f8"), ("b", "i4")])
    row = table[0]
    return (lambda xp, x: float(row["a"]) * xp.sum(x * x)), lambda value: table.__setitem__(0, (value, 1))


class Number(float):
    pass


class Text(str):
    pass


BOUND = {
    "sum of an array": of_a_bound_builtin(lambda: np.ones(1), lambda a: a.sum, lambda a, v: a.fill(v)),
    "item of an array": of_a_bound_builtin(lambda: np.ones(1), lambda a: a.item, lambda a, v: a.fill(v)),
    "copy of a set": of_a_bound_builtin(lambda: {1.0}, lambda s: s.copy, replace_in_set),
    "copy of a deque": of_a_bound_builtin(
        lambda: collections.deque([1.0]), lambda d: d.copy, lambda d, v: d.__setitem__(0, v)
    ),
    "copy of a list": of_a_bound_builtin(lambda: [1.0], lambda s: s.copy, lambda s, v: s.__setitem__(0, v)),
    "get of a variable": of_a_bound_builtin(
        lambda: contextvars.ContextVar("held", default=1.0), lambda c: c.get, lambda c, v: c.set(v)
    ),
}
ATTRIBUTES = {
    "attribute of a partial": of_an_attribute(functools.partial(helper)),
    "attribute of a float": of_an_attribute(Number(1.0)),
    "attribute of a text": of_an_attribute(Text("a")),
}

WAYS = {
    **BOUND,
    **ATTRIBUTES,
    **{f.__name__: of_globals(f) for f in (through_a_global, through_another_function, through_a_module)},
    **{f.__name__: of_globals(f) for f in (through_globals, through_an_import)},
    **{
        f.__name__: f
        for f in (
            *(of_a_cell, of_an_array, of_a_nested_list, of_an_object, of_a_bound_method, of_a_partial),
            *(of_a_default, of_an_attribute_of_the_function, of_a_problem),
            *(under_a_librarys_name, of_a_ufunc_of_ones_own, of_dates, of_a_record),
        )
    },
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("backend", ["jax", "tensorflow", "casadi"])
def test_what_has_changed_is_seen(engine, backend, way):
    engine(backend)
    f, change = WAYS[way]()
    found = []
    for value in (1.0, 5.0, 1.0):
        change(value)
        found.append(float(hb.hessian(f, [1.0, 2.0], backend=backend)[0, 0]))
    assert found == [2.0, 10.0, 2.0]


def test_what_a_library_has_made_may_differ(engine):
    """A closure of a library's that is gone gives its place, and so its id, to the next one."""
    engine("jax")
    import jax

    held = []

    def f(x):
        return held[0](jax.random.PRNGKey(0), ()) * jax.numpy.sum(x * x)

    found = []
    for value in (1.0, 5.0, 1.0, 3.0):
        held[:] = [jax.nn.initializers.constant(value)]
        found.append(float(hb.hessian(f, [1.0, 2.0], framework="jax")[0, 0]))
    assert found == [2.0, 10.0, 2.0, 6.0]


def kept_after(f, *data):
    computing._BUILT.clear()
    for _ in range(2):
        hb.hessian(f, [1.0, 2.0], *data, backend="numpy")
    return len(computing._BUILT)


def test_what_can_be_told_is_kept():
    table, many = np.arange(2.0), 10**5000
    assert kept_after(lambda xp, x: np.float64(many > 0) * xp.sum(x * x)) == 1
    assert kept_after(lambda xp, x, a: xp.sum(np.pi * x * x * table * a), [1.0, 2.0]) == 1
    assert closed_over.key(through_a_global) == closed_over.key(through_a_global)


def test_what_cannot_be_told_is_not_kept():
    assert kept_after(Model()) == 0


def test_equal_functions_share_what_was_built():
    make = lambda: lambda xp, x: xp.sum(x**3)  # noqa: E731
    assert closed_over.key(make()) == closed_over.key(make())

"""`@hb.problem`: a person's own function as a problem, with plain arrays where those will do."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from numbers import Number
from typing import Any

import numpy as np

from hessbench import backends
from hessbench.backends.contract.errors import first_line
from hessbench.harness.python.reading.arrays import data_arrays, start_vector
from hessbench.harness.python.reading.own_function import text_unfolded
from hessbench.harness.python.reading.signature import backend_of, check_native, check_signature
from hessbench.harness.usage import UsageError, unknown
from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.blocks import Nested
from hessbench.suites.definition.model import Model
from hessbench.suites.definition.problem import Problem, no_portable_text
from hessbench.suites.definition.size import Size

SIZES = (10, 100)
"""What a run takes of a problem of any size that names none."""

Drawn = Callable[[int, np.random.Generator], Any]


def problem(
    f: Callable[..., Any] | None = None,
    *,
    x0: Any,
    data: Any = (),
    sizes: int | Iterable[int] | None = None,
    name: str = "",
    framework: str | None = None,
    gradient: Callable[..., FloatArray] | None = None,
    hessian: Callable[..., FloatArray] | None = None,
    native: Mapping[str, Callable[..., Any] | str] | None = None,
    outputs: Callable[..., Any] | None = None,
    loss: Callable[..., Any] | None = None,
    source: str = "",
    tags: Iterable[str] = (),
    spread: float = 1e-2,
) -> Any:
    """Make a function a problem, for `hessbench run my_file.py` and `hb.run`.

    Examples:
        >>> import hessbench as hb
        >>> @hb.problem(x0=[-1.2, 1.0])
        ... def valley(xp, x):
        ...     return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2
        >>> valley.name, valley.sizes
        ('valley', (2,))
        >>> @hb.problem(x0=lambda n: 0.1 * np.ones(n), data=lambda n, rng: rng.standard_normal((50, n)), sizes=(5, 50))
        ... def fit(xp, x, a):
        ...     return xp.sum(xp.log1p(xp.exp(xp.matmul(a, x))))

    Args:
        f: The objective `f(xp, x, *data)` over the names of `hessbench.VOCABULARY`, or with `framework` `f(x, *data)`;
            returns a scalar.
        x0: The start point: a vector of floats, a number, a matrix, or a nested dict, list or tuple of arrays (f gets
            the same), or a function that gives a vector from n, or from n and a random generator.
        data: Further arguments of f: an array or a list of numbers, a tuple of arrays, or a function of n, or of n and
            a random generator.
        sizes: Numbers of variables that a run takes, where x0 is a function (default: 10 and 100).
        name: Its name (default: the function's).
        framework: The framework whose own functions f calls ("torch", "keras"); only its methods run then.
        gradient: The true gradient, `gradient(x, *data)`, of the vector x, in NumPy.
        hessian: The true Hessian, likewise; without it, finite differences in extended precision are the judge.
        native: Backend -> the same function in that framework's own functions, `f(x, *data)`, or "module:function",
            which only that framework's workers import.
        outputs: Where f is a loss of outputs, the model `outputs(xp, x, *data)`, written as f is: then it has `ggn-vp`
            and `ggn-diagonal`.
        loss: The loss `loss(xp, z, *data)` of these outputs, a scalar.
        source: Where it comes from.
        tags: Words for `--tag`.
        spread: How far from x0 the other points lie, relative to max(1, |x_i|), but at most |x_i| / 2.

    Returns:
        A `Problem`, which can be called like f; as a decorator with options, a function that makes one. A `UsageError`
        says where x0 is no vector of floats, f cannot be called with so many data, or a backend does not exist.
    """

    def make(objective: Callable[..., Any]) -> Problem:
        own = name or getattr(objective, "__name__", "")
        _check_missing(own)
        _check_facts(own, native, spread)
        texts, start = dict(native or {}), x0
        if framework is not None:
            backend = backend_of(framework)
            texts[backend], (start,) = text_unfolded(backend, objective, x0)
        if not own.isidentifier():
            raise UsageError(f"a problem needs a name, not {own!r}; give name=...")
        return _problem(
            own,
            objective if framework is None else no_portable_text,
            start,
            data,
            sizes,
            gradient=gradient,
            hessian=hessian,
            native=texts,
            model=_model(own, outputs, loss, None if framework is None else backend_of(framework), x0),
            source=source,
            tags=tuple(tags),
            spread=spread,
        )

    return make if f is None else make(f)


def native_problem(
    name: str,
    *,
    x0: Any,
    native: Mapping[str, Callable[..., Any] | str],
    data: Any = (),
    sizes: int | Iterable[int] | None = None,
    gradient: Callable[..., FloatArray] | None = None,
    hessian: Callable[..., FloatArray] | None = None,
    source: str = "",
    tags: Iterable[str] = (),
    spread: float = 1e-2,
) -> Problem:
    """A problem without a portable text: only frameworks' own functions, checked against differences of one of them.

    Examples:
        >>> import hessbench as hb
        >>> net = hb.native_problem("net", x0={"w": np.ones((3, 2))}, native={"torch": "my_nets:loss"})

    Args:
        name: Its name.
        x0: As in `problem`.
        native: As in `problem`; at least one.
        data: As in `problem`.
        sizes: As in `problem`.
        gradient: As in `problem`.
        hessian: As in `problem`.
        source: As in `problem`.
        tags: As in `problem`.
        spread: As in `problem`.

    Returns:
        A `Problem`.

    Raises:
        UsageError: There is no native text, or what `problem` refuses.
    """
    if not native:
        raise UsageError(f"problem {name} has no text at all; give native={{...}}")
    made: Problem = problem(
        no_portable_text,
        x0=x0,
        data=data,
        sizes=sizes,
        name=name,
        gradient=gradient,
        hessian=hessian,
        native=native,
        source=source,
        tags=tags,
        spread=spread,
    )
    return made


def _model(
    name: str, outputs: Callable[..., Any] | None, loss: Callable[..., Any] | None, backend: str | None, x0: Any
) -> Model | None:
    """Outputs and loss of a problem, over a namespace, or in a backend's own functions."""
    if outputs is None and loss is None:
        return None
    if outputs is None or loss is None:
        raise UsageError(f"{name} has {'outputs and no loss' if outputs else 'a loss and no outputs'}; give both")
    if backend is None:
        return Model(outputs, loss)
    return Model(native={backend: (text_unfolded(backend, outputs, x0)[0], loss)})


def _problem(
    name: str, objective: Callable[..., Any], x0: Any, data: Any, sizes: int | Iterable[int] | None, **facts: Any
) -> Problem:
    for backend in facts["native"]:
        if backend not in backends.registry():
            raise unknown("backend", backend, backends.registry())
    if not callable(data):
        count = len(_arrays(data, portable=False))
        check_signature(objective, count, name)
        for backend, text in facts["native"].items():
            if callable(text):
                check_native(text, backend, count)
    facts |= {"data": _data(data, objective is not no_portable_text), "source": facts["source"] or "the user's own"}
    if callable(x0) and not hasattr(x0, "named_parameters"):  # a module is no function of n
        own = _sizes(sizes, name)
        return Problem(
            name,
            objective,
            own,
            _drawn_start(x0, name),
            allowed=Size("what its x0 gives", lambda n: _gives(x0, n, own)),
            quick_sizes=own,
            **facts,
        )
    vector, layout = start_vector(x0, f"x0 of {name}")
    n = vector.size
    if sizes is not None and _sizes(sizes, name) != (n,):
        raise UsageError(f"x0 of {name} has {n} variables; for other sizes make x0 a function of n")
    if layout and objective is not no_portable_text:
        objective = Nested(objective, layout)
    if layout and facts["model"] and facts["model"].outputs:
        facts["model"] = replace(facts["model"], outputs=Nested(facts["model"].outputs, layout))
    return Problem(
        name,
        objective,
        (n,),
        lambda size, rng: vector.copy(),
        allowed=Size.exactly(n),
        layout=layout,
        **facts,
    )


MISSING = frozenset(
    (*("na", "n/a", "<na>", "#na", "#n/a", "#n/a n/a", "nan", "-nan", "null", "none"), *("1.#ind", "1.#qnan"))
)
"""What pandas, and spreadsheets with it, read as a missing value: a table that names a problem so loses it."""


def _check_missing(name: str) -> None:
    if name.lower().lstrip("-") in MISSING:
        raise UsageError(f"a problem cannot be called {name}: tables read that as a missing value; give name=...")


def _check_facts(name: str, native: Any, spread: Any) -> None:
    if not isinstance(native, Mapping | None):
        raise UsageError(f'native of {name} is {native!r:.60}; give the function of each backend: {{"torch": f}}')
    if not isinstance(spread, int | float | np.number) or not 0 <= spread < np.inf:
        raise UsageError(f"spread of {name} is {spread!r:.60}; give a number of 0 or more, such as 0.01")


def _sizes(sizes: int | Iterable[int] | None, name: str) -> tuple[int, ...]:
    given: Any = SIZES if sizes is None else sizes
    listed = tuple(given) if isinstance(given, Iterable) and not isinstance(given, str) else (given,)
    if not listed or not all(isinstance(n, int | np.integer) and n >= 1 for n in listed):
        raise UsageError(f"sizes of {name} are {listed}; give whole numbers of 1 or more")
    return tuple(sorted(int(n) for n in listed))


def _called(f: Callable[..., Any], n: int, rng: np.random.Generator, what: str) -> Any:
    """f(n), or f(n, rng) where f cannot do without; what it raises is no mistake in the objective, so it says whose."""
    try:
        return f(n, rng) if _needed(f) > 1 else f(n)
    except (MemoryError, UsageError):
        raise
    except Exception as error:  # a user's function can raise anything
        raise UsageError(f"{what}({n}) raises {first_line(error)}") from error


def _needed(f: Callable[..., Any]) -> int:
    """How many arguments f cannot do without; 0 where its signature is not known."""
    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):
        return 0
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(p.kind in kinds and p.default is p.empty for p in parameters)


def _drawn_start(x0: Callable[..., Any], name: str) -> Drawn:
    def start(n: int, rng: np.random.Generator) -> FloatArray:
        vector, layout = start_vector(_called(x0, n, rng, "x0"), f"x0({n}) of {name}")
        if layout:
            raise UsageError(f"x0({n}) of {name} must return a vector ({n},); arrays or a dict are given as x0 itself")
        if vector.size != n:
            raise UsageError(f"x0({n}) of {name} has {vector.size} variables; it must give a vector of {n}")
        return vector

    return start


def _gives(x0: Callable[..., Any], n: int, own: tuple[int, ...]) -> bool:
    """Whether x0 gives a vector of n; where it fails at all of its own sizes, drawing it will tell why."""
    if n < 1:
        return False
    found = _shape_at(x0, n)
    return found == (n,) or (found is None and all(_shape_at(x0, size) is None for size in own))


def _shape_at(x0: Callable[..., Any], n: int) -> tuple[int, ...] | None:
    try:
        return np.shape(_called(x0, n, np.random.default_rng(0), "x0"))
    except Exception:  # a user's function can raise anything
        return None


def _data(data: Any, portable: bool) -> Drawn:
    if callable(data):
        return lambda n, rng: _arrays(_called(data, n, rng, "data"), portable)
    arrays = _arrays(data, portable)
    return lambda n, rng: arrays


def _arrays(data: Any, portable: bool) -> tuple[FloatArray, ...]:
    several = isinstance(data, tuple) or (isinstance(data, list) and not _is_array(data))
    return data_arrays(data if several else (data,), portable)


def _is_array(data: list[Any]) -> bool:
    """Whether a list is one array, as in `hessbench.hessian(f, x, data)`: it consists of numbers."""
    return bool(data) and all(isinstance(part, Number) for part in data)

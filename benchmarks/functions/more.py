"""Calls that are made of those that the suite has, or added to them: `find.py --more`.

    python benchmarks/functions/find.py torch --more joint > new.json && mv new.json suites/functions/torch.json

* `given`: what is written down in `given.py` of functions that have no call yet, and arrays where a number stood.
* `samples`: arrays of PyTorch's own samples that move f, and are the variable of no call yet.
* `complex`: complex variables where the suite has a real one only.
* `joint`: all arguments that vary one at a time vary together, so that mixed derivatives are seen.
* `integer`: integers in the place of floats that do not vary, as exponents are, negative ones where that has a value.
* `negative`: arrays of integers, such as indices, negated.
* `vector`: three numbers in the place of the large array of a function that is looked at in no special point else.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from arguments import (
    FEW,
    Found,
    as_argument,
    as_constants,
    integers,
    jointly,
    of_arrays,
    places,
    replaced,
    values_of,
    where_real,
    with_variable,
)
from given import GIVEN
from patience import PATIENCE_S, in_time
from torch_database import database

from hessbench.backends.scripts.calls import Call
from hessbench.suites.functions import NOT_FOUND, read
from hessbench.suites.functions.points import special_points

if TYPE_CHECKING:
    from find import Finder

LABEL = re.compile("([^~']*)(.*)")
"""Place of the variable, and the variant behind it."""
INTEGER, NEGATIVE, SMALL = "~integer", "~negative", "~vector"
"""Behind the label of another call, of which it was made."""
NUMBERS = np.array([0.35, 0.55, 0.85])
"""In the domain of most functions."""
IN_BOUNDS = ("jax.lax.gather",)
"""Who calls it promises that no index is outside, negative ones among them."""
INTEGERS = ((-2, 2, -1, 1, 3), (2, 3, 1))
"""Those tried first, and what is in the domain of more functions."""


def given(finder: Finder) -> Iterator[tuple[str, Found]]:
    """What is written down of functions that the suite does not call yet, and calls with arrays for literals."""
    known = read(finder.framework)
    there = {name.partition(":")[0] for name in known["functions"]}
    for call in GIVEN[finder.framework]:
        if call.function not in there:
            yield call.function, finder.variables_of(call, Counter())
    for path, count in sorted(_with_literals(known)):
        found: Found = []
        with in_time(PATIENCE_S):
            tried = (finder.variables_of(Call(path, tuple(arguments)), Counter()) for arguments in of_arrays(count))
            found = next((one for one in tried if len(one) > 1), [])
        yield path, found


def samples(finder: Finder) -> Iterator[tuple[str, Found]]:
    """Arrays that are the variable of no call: a small sample may overwrite one, or leave an optional one out."""
    facts = read(finder.framework)
    names = [name.partition(":") for name in facts["functions"]]
    known = {(path, LABEL.fullmatch(label)[1]) for path, _, label in names}
    excluded = {path for path, reason in facts["excluded"].items() if not reason.startswith(NOT_FOUND)}
    for variant, call in database(every=True) if finder.framework == "torch" else ():
        if call.function in excluded or "__" in call.function:  # __radd__ and the like are methods of +
            continue
        for where in places(call):
            place, found = ".".join(map(str, where)), []
            if (call.function, place) not in known:
                with in_time(10):
                    found = finder.tried(call, where, Counter())
            if found:
                known.add((call.function, place))
                yield call.function, _labeled(f"{place}~{variant or 'sample'}", found)


def made_complex(finder: Finder) -> Iterator[tuple[str, Found]]:
    """Complex variables of the calls that the suite has with a real one only."""
    functions = read(finder.framework)["functions"]
    for path, place, variant, call, x in _of_functions(functions):
        found: Found = []
        if f"{path}:{place}c{variant}" not in functions:
            where = where_real(call)
            with in_time(PATIENCE_S):
                found = finder.complex_variable(as_constants(call, where, x), where)
        yield path, _labeled(f"{place}c{variant}", found)


def joint(finder: Finder) -> Iterator[tuple[str, Found]]:
    """Calls in which all arguments vary that the suite varies one at a time."""
    together: dict[str, dict[tuple[Any, ...], tuple[str, str]]] = {}
    for _, place, variant, call, x in _with_one(read(finder.framework)["functions"]):
        where = where_real(call)
        together.setdefault(as_constants(call, where, x).text(), {}).setdefault(where, (place, variant))
    for text, parts in together.items():
        if len(parts) > 1:
            call, x = jointly(Call.of(text), list(parts))
            labels, variants = zip(*parts.values(), strict=True)
            yield call.function, _sound(finder, "+".join(labels) + variants[0], [call], x)


def integer(finder: Finder) -> Iterator[tuple[str, Found]]:
    """Calls in which integers stand where floats do not vary, in an array of the variable's shape."""
    done: set[tuple[str, str]] = set()
    for path, place, variant, call, x in _of_functions(read(finder.framework)["functions"]):
        variable = where_real(call)
        shape = values_of(as_constants(call, variable, x), variable).shape
        where = next((where for where in places(call) if values_of(call, where).shape == shape), None)
        if where is not None and (path, place) not in done:
            done.add((path, place))
            changed = [replaced(call, where, as_argument(np.resize(numbers, shape))) for numbers in INTEGERS]
            yield path, _sound(finder, f"{place}{variant}{INTEGER}", changed, x)


def negative(finder: Finder) -> Iterator[tuple[str, Found]]:
    """Calls with their arrays of integers negated, where that is another call that has a value."""
    for path, place, variant, call, x in _of_functions(read(finder.framework)["functions"]):
        changed = call
        for where, values in integers(call):
            changed = replaced(changed, where, as_argument(np.where(values > 0, -values, values)))
        if changed.text() != call.text() and path not in IN_BOUNDS:
            yield path, _sound(finder, f"{place}{variant}{NEGATIVE}", [changed], x)


def vector(finder: Finder) -> Iterator[tuple[str, Found]]:
    """Calls with the first numbers of a large argument alone, of functions all of whose arguments are large."""
    functions = read(finder.framework)["functions"]
    known = {name.partition(":")[0] for name, facts in functions.items() if special_points(facts["x"], facts["call"])}
    for path, place, variant, call, x in _of_functions(functions):
        if path not in known:
            where = where_real(call)
            own = np.ravel(values_of(as_constants(call, where, x), where))[:FEW]
            tried = [with_variable(replaced(call, where, as_argument(numbers)), where) for numbers in (NUMBERS, own)]
            made = (_sound(finder, f"{place}{variant}{SMALL}", [smaller], start) for smaller, start in tried)
            found = next(filter(None, made), [])
            known |= {path} if found else set()
            yield path, found


def _sound(finder: Finder, label: str, calls: Sequence[Call], x: list[float]) -> Found:
    """The first of some calls that is one for the audit, labeled; empty where none is, or none in time."""
    found: Found = []
    with in_time(PATIENCE_S):
        found = next(([(label, call, x)] for call in calls if not finder.complaint(call, x)), [])
    return found


def _labeled(label: str, found: Found) -> Found:
    return [(label, call, x) for _, call, x in found]


def _with_one(functions: Mapping[str, Any]) -> Iterator[tuple[str, str, str, Call, list[float]]]:
    """Function, place, variant, call and point where one real argument varies."""
    for name, facts in functions.items():
        path, _, label = name.partition(":")
        place, variant = LABEL.fullmatch(label).groups()
        call = Call(*facts["call"])
        if where_real(call) is not None and not variant.endswith((INTEGER, NEGATIVE)):
            yield path, place, variant, call, facts["x"]


def _of_functions(functions: Mapping[str, Any]) -> Iterator[tuple[str, str, str, Call, list[float]]]:
    """The same without layers: a layer's integers are the seeds of its numbers, and its floats have one dtype."""
    return (one for one in _with_one(functions) if not one[3].is_layer)


def _with_literals(known: Mapping[str, Any]) -> set[tuple[str, int]]:
    """Functions that are called with a number where an array may stand, and how many arguments they take."""
    calls = [(name.partition(":")[0], facts["call"][1]) for name, facts in known["functions"].items()]
    return {
        (path, len(given))
        for path, given in calls
        if len(given) > 1 and any(type(argument) in (int, float) for argument in given)
    }


MORE: Mapping[str, Callable[[Finder], Iterator[tuple[str, Found]]]] = {
    "given": given,
    "samples": samples,
    "complex": made_complex,
    "joint": joint,
    "integer": integer,
    "negative": negative,
    "vector": vector,
}


def more(kinds: Sequence[str], finder: Finder) -> dict[str, Found]:
    """By function the calls of those kinds."""
    calls: dict[str, Found] = {}
    for kind in kinds:
        for path, found in MORE[kind](finder):
            if found:
                calls.setdefault(path, []).extend(found)
                print(kind, path, [label for label, *_ in found], file=sys.stderr, flush=True)
    return calls

"""CELL of `bisect`: what a person writes of a cell, as a selection and as a filter over what was found."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from hessbench import backends, suites
from hessbench.backends.contract.interface import DTYPES
from hessbench.harness.planning.grid import NATIVE, PORTABLE
from hessbench.harness.planning.request import Said
from hessbench.harness.usage import UsageError
from hessbench.results.versions.verified import method_of

EXAMPLE = "write SUITE/PROBLEM, or a line of verify such as: traps/det_singular n=9 hessian-jit"


@dataclass(frozen=True, slots=True)
class Target:
    """The cells of one problem that are looked at.

    Attributes:
        asked: What is said of the request.
        method: The only method that counts; empty for all.
        text: "portable" or "native"; empty for both.
    """

    asked: Mapping[str, Said]
    method: str = ""
    text: str = ""

    def includes(self, cell: str) -> bool:
        """Whether a cell, by its name, is one of them."""
        native = cell.split(" ")[2] == NATIVE
        right_text = not self.text or native == (self.text == NATIVE)
        return right_text and self.method in ("", method_of(cell).partition(" ")[0])


def read(words: str, backend: str) -> Target:
    """What is written of a cell.

    Args:
        words: "det_singular", "traps/det_singular:hessian-jit", or a line of `verify`.
        backend: Whose method it is.

    Returns:
        The cells.

    Raises:
        UsageError: A word means nothing here, or no suite has the problem.
    """
    first, *rest = words.split() or [""]
    place, _, method = (first, "", "") if first.partition(":")[0].endswith(".py") else first.partition(":")
    asked: dict[str, Said] = {"suites": (_with_suite(place),)}
    known = {one.name for one in backends.load(backend).methods}
    text = ""
    for word in rest:
        if match := re.fullmatch(r"n=(\d+)", word):
            asked["sizes"] = (int(match[1]),)
        elif match := re.fullmatch(r"batch=(\d+)", word):
            asked["batches"] = (int(match[1]),)
        elif word in (PORTABLE, NATIVE):
            text = word
        elif word in DTYPES:
            asked["dtypes"] = (word,)
        elif word == "cpu" or word.startswith("gpu"):
            asked["devices"] = (word,)
        elif word != backend:
            method = word
    if method and method not in known:
        raise UsageError(f"{method!r} is no method of {backend}; see: hessbench list methods --backend {backend}")
    if method:
        asked["methods"] = (method,)
    return Target(asked, method, text)


def _with_suite(place: str) -> str:
    """The problem with its suite, of "det_singular" too, where one suite has it."""
    if "/" in place or place.partition(":")[0].endswith(".py"):
        return place
    having = [suite for suite in suites.registry() if place in suites.load(suite)]
    if len(having) != 1:
        where = f"is in {', '.join(having)}" if having else "is no problem"
        raise UsageError(f"{place!r} {where}; {EXAMPLE}")
    return f"{having[0]}/{place}"

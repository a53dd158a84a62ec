"""Bad input: one clear line that says what is wrong and what to do; the command ends with exit code 2."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from hessbench.results.units import printable

LISTABLE = 12
NONE: Mapping[str, str] = MappingProxyType({})
WHERE = {"tag": "problems --verbose", "list": "--help"}
"""What `hessbench list` shows them, where it is not the kind's plural."""


class UsageError(Exception):
    """The command cannot be done as given. Nothing was started, nothing was overwritten.

    Attributes:
        code: What the command leaves with.
    """

    code = 2

    def __init__(self, message: str) -> None:
        super().__init__(printable(message))


def no_name(kind: str, given: Any, such_as: str) -> UsageError:
    """An error for what is no name at all, as Python may be given: a list, a number, None."""
    return UsageError(f"{kind} is {given!r}; give one name, such as {such_as!r}")


def unknown(kind: str, name: str, known: Collection[str]) -> UsageError:
    """An error that names the nearest known names, or all of them when none is near."""
    if not isinstance(name, str):
        return no_name(kind, name, next(iter(known)))
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    where = WHERE.get(kind, f"{kind.split()[0]}s")
    listing = f"known: {', '.join(sorted(known))}" if len(known) <= LISTABLE else f"see: hessbench list {where}"
    hint = f"did you mean {' or '.join(near)}?" if near else listing
    return UsageError(f"unknown {kind} {name!r}; {hint}")


def check(kind: str, names: Iterable[str], known: Collection[str], broken: Mapping[str, str] = NONE) -> None:
    """Find the first name that is not known.

    Args:
        kind: What the names are of ("backend").
        names: Names that were given.
        known: Names that there are.
        broken: Third parties' names that cannot be loaded, with the reason.

    Raises:
        UsageError: A name cannot be loaded, or is not known.
    """  # noqa: DOC501 - `unknown` makes a UsageError
    for name in names:
        if isinstance(name, str) and name in broken:
            raise UsageError(f"{kind} {name!r} of a third party: {broken[name]}")
        if not isinstance(name, str) or name not in known:
            raise unknown(kind, name, known)

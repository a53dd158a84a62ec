"""Names of the standard that a framework cannot do: refused by name, in the same words everywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn

from hessbench.backends.contract.errors import Unsupported

NO_COMPLEX = "it has no complex numbers"
UNKNOWN_SHAPE = "the shape of the result depends on values, which a traced function does not know"


def names(reason: str, several: str) -> dict[str, str]:
    """Name -> reason, for names in one text."""
    return dict.fromkeys(several.split(), reason)


def sentence(who: str, name: str, reason: str) -> str:
    """The one sentence: on the page, in a refused cell, and when the name is called."""
    return f"xp.{name} is not possible in {who}: {reason}"


def first(who: str, lacks: Mapping[str, str], used: Iterable[str]) -> str | None:
    """What is said of the first of the names used that is lacking, if there is one."""
    found = sorted(set(used) & lacks.keys())
    return sentence(who, found[0], lacks[found[0]]) if found else None


def stubs(
    who: str, lacks: Mapping[str, str], prefix: str = "", error: type[Unsupported] = Unsupported
) -> dict[str, Callable[..., Any]]:
    """For a namespace that has no such function: one that says so.

    Args:
        who: The framework's title.
        lacks: Name of the vocabulary -> reason.
        prefix: Only names of this inner namespace, as "linalg.".
        error: What is raised.

    Returns:
        Functions that raise it, by name without the prefix.
    """
    chosen = {name: name.removeprefix(prefix) for name in lacks if name.startswith(prefix)}
    return {
        short: _raising(error, sentence(who, name, lacks[name])) for name, short in chosen.items() if "." not in short
    }


def _raising(error: type[Unsupported], text: str) -> Callable[..., Any]:
    def refused(*args: Any, **kwargs: Any) -> NoReturn:
        raise error(text)

    return refused

"""Attributes and methods of the standard, put on a framework's class of arrays for the length of a block."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

MARK = "__hessbench__"
"""On a class that has them already: blocks may lie in each other."""
_ABSENT = object()


@contextmanager
def attributes(cls: type, added: Mapping[str, Any]) -> Iterator[None]:
    """A block in which a class has further attributes; a person's own code beside ours sees the class as it is.

    Args:
        cls: The class.
        added: Name -> value; what the class has under such a name comes back afterwards.
    """
    if MARK in vars(cls):
        yield
        return
    before = {name: vars(cls).get(name, _ABSENT) for name in added}
    for name, value in {**added, MARK: True}.items():
        setattr(cls, name, value)
    try:
        yield
    finally:
        delattr(cls, MARK)
        for name, value in before.items():
            if value is _ABSENT:
                delattr(cls, name)
            else:
                setattr(cls, name, value)

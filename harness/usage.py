"""Bad input: one clear line that says what is wrong and what to do; the command ends with exit code 2."""

from __future__ import annotations

import difflib
from collections.abc import Collection

LISTABLE = 12
WHERE = {"tag": "problems --verbose", "list": "--help"}
"""What `hessbench list` shows them, where it is not the kind's plural."""


class UsageError(Exception):
    """The command cannot be done as given. Nothing was started, nothing was overwritten."""


def unknown(kind: str, name: str, known: Collection[str]) -> UsageError:
    """An error that names the nearest known names, or all of them when none is near."""
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    where = WHERE.get(kind, f"{kind.split()[0]}s")
    listing = f"known: {', '.join(sorted(known))}" if len(known) <= LISTABLE else f"see: hessbench list {where}"
    hint = f"did you mean {' or '.join(near)}?" if near else listing
    return UsageError(f"unknown {kind} {name!r}; {hint}")

"""What a record says of the pattern of a sparse result."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.backends.contract.interface import Compression
from hessbench.results.stored.record import EMPTY, SEVERAL, UNCOLORED

SIDE = 48
"""Lines and columns of the picture, at most: two kilobytes in a record."""

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def known_of(at: Compression | None) -> dict[str, object]:
    """Columns of the record: size, colors, picture, and what the tool tells later; empty for a dense result."""
    if at is None:
        return {}
    facts = {"nnz": at.nnz, "colors": at.colors, "picture": picture(at), **at.later()}
    return {name: value for name, value in facts.items() if value is not None}


def picture(at: Compression) -> str:
    """The pattern in at most `SIDE` lines of as many characters.

    Each stands for a square of entries: the letter of the color of its columns, `SEVERAL` where it has more than one
    or there are too many for letters, `UNCOLORED` where colors are not known, `EMPTY` where there is no entry.

    Returns:
        The lines, with line breaks between them.
    """
    side = min(at.n, SIDE)
    if not side:
        return ""
    square = (at.rows * side // at.n) * side + at.cols * side // at.n
    letters = np.full(side * side, ord(EMPTY), dtype=np.uint8)
    codes = _codes(at)
    letters[square] = codes[at.cols]
    mixed = square[letters[square] != codes[at.cols]]  # somebody else has written here since
    letters[mixed] = ord(SEVERAL)
    lines = letters.tobytes().decode()
    return "\n".join(lines[i * side : (i + 1) * side] for i in range(side))


def _codes(at: Compression) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """The character of every variable, (n,)."""
    if at.color_of is None:
        return np.full(at.n, ord(UNCOLORED), dtype=np.uint8)
    letters = np.frombuffer(LETTERS.encode(), dtype=np.uint8)
    color = np.asarray(at.color_of)
    within = (color >= 0) & (color < len(letters))
    return np.where(within, letters[np.where(within, color, 0)], ord(SEVERAL)).astype(np.uint8)

"""Every number of the page with unit and meaning: the record's columns, the summary's, and what follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from hessbench.results.stored.record import columns
from hessbench.results.tables.cells import DERIVED


@dataclass(frozen=True, slots=True)
class Definition:
    """What a column is.

    Attributes:
        unit: "s", "B", "1", or empty for text.
        meaning: One phrase.
    """

    unit: str
    meaning: str


SUMMARY = {
    "min_s": (
        "s",
        "least time per call: median over launches of each launch's fastest sample; the figure of every ranking",
    ),
    "median_s": ("s", "median over launches of each launch's median sample, per call"),
    "low_s": ("s", "lower end of min_s's interval over launches (order statistics; of three launches the range, 75 %)"),
    "high_s": ("s", "upper end of min_s's interval over launches"),
    "relative": (
        "1",
        "min_s over that of the fastest correct method of the same problem, size, operator, dtype and device",
    ),
    "launches": ("1", "launches (worker processes) that were timed"),
    "label": ("", "the problem, with suite, dtype, device and batch where the run has several"),
    "agrees_with": ("", "the other frameworks that have the same result"),
}
"""Columns of the summary that are not the record's, or mean more there."""


def _definitions() -> dict[str, Definition]:
    found = {column.name: Definition(column.metadata["unit"], column.metadata["meaning"]) for column in columns()}
    found |= {name: Definition(*definition) for name, definition in SUMMARY.items()}
    units = {"break_even": "1", "share": "1", "error": "1", "time": "s"}
    found |= {
        name: Definition(units.get(name, "1" if name.endswith(("low", "high")) else ""), meaning)
        for name, meaning in DERIVED.items()
    }
    return found


DEFINITIONS: Mapping[str, Definition] = MappingProxyType(_definitions())
"""By column, in the order of the page's last table."""

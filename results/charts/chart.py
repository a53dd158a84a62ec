"""What a chart is: which cells it shows, and a Vega-Lite specification made with Altair whose data have a name only.

The page hands the specification the rows that its filters leave, a figure the rows of one operator.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import altair as alt
import pandas as pd

if TYPE_CHECKING:
    from hessbench.results.charts.look import Look

DATA = "cells"
"""Name of the data in every specification."""

OWN_TIME: Mapping[str, tuple[Any, ...]] = {"disturbed": ("",)}
"""Where only times are shown that nothing disturbed."""
RIGHT: Mapping[str, tuple[Any, ...]] = {"status": ("ok",), **OWN_TIME}
"""Where only correct cells are shown, besides."""


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart.

    Attributes:
        name: Unique; the stem of its figure's file.
        group: Charts of a group are views of one thing: the page shows one at a time.
        option: What the view is called among its group.
        says: How to read it; the alternative text.
        build: Makes the chart.
        where: Column -> values that a cell must have one of.
        needs: Columns that must not be missing.
        on_page: Whether the page shows it (a table may do it better there).
    """

    name: str
    group: str
    option: str
    says: str
    build: Callable[[Look], alt.TopLevelMixin]
    where: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    on_page: bool = True

    def rows(self, cells: pd.DataFrame) -> pd.DataFrame:
        """The cells that it shows."""
        keep = cells[list(self.needs)].notna().all(axis=1)
        for name, values in self.where.items():
            keep &= cells[name].isin(values)
        return cells[keep]

    def spec(self, look: Look) -> dict[str, Any]:
        """The specification, without data."""
        # Altair's check of every part against its schema takes as long as all the rest; the tests make it.
        with alt.utils.schemapi.debug_mode(False):
            return dict(self.build(look).to_dict(validate=False))


def data() -> alt.NamedData:
    """What every chart is made of."""
    return alt.NamedData(name=DATA)

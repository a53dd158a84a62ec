"""Every chart of a run as a file, made by vl-convert without a browser."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pandas as pd
import vl_convert

from hessbench.results.charts import CHARTS
from hessbench.results.charts.chart import DATA, Chart
from hessbench.results.charts.look import look
from hessbench.results.tables.cells import cells
from hessbench.results.tables.plain import plain
from hessbench.results.tables.ranking import asked_for

if TYPE_CHECKING:
    from hessbench.results.stored.run import StoredRun

SCALE = 2.0
"""Pixels of a PNG per unit of the chart."""
BACKGROUND = "white"
LETTERS = 100
"""Of a line of the subtitle, which says how to read the figure."""

RENDERERS: Mapping[str, Callable[[str], bytes]] = MappingProxyType(
    {
        "svg": lambda spec: vl_convert.vegalite_to_svg(spec).encode(),
        "png": lambda spec: vl_convert.vegalite_to_png(spec, scale=SCALE),
    }
)


def figures(run: StoredRun, directory: Path, formats: tuple[str, ...], names: tuple[str, ...] = ()) -> list[Path]:
    """Write every chart of every operator that has something to show, as <chart>-<operator>.<format>.

    Args:
        run: The run.
        directory: Where; made if it is not there.
        formats: Names of `RENDERERS`.
        names: Charts; all of them if empty.

    Returns:
        The files.
    """
    directory.mkdir(parents=True, exist_ok=True)
    written = []
    for stem, spec in specifications(run):
        if names and stem.rpartition(".")[0] not in names:
            continue
        for kind in formats:
            path = directory / f"{stem.replace('.', '-')}.{kind}"
            path.write_bytes(RENDERERS[kind](json.dumps(spec)))
            written.append(path)
    return written


def specifications(run: StoredRun) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name ("chart.operator") and whole specification of each figure."""
    table = cells(run.summary)
    for operator in asked_for(table):
        for chart in CHARTS:
            rows = chart.rows(table[table["operator"] == operator])
            if len(rows):
                yield f"{chart.name}.{operator}", specification(chart, rows)


def specification(chart: Chart, rows: pd.DataFrame) -> dict[str, Any]:
    """A chart with its data, a title and a legend."""
    spec = chart.spec(look(rows, legend=True))
    about = textwrap.wrap(chart.says.partition(". ")[0].rstrip(".") + ".", LETTERS)
    title = {"text": f"{rows['operator'].iloc[0]}: {chart.option}", "subtitle": about, "anchor": "start", "offset": 14}
    config = {"view": {"stroke": "#ddd"}, "axis": {"gridColor": "#e8e8e8"}, "font": "sans-serif"}
    return spec | {
        "datasets": {DATA: plain(rows)},
        "background": BACKGROUND,
        "title": title,
        "config": config,
        "padding": 12,
    }

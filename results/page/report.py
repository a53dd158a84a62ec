"""One HTML file that answers first and shows second, and opens from disk with the network off.

Every script, style and number is inside: Vega from the vl-convert wheel, DataTables from itables'; data compressed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from hessbench.results.charts import CHARTS
from hessbench.results.charts.look import look, styles
from hessbench.results.page.definitions import DEFINITIONS
from hessbench.results.page.render import page
from hessbench.results.page.sections import SECTIONS
from hessbench.results.stored.record import AXES, YARDSTICKS
from hessbench.results.tables.cells import cells
from hessbench.results.tables.ranking import asked_for

if TYPE_CHECKING:
    from hessbench.results.stored.run import StoredRun

_IN_WORDS = ("problem", "text", "precision")
"""Axes that the page has as words in `label` and `method` only."""
_SHOWN = [
    "suite",
    "label",
    "place",
    "contest",
    "n",
    "operator",
    "batch",
    "backend",
    "method",
    "mode",
    "execution",
    "assembly",
    "chunk",
    "dtype",
    "device",
    "status",
    "reason",
    "fault",
    "disturbed",
    "judge",
    "min_s",
    "low_s",
    "high_s",
    "time",
    "median_s",
    "relative",
    "relative_low",
    "relative_high",
    "ratio_to_gradient",
    "gradient_low",
    "gradient_high",
    "rel_error",
    "error",
    "tolerance",
    "asymmetry",
    "judge_bound",
    "prepare_s",
    "first_call_s",
    "break_even",
    "growth",
    "peak_host_bytes",
    "launches",
    "samples",
    "agrees_with",
    "version",
    "log_tail",
    "best_here",
    "champion",
    "largest",
    "several_devices",
    "pareto",
    "share",
]
ON_PAGE = [*_SHOWN, *(axis for axis in AXES if axis not in (*_SHOWN, *_IN_WORDS))]
"""Columns of the cells in the page: what its script reads, and every axis that is not said in words."""

LEFT_OUT = ["value", "sketch", "schema_version"]
"""Columns of the records that the page's downloads lack; results.csv has them."""


def render(run: StoredRun) -> str:
    """The page of a run, finished or not."""
    return page("report.html", context(run))


def context(run: StoredRun) -> dict[str, Any]:
    """What the template shows."""
    table = cells(run.summary)
    shown = ((section, section.show(run, table)) for section in SECTIONS)
    operators = asked_for(table)
    return {
        "title": "hessbench: " + ", ".join(run.manifest["configuration"]["suites"]),
        "manifest": run.manifest,
        "damage": run.damage,
        "sections": [(section, given) for section, given in shown if given is not None],
        "operators": [*operators, *(name for name in YARDSTICKS if name in set(table["operator"]))],
        "problems": sorted(set(table["label"])),
        "styles": styles(list(dict.fromkeys(table["backend"]))),
        "calibration": (run.manifest.get("calibration") or {}).get("sentence"),
        "definitions": DEFINITIONS,
        "cells": table[ON_PAGE],
        "records": run.frame.drop(columns=LEFT_OUT),
        "page_data": page_data(run, table, operators),
    }


def page_data(run: StoredRun, table: pd.DataFrame, operators: list[str]) -> dict[str, Any]:
    """What the page's script must know beside the cells: charts, styles, definitions, names.

    Args:
        run: The run.
        table: Its cells, from `results.tables.cells`.
        operators: Operators that were asked for; the page starts with the first.

    Returns:
        Plain data, for JSON.
    """
    shared = look(table) if len(table) else None
    charts = {
        chart.name: {
            "group": chart.group,
            "where": {name: list(values) for name, values in chart.where.items()},
            "needs": list(chart.needs),
            "says": chart.says,
            "spec": chart.spec(shared),
        }
        for chart in CHARTS
        if chart.on_page and shared
    }
    return {
        "charts": charts,
        "styles": styles(list(dict.fromkeys(table["backend"]))),
        "definitions": {name: {"unit": d.unit, "meaning": d.meaning} for name, d in DEFINITIONS.items()},
        "start": {"operator": operators[0] if operators else "", "methods": "best" if _crowded(table) else "all"},
        "run": run.directory.name,
        "device": sorted(set(table["device"])),
    }


CROWD = 8
"""Methods per problem and operator from which the charts start with each framework's best one."""


def _crowded(table: pd.DataFrame) -> bool:
    per_contest = table[table["status"] == "ok"].groupby(["contest", "operator"])["method"].size()
    return bool(len(per_contest)) and float(per_contest.max()) > CROWD

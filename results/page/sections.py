"""The sections of a run's page, in order. A section is a template and a function that says what it shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from hessbench.results.charts import CHARTS
from hessbench.results.page.answers import answer, trust, winner_rows
from hessbench.results.page.capability_matrix import capabilities
from hessbench.results.page.machine_table import machine_table
from hessbench.results.page.subjects.bands import bands
from hessbench.results.page.subjects.patterns import shown as sparsity
from hessbench.results.page.subjects.payoffs import payoffs
from hessbench.results.page.subjects.uses import WIDTH, solutions, spectra
from hessbench.results.stored.record import STATUSES
from hessbench.results.tables.agreement import disagreements
from hessbench.results.tables.ranking import asked_for, failures, winners

if TYPE_CHECKING:
    from hessbench.results.stored.run import StoredRun

Context = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the page.

    Attributes:
        name: Its anchor, and its template below templates/sections/ unless `template` names another.
        title: Its heading.
        show: Function from the run and its cells (`results.tables.cells`) to what the template shows, or None to leave
            the section out.
        template: The template's stem.
    """

    name: str
    title: str
    show: Callable[[StoredRun, pd.DataFrame], Context | None]
    template: str = ""


def _answer(run: StoredRun, table: pd.DataFrame) -> Context:
    operators = asked_for(table)
    present = {status: int((table["status"] == status).sum()) for status in STATUSES}
    return {
        "answers": [answer(table, operator) for operator in operators],
        "trust": trust(table),
        "counts": {status: number for status, number in present.items() if number},
        "statuses": STATUSES,
        "charts": _charts("answer", table),
    }


def _winners(run: StoredRun, table: pd.DataFrame) -> Context:
    operators = asked_for(table)
    return {"winners": {operator: winner_rows(table[table["operator"] == operator]) for operator in operators}}


def _failures(run: StoredRun, table: pd.DataFrame) -> Context:
    return {"failures": failures(table).to_dict("records"), "statuses": STATUSES}


def _charts(group: str, table: pd.DataFrame) -> list[Any]:
    """The charts of a group that have something to show for an operator that was asked for."""
    rows = table[table["operator"].isin(asked_for(table))]
    return [chart for chart in CHARTS if chart.group == group and chart.on_page and len(chart.rows(rows))]


def _group(name: str) -> Callable[[StoredRun, pd.DataFrame], Context | None]:
    def show(run: StoredRun, table: pd.DataFrame) -> Context | None:
        charts = _charts(name, table)
        return {"charts": charts, "group": name} if charts else None

    return show


def _costs(run: StoredRun, table: pd.DataFrame) -> Context | None:
    charts = _charts("costs", table)
    return {"charts": charts, "payoffs": payoffs(table)} if charts else None


def _models(run: StoredRun, table: pd.DataFrame) -> Context | None:
    found = bands(table)
    return {"bands": found} if found else None


def _sparsity(run: StoredRun, table: pd.DataFrame) -> Context | None:
    return sparsity(table)


def _machines(run: StoredRun, table: pd.DataFrame) -> Context | None:
    return machine_table(run, table, winners(table[table["operator"].isin(asked_for(table))]))


def _uses(run: StoredRun, table: pd.DataFrame) -> Context | None:
    found = {"solutions": solutions(table), "spectra": spectra(table)}
    return {**found, "width": WIDTH} if any(found.values()) else None


def _heat(run: StoredRun, table: pd.DataFrame) -> Context | None:
    return {} if len(table) else None


def _capabilities(run: StoredRun, table: pd.DataFrame) -> Context | None:
    return capabilities(table) if asked_for(table) else None


def _disagreements(run: StoredRun, table: pd.DataFrame) -> Context | None:
    counts = disagreements(table)
    return {"counts": counts} if len(counts) > 1 else None


PLAIN = ["contest", "operator", "backend", "method", "status", "time", "rel_error", "reason", "disturbed"]
"""Columns of the table that needs no script."""


def _table(run: StoredRun, table: pd.DataFrame) -> Context:
    return {"rows": table[PLAIN].to_dict("records"), "cells": len(table), "records": len(run.frame)}


def _environment(run: StoredRun, table: pd.DataFrame) -> Context:
    return {"manifest": run.manifest}


def _meaning(run: StoredRun, table: pd.DataFrame) -> Context:
    return {"statuses": STATUSES}


SECTIONS: tuple[Section, ...] = (
    Section("answer", "The answer", _answer),
    Section("wrong", "What is wrong or missing, and why", _failures),
    Section("winners", "Fastest correct method", _winners),
    Section("machines", "Machines side by side", _machines),
    Section("growth", "Time against size", _group("growth"), "charts"),
    Section("costs", "What k calls cost, and when compiling pays", _costs),
    Section("models", "Products of models over their gradients", _models),
    Section("sparsity", "Sparse Hessians", _sparsity),
    Section("uses", "Time to solution, and spectra", _uses),
    Section("accuracy", "Accuracy against time", _group("accuracy"), "charts"),
    Section("memory", "Memory against size", _group("memory"), "charts"),
    Section("devices", "CPU beside GPU", _group("devices"), "charts"),
    Section("heat", "Every method on every problem", _heat),
    Section("capabilities", "What each framework can do", _capabilities),
    Section("disagreements", "Who disagrees with whom", _disagreements),
    Section("table", "All cells", _table),
    Section("environment", "Where and how", _environment),
    Section("meaning", "What every number means", _meaning),
)

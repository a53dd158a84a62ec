"""Versions side by side as data: a CSV with a row per cell and version, and a JSON of everything."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from hessbench.results.versions.history import abilities, all_cells, faults, news
from hessbench.results.versions.times import Timed
from hessbench.results.versions.verified import Verified, method_of, problem_of

COLUMNS = ("backend", "version", "problem", "method", "outcome", "rel_error", "time_ratio", "confirmed", "cell")
"""Of the CSV. `time_ratio` is the time over that of the baseline version, `confirmed` whether a change from the version
before was confirmed by live pairs."""


def csv_text(versions: Sequence[Verified], times: Sequence[Timed] = ()) -> str:
    """The CSV.

    Args:
        versions: Verifications of one framework, oldest first.
        times: Times of its versions.

    Returns:
        A row per cell and version, of verified cells and of timed ones.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in versions:
        for cell, finding in one.cells.items():
            error = "" if finding.error is None else finding.error
            writer.writerow(
                (one.backend, one.version, problem_of(cell), method_of(cell), finding.outcome, error, "", "", cell)
            )
    for timed in times:
        place = (timed.backend, timed.version, problem_of(timed.cell), method_of(timed.cell), timed.verdict, "")
        writer.writerow((*place, timed.ratio, timed.confirmed, timed.cell))
    return stream.getvalue()


def as_data(versions: Sequence[Verified], times: Sequence[Timed] = ()) -> dict[str, Any]:
    """Everything as plain data.

    Args:
        versions: Verifications of one framework, oldest first.
        times: Times of its versions.

    Returns:
        `versions`, `faults`, `news`, `abilities`, `times`, and `cells`: cell -> version -> outcome.
    """
    return {
        "versions": [{"backend": one.backend, "version": one.version, **one.facts} for one in versions],
        "faults": [asdict(fault) for fault in faults(versions)],
        "news": [{**asdict(one), "what": one.what} for one in news(versions)],
        "abilities": [asdict(ability) for ability in abilities(versions)],
        "times": [asdict(timed) for timed in times],
        "cells": {
            cell: {one.version: one.cells[cell].outcome for one in versions if cell in one.cells}
            for cell in all_cells(versions)
        },
    }

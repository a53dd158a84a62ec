"""The memory pass: how much more than the prepared program a call needs, each cell in a process of its own.

In a process that has computed other cells, memory that they left behind hides what this one needs, so the pass
pays for a fresh worker per cell and measures no time. Host memory is resident pages, so results below a few hundred
kilobytes weigh nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hessbench import backends
from hessbench.harness.planning.cell import Cell
from hessbench.harness.planning.settings import Settings
from hessbench.harness.running.launch import Launch, WorkerDied
from hessbench.harness.running.runner import LOGS, Observer, task_of
from hessbench.results.stored.store import MEMORY_MEASURED, Journal


def memory_pass(
    directory: Path, journal: Journal, settings: Settings, cells: Iterable[Cell], observer: Observer
) -> None:
    """Weigh cells, one worker each, into the journal.

    Args:
        directory: The run folder.
        journal: Its journal.
        settings: Limits, seed.
        cells: What was measured, and has not been weighed yet.
        observer: Told of every launch.
    """
    for cell in cells:
        observer.launching(cell.group, 0, 1)
        journal.append({"event": MEMORY_MEASURED, "cell": cell.key, **_weight(directory, settings, cell)})


def _weight(directory: Path, settings: Settings, cell: Cell) -> dict[str, Any]:
    task = {**task_of(cell.group, settings, directory), "weigh": True, "cells": [{"cell": cell.as_dict()}]}
    variables = backends.load(cell.backend).environment(*cell.group.switches)
    try:
        with Launch(task, variables, settings.limits, directory / LOGS / f"memory-{cell.key}.log") as launch:
            ends = [event["outcome"] for event in launch.events() if event["event"] == "cell_end"]
    except WorkerDied as death:
        return {"reason": death.reason}
    return dict(ends[0]) if ends else {"reason": "the worker could not start"}

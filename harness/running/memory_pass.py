"""The memory pass: how much more than the prepared program a call needs, each cell in a process of its own.

In a process that has computed other cells, memory that they left behind hides what this one needs, so the pass
pays for a fresh worker per cell and measures no time. Host memory is resident pages, so results below a few hundred
kilobytes weigh nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from hessbench import backends
from hessbench.harness.planning.grid import Cell
from hessbench.harness.planning.settings import Settings
from hessbench.harness.protocol import CellEnd, Visit
from hessbench.harness.running.launch import WorkerDied
from hessbench.harness.running.place import Here, Order, Place
from hessbench.harness.running.runner import LOGS, Observer, task_of
from hessbench.results.stored.store import MEMORY_MEASURED, Journal


def memory_pass(
    directory: Path,
    journal: Journal,
    settings: Settings,
    cells: Iterable[Cell],
    observer: Observer,
    place: Place | None = None,
) -> None:
    """Weigh cells, one worker each, into the journal.

    Args:
        directory: The run folder.
        journal: Its journal.
        settings: Limits, seed.
        cells: What was measured, and has not been weighed yet.
        observer: Told of every launch.
        place: Where they happen (default: here).
    """
    for cell in cells:
        observer.launching(cell.group, 0, 1)
        weight = _weight(directory, settings, cell, place or Here())
        journal.append({"event": MEMORY_MEASURED, "cell": cell.key, **weight})


def _weight(directory: Path, settings: Settings, cell: Cell, place: Place) -> dict[str, Any]:
    task = replace(task_of(cell.group, settings, directory, (Visit(cell),)), purpose="memory")
    variables = backends.load(cell.backend).environment(*cell.group.switches)
    name = f"memory-{cell.key}"
    order = Order(name, cell.group, task, variables, settings.limits, directory / LOGS / f"{name}.log")
    try:
        with place.launched(order) as launch:
            ends = [message.outcome for message in launch.messages() if isinstance(message, CellEnd)]
    except WorkerDied as death:
        return {"reason": death.reason}
    if not ends:
        return {"reason": "the worker could not start"}
    return {
        "status": ends[0].status,
        "reason": ends[0].reason,
        "extra_host_bytes": ends[0].facts.get("extra_host_bytes"),
    }

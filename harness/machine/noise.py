"""What is known of this machine's noise: measured once by `hessbench calibrate`, quoted by every later run."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hessbench.harness.machine import environment
from hessbench.results.comparing.verdict import DRIFT
from hessbench.results.stored.files import cache_folder, write_atomically
from hessbench.results.stored.record import MACHINE

VARIABLE = "HESSBENCH_CALIBRATION"
"""Names the file; else it lies in the user's cache, one per kind of machine."""


def path(machine: Mapping[str, Any] | None = None) -> Path:
    """The file of a machine (of this one, unless told otherwise)."""
    if VARIABLE in os.environ:
        return Path(os.environ[VARIABLE])
    known = machine or environment.machine()
    name = hashlib.sha256(json.dumps([known.get(part) for part in MACHINE]).encode()).hexdigest()[:12]
    return cache_folder() / f"calibration-{name}.json"


def read() -> dict[str, Any] | None:
    """The figures of this machine, or None where nobody has calibrated it."""
    try:
        found = json.loads(path().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and "sentence" in found else None


def write(figures: Mapping[str, Any]) -> Path:
    """Keep the figures; the path of the file that was written, an OSError where it cannot be."""
    file = path()
    file.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(file, json.dumps(figures, indent=1))
    return file


def drift() -> float:
    """Log ratio that runs of the same code may lie apart here when they were not interleaved."""
    return float((read() or {}).get("drift", DRIFT))

"""What benchmark trackers read: pytest-benchmark's JSON, and github-action-benchmark's own list.

Only cells that are ok are in them: a tracker cannot tell a wrong result from a fast one.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from hessbench.results.stored.record import AXES, CELL, DEFAULTS, Record, beyond_defaults
from hessbench.results.tables.ranking import undisturbed
from hessbench.results.units import seconds

if TYPE_CHECKING:
    from hessbench.results.stored.run import StoredRun

KEPT_SAMPLES = 200
"""Raw samples per benchmark in the file; the statistics are of all."""


def pytest_benchmark(run: StoredRun) -> str:
    """As `pytest --benchmark-json` writes it, times in seconds; samples of all launches together.

    Its statistics treat samples as replicates, which they are not (`results.comparing.statistics`): good for tracking,
    not for deciding.

    Args:
        run: The run.

    Returns:
        JSON with an entry for each cell that was right in all its launches.
    """
    groups: dict[str, list[tuple[Record, list[float]]]] = {}
    samples = run.samples
    for key, record in run.records.items():
        groups.setdefault(record.cell, []).append((record, samples.get(key, [])))
    benchmarks = [_benchmark(records) for records in groups.values() if _right(records)]
    machine = run.manifest["machine"]
    data = {
        "machine_info": {
            "node": machine.get("host", ""),
            "processor": machine["cpu"],
            "machine": machine["cpu"],
            "python_implementation": "CPython",
            "python_version": machine.get("python", ""),
            "system": machine.get("system", ""),
            "cpu": {"brand_raw": machine["cpu"], "count": machine["usable_cores"]},
        },
        "commit_info": {"id": "unversioned", "time": None, "dirty": False, "project": "hessbench", "branch": ""},
        "benchmarks": benchmarks,
        "datetime": _moment(run.manifest["created"]),
        "version": run.manifest["versions"].get("hessbench", ""),
    }
    return json.dumps(data, indent=1, allow_nan=False) + "\n"


def _right(records: Sequence[tuple[Record, list[float]]]) -> bool:
    return all(record.status == "ok" for record, _ in records) and any(values for _, values in records)


def _benchmark(records: Sequence[tuple[Record, list[float]]]) -> dict[str, Any]:
    first = records[0][0]
    values = [value for _, samples in records for value in samples]
    name = benchmark_name(first)
    params = {axis: getattr(first, axis) for axis in CELL}
    return {
        "group": f"{first.operator} {first.suite}/{first.problem} n={first.n}",
        "name": name,
        "fullname": f"hessbench/{name}",
        "params": params,
        "param": f"{first.backend}-{first.method}",
        "extra_info": {
            "rel_error": first.rel_error,
            "version": first.version,
            "cell": first.cell,
            "launches": len(records),
            "disturbed": "; ".join(dict.fromkeys(record.disturbed for record, _ in records if record.disturbed)),
        },
        "options": {
            "disable_gc": False,
            "timer": "perf_counter",
            "min_rounds": 1,
            "max_time": 0.0,
            "min_time": 0.0,
            "warmup": True,
        },
        "stats": _statistics(values, first.loops or 1),
    }


_ALWAYS = [axis for axis in AXES if axis not in ("suite", "problem", "operator", *DEFAULTS)]
"""Axes of a name that stand in brackets whatever their value; suite, problem and operator have places of their own."""


def benchmark_name(record: Record) -> str:
    """Unique within a run, and the same in every run of the cell."""
    parts = [f"{record.suite}/{record.problem}", *(str(getattr(record, axis)) for axis in _ALWAYS)]
    # What goes without saying is not said: trackers join runs by name, and an axis that comes later changes none.
    parts += [f"{axis}{value}" if isinstance(value, int) else value for axis, value in beyond_defaults(record).items()]
    return f"{record.operator}[{'-'.join(parts)}]"


def _statistics(values: Sequence[float], loops: int) -> Mapping[str, Any]:
    """pytest-benchmark's, as its documentation defines them."""
    x = np.sort(np.asarray(values, dtype=float))
    q1, median, q3 = (float(q) for q in np.percentile(x, [25, 50, 75]))
    iqr, mean = q3 - q1, float(x.mean())
    spread = float(x.std(ddof=1)) if x.size > 1 else 0.0
    low, high = q1 - 1.5 * iqr, q3 + 1.5 * iqr
    far = int(np.sum(np.abs(x - mean) > spread))
    outside = int(np.sum((x < low) | (x > high)))
    inside = x[(x >= low) & (x <= high)]
    return {
        "min": float(x[0]),
        "max": float(x[-1]),
        "mean": mean,
        "stddev": spread,
        "rounds": int(x.size),
        "median": median,
        "iqr": iqr,
        "q1": q1,
        "q3": q3,
        "iqr_outliers": outside,
        "stddev_outliers": far,
        "outliers": f"{far};{outside}",
        "ld15iqr": float(inside.min()),
        "hd15iqr": float(inside.max()),
        "ops": 1 / mean if mean else 0.0,
        "total": float(x.sum()),
        "iterations": loops,
        "data": [float(value) for value in values[:KEPT_SAMPLES]],
    }


def _moment(created: str) -> str:
    try:
        return datetime.fromisoformat(created).isoformat()
    except ValueError:
        return created


def github_action(run: StoredRun) -> str:
    """A list of {name, unit, value, range, extra}; smaller is better."""
    table = run.summary
    rows = table[undisturbed(table)].to_dict("records")
    return json.dumps([_entry(row) for row in rows], indent=1, allow_nan=False) + "\n"


def _entry(row: Mapping[Any, Any]) -> dict[str, Any]:
    name = f"{row['operator']} {row['suite']}/{row['label']} n={row['n']} {row['backend']} {row['method']}"
    entry = {"name": name, "unit": "s", "value": row["min_s"]}
    if math.isfinite(row["low_s"]):
        entry["range"] = f"{seconds(row['low_s'])} to {seconds(row['high_s'])}"
    launches = int(row["launches"])
    return entry | {"extra": f"median over {launches} launch{'es' * (launches > 1)} of their fastest samples"}

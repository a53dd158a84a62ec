"""Synthetic runs: no worker, no framework, any outcome."""

import json

import pytest

from hessbench.results.run import load
from hessbench.results.stored.record import AXES, STATUSES, Record
from hessbench.results.stored.store import JOURNAL, MANIFEST

TIMED = {
    "prepare_s": 0.1,
    "first_call_s": 0.02,
    "median_s": 2e-3,
    "q1_s": 1.5e-3,
    "q3_s": 3e-3,
    "samples": 5,
    "clean_samples": 5,
    "waited": 0.0,
    "loops": 1,
    "spent_s": 0.2,
    "check_s": 0.01,
    "import_s": 1.0,
    "rel_error": 1e-15,
    "max_error": 1e-15,
    "tolerance": 1e-12,
}


def _record(backend="jax", method="hessian-jit", operator="hessian", n=10, status="ok", min_s=1e-3, **changes):
    facts = {
        "suite": "quick",
        "problem": "rosenbrock",
        "n": n,
        "operator": operator,
        "backend": backend,
        "method": method,
        "mode": "forward-over-reverse",
        "execution": "jit",
        "assembly": "stock",
        "dtype": "float64",
        "device": "cpu",
        "round": 1,
        "status": status,
        "reason": "" if status == "ok" else f"because {status}",
        "judge": "closed_form",
    }
    times = {**TIMED, "min_s": min_s} if status in ("ok", "wrong", "unverifiable") else {}
    row = Record(**{**facts, **times, **changes})
    key = "-".join(str(getattr(row, axis)) for axis in AXES)
    return Record(**{**row.as_dict(), "cell": changes.get("cell", key)})


@pytest.fixture
def make_run(tmp_path):
    """A run folder of the given records; `planned` are cells without one."""

    def make(records, planned=(), rounds=1):
        names = (*AXES, "mode", "execution", "assembly", "cell")
        cells = {row.cell: {name: getattr(row, name) for name in names} for row in [*records, *planned]}
        manifest = {
            "schema_version": 1,
            "created": "2026-11-22T12:00:00+0000",
            "cells": list(cells.values()),
            "configuration": {"suites": ["quick"], "rounds": rounds},
            "versions": {"jax": "0.10.2"},
            "machine": {"cpu": "a processor", "usable_cores": 2},
        }
        (tmp_path / MANIFEST).write_text(json.dumps(manifest))
        lines = [
            json.dumps({"event": "cell_end", "record": row.as_dict(), "sample_seconds": [1e-3]}) for row in records
        ]
        (tmp_path / JOURNAL).write_text("".join(line + "\n" for line in lines))
        return load(tmp_path)

    return make


@pytest.fixture
def mixed(make_run):
    """One cell of every status, two frameworks that are right, and a gradient."""
    rows = [_record("torch", f"method-{status}", status=status) for status in STATUSES if status != "ok"]
    rows += [_record("jax", min_s=1e-3), _record("torch", "func-hessian-eager", min_s=5e-3, execution="eager")]
    rows += [_record("jax", "gradient-jit", "gradient", min_s=1e-4)]
    return make_run(rows)


@pytest.fixture
def record():
    """Makes one record; by default a right Hessian."""
    return _record

"""How long, and in how much memory, is a journal of a hundred thousand records read, summed up and exported?

python benchmarks/large_journal.py [RECORDS]
"""

import argparse
import json
import multiprocessing
import resource
import tempfile
import time
from pathlib import Path

import hessbench as hb
from hessbench.results.stored.record import SCHEMA_VERSION, Record
from hessbench.results.stored.store import JOURNAL, MANIFEST

ROUNDS, SAMPLES = 20, 20
METHODS = ("hessian-jit", "jacrev-grad-jit", "map-jit", "hvp-reverse-over-reverse-jit", "gradient-jit")


def record(index, round_):
    """A record with all times, as a run makes them."""
    method = METHODS[index % len(METHODS)]
    seconds = 1e-5 * (1 + index % 97) * (1 + 0.01 * (index * round_ % 13))
    return Record(
        suite="synthetic",
        problem=f"p{index // 50}",
        n=2 ** (index // 5 % 10),
        backend="jax",
        method=method,
        operator="gradient" if "gradient" in method else "hvp" if "hvp" in method else "hessian",
        mode="",
        assembly="",
        execution="jit",
        dtype="float64",
        device="cpu",
        round=round_,
        status="ok",
        judge="closed_form",
        rel_error=1e-15,
        max_error=1e-15,
        tolerance=1e-12,
        prepare_s=0.1,
        first_call_s=1e-3,
        min_s=seconds,
        median_s=1.1 * seconds,
        q1_s=1.05 * seconds,
        q3_s=1.2 * seconds,
        samples=SAMPLES,
        loops=10,
        peak_host_bytes=10**8,
        import_s=1.0,
        spent_s=0.3,
        check_s=1e-3,
        cell=f"{index:016x}",
    )


def write(folder, count):
    """A run folder of so many records."""
    records = [record(i, r) for i in range(count // ROUNDS) for r in range(1, ROUNDS + 1)]
    names = (
        "suite",
        "problem",
        "n",
        "operator",
        "backend",
        "method",
        "text",
        "batch",
        "precision",
        "dtype",
        "device",
        "mode",
        "execution",
        "assembly",
        "chunk",
        "cell",
    )
    cells = {row.cell: {name: getattr(row, name) for name in names} for row in records}
    manifest = {
        "schema_version": SCHEMA_VERSION,
        "created": "2026-01-01T00:00:00+0000",
        "versions": {},
        "machine": {"cpu": "a processor", "usable_cores": 2},
        "cells": list(cells.values()),
        "configuration": {"suites": ["synthetic"], "rounds": ROUNDS},
    }
    (folder / MANIFEST).write_text(json.dumps(manifest))
    with open(folder / JOURNAL, "w") as stream:
        for row in records:
            samples = [row.min_s * (1 + i / 100) for i in range(SAMPLES)]
            stream.write(json.dumps({"event": "cell_end", "record": row.as_dict(), "sample_seconds": samples}) + "\n")


def main():
    """Time each step and print the peak of resident memory."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("records", type=int, nargs="?", default=100_000)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        writer = multiprocessing.Process(target=write, args=(folder, parser.parse_args().records))
        writer.start()
        writer.join()
        start = time.perf_counter()
        steps = {
            "read": lambda: hb.load(folder),
            "table": lambda: run.frame,
            "summary": lambda: run.summary,
            "csv": lambda: run.csv(),
        }
        run = None
        for name, step in steps.items():
            begin = time.perf_counter()
            result = step()
            run = result if name == "read" else run
            print(f"{name}: {time.perf_counter() - begin:.1f} s")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        print(f"together {time.perf_counter() - start:.1f} s, peak {peak / 1e9:.2f} GB")


if __name__ == "__main__":
    main()

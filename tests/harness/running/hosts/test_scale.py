"""A thousand hosts and ten thousand cells, made up, in one coordinator: its memory, its time, its journal's rate.

On paper: a record is a line of 1.5 KB; the journal writes and syncs three lines a cell, of all threads that wait
together at once; a host's thread and runner hold some 100 KB; a record is kept once, 5 KB. So 1,000 hosts and 10,000
cells take 150 MB beyond an empty process, and what bounds the rate is Python's own lock: half a millisecond a record.
"""

import contextlib
import time
from pathlib import Path

import pytest
from made_up import Hosts, host, right, run

from hessbench.harness.planning.grid import Cell

GB = 1 << 30


def plan(count):
    methods = [f"method-{i}" for i in range(10)]
    return [
        Cell("quick", f"problem-{i // 10}", 10, "hessian", "numpy", methods[i % 10], "float64", "cpu")
        for i in range(count)
    ]


@pytest.mark.parametrize(
    ("hosts", "cells"),
    [(50, 500), pytest.param(1000, 10_000, marks=[pytest.mark.slow, pytest.mark.worker])],
)
def test_a_coordinator_has_room_and_time_for_many_hosts(tmp_path, monkeypatch, hosts, cells):
    monkeypatch.setattr("hessbench.harness.running.runner.declared", Declared)
    before = memory("VmRSS", afresh=True)
    begin, own = time.perf_counter(), time.process_time()
    left, records = run(tmp_path, plan(cells), Hosts(*(host(f"h{i}") for i in range(hosts))), right, "checked")
    seconds, own = time.perf_counter() - begin, time.process_time() - own
    assert not left
    assert len({record["cell"] for record in records}) == len(records) == cells
    assert (
        len({record["measured_on"] for record in records}) > hosts / 20
    )  # at once, hosts are done before others begin
    peak = memory("VmHWM") - before
    rate = f"{cells / seconds:.0f} records/s, {cells / own:.0f} in a second of the processor"
    print(f"{hosts} hosts, {cells} cells: {seconds:.1f} s, {rate}, {peak / GB:.2f} GB")
    assert peak < GB


def memory(name, *, afresh=False):
    """Bytes of this process by a line of /proc, 0 where there is none; other tests' peak is forgotten first."""
    with contextlib.suppress(OSError):
        if afresh:
            Path("/proc/self/clear_refs").write_text("5")
        status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
        return int(status[name].split()[0]) << 10
    return 0


class Declared:
    """A method that is made up."""

    mode, execution, assembly, chunk, estimate = "forward-over-reverse", "eager", "vmap", "", None

    def __init__(self, cell): ...

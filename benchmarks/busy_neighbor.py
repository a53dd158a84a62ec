"""What a busy neighbor does to the times of a quick run, and what of it is marked.

    python benchmarks/busy_neighbor.py [--quiet 2] [--out DIR] [SUITE...]

Runs the same cells alone (several times: a quiet time is the median of those that nothing disturbed), then beside
one or two processes that spin, that fill the memory's bandwidth, or that compute with threads, and beside processes
that come and go at random. For each: the share of cells with a mark, and the distribution of time over quiet time, of
all cells and of those without a mark. "Without the witness" is what the fastest of all samples would have said.
"""

import argparse
import contextlib
import random
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import pandas as pd

import hessbench as hb

SPIN = "while True: pass"
BANDWIDTH = "import numpy as np; a = np.zeros(1 << 25); b = np.ones(1 << 25)\nwhile True: np.copyto(a, b)"
THREADS = "import numpy as np; a = np.random.rand(1500, 1500)\nwhile True: a @ a"
NEIGHBORS = {
    "1 spinning": [SPIN],
    "2 spinning": [SPIN, SPIN],
    "1 copying memory": [BANDWIDTH],
    "1 with threads": [THREADS],
    "come and go": None,
}
WITHIN, BEYOND = 1.15, 1.5


@contextlib.contextmanager
def neighbors(programs):
    """These programs run meanwhile; None lets spinning ones come and go."""
    if programs is not None:
        started = [subprocess.Popen([sys.executable, "-c", program]) for program in programs]
        try:
            yield
        finally:
            for process in started:
                process.kill()
                process.wait()
        return
    over = threading.Event()

    def come_and_go():
        dice = random.Random(0)
        while not over.is_set():
            with neighbors(dice.choice([[SPIN], [SPIN, SPIN], [THREADS]])):
                over.wait(dice.expovariate(1 / 5))
            over.wait(dice.expovariate(1 / 10))

    thread = threading.Thread(target=come_and_go)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def times(suites, folder):
    """One row per cell that was right: its time, its mark, and the fastest of all samples."""
    run = hb.run(suites, quick=True, backends=["numpy", "jax", "tensorflow", "torch"], out=folder)
    fastest = {key: min(values) for (key, _), values in run.samples.items()}
    frame = run.frame[run.frame["status"].eq("ok") & run.frame["min_s"].notna()]
    return frame.assign(fastest=frame["cell"].map(fastest)).set_index("cell")[
        ["backend", "min_s", "fastest", "disturbed"]
    ]


def line(name, ratios, marked=None):
    """A distribution as one row of a table in Markdown."""
    low, median, high = np.quantile(ratios, (0.05, 0.5, 0.95))
    near = np.mean(np.abs(np.log(ratios)) <= np.log(WITHIN))
    share = "" if marked is None else f"{marked:.0%}"
    far = f"{np.max(ratios):.3g}, {np.mean(ratios > BEYOND):.1%}"
    return f"| {name} | {len(ratios)} | {share} | {low:.2f} / {median:.2f} / {high:.2f} | {near:.0%} | {far} |"


def main():
    """Measure alone and beside neighbors; print the table."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("suites", nargs="*", default=["quick"])
    asked.add_argument("--quiet", type=int, default=2, help="runs without a neighbor (default: 2)")
    asked.add_argument("--beside", action="append", choices=NEIGHBORS, help="only this neighbor; may be repeated")
    asked.add_argument("--out", type=Path, help="keep the runs here")
    given = asked.parse_args()
    folder = given.out or Path(tempfile.mkdtemp(prefix="hessbench-neighbors-"))
    start = time.perf_counter()
    alone = [times(given.suites, folder / f"quiet-{i}") for i in range(given.quiet)]
    calm = pd.concat([one[one["disturbed"].eq("")] for one in alone])
    quiet = calm.groupby(level=0)["min_s"].median()
    print("| beside | cells | marked | time over quiet time: 5 %, median, 95 % | within 15 % | largest, beyond 1.5 |")
    print("|---|---|---|---|---|---|")
    cases = [(f"nobody, run {i + 1}", one) for i, one in enumerate(alone)]
    for name in given.beside or NEIGHBORS:
        with neighbors(NEIGHBORS[name]):
            cases.append((name, times(given.suites, folder / name.replace(" ", "-"))))
    for name, found in cases:
        known = found[found.index.isin(quiet.index)]
        ratio = {column: known[column] / quiet.reindex(known.index) for column in ("min_s", "fastest")}
        clear = known["disturbed"].eq("")
        print(line(name, ratio["min_s"][clear], 1 - clear.mean()))
        for backend, rows in known.groupby("backend"):
            own = rows["disturbed"].eq("")
            if own.any():
                print(line(f"... {backend}", ratio["min_s"].reindex(rows.index)[own], 1 - own.mean()))
        print(line(f"{name}, without the witness", ratio["fastest"]))
    print(f"\n{time.perf_counter() - start:.0f} s; runs in {folder}")


if __name__ == "__main__":
    main()

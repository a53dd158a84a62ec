"""`hessbench` as the tests start it: on a machine without neighbors, and a run leaves its report out.

What a test finds must not depend on who else computes: times count as the methods' own, so that nothing is measured
again. A report is a process that takes longer than a small run; it has tests of its own, and `report=True` asks for it.
"""

import sys

from hessbench.harness.commands import cli, recommend, run
from hessbench.harness.machine import busy
from hessbench.harness.running import pairs, place

GPU_FACTS = place.with_gpu


def calm(outcome, gauge):
    """The outcome without what was seen of other processes; what a GPU's gauge says stays."""
    if "disturbed" in outcome.facts:
        outcome = outcome.known(disturbed="", pace_s=None)
    return GPU_FACTS(outcome, gauge)


def settle(report=False):
    """Make this process one on a calm machine, with fewer launches where only time would come of more."""
    place.with_gpu = calm
    busy.cores_in_use = lambda: 0.0
    recommend.CONFIRMING = pairs.CONFIRMING = 2
    if not report:
        run._report = lambda directory, as_json: True


if __name__ == "__main__":
    settle()
    sys.exit(cli.main())

"""CPU beside GPU: the same problem's lines on both, where a run has both."""

from __future__ import annotations

from functools import partial

from hessbench.results.charts.chart import Chart
from hessbench.results.charts.lines import lines
from hessbench.results.charts.look import seconds_axis

CHARTS = (
    Chart(
        "devices",
        "devices",
        "devices",
        "Time per call against the number of variables on each device, for each framework's fastest correct method "
        "there. Where the lines of one color cross, the device begins to pay.",
        partial(
            lines,
            value="min_s",
            title="time per call",
            axis=seconds_axis,
            interval=("low_s", "high_s"),
            panel="place",
            dash="device",
        ),
        {"status": ("ok",), "several_devices": (True,), "champion": (True,)},
        ("min_s",),
    ),
)

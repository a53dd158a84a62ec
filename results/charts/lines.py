"""A line per method against n, a panel per problem: time, its ratios, and memory; the interval as a bar."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import altair as alt

from hessbench.results.charts.chart import RIGHT, Chart, data
from hessbench.results.charts.look import Look, bytes_axis, facts, log, ratio_axis, seconds_axis

FACETS = 4
"""Panels side by side in a figure; the page takes as many as there is room for."""


def lines(
    look: Look,
    value: str,
    title: str,
    axis: Callable[[], alt.Axis],
    interval: tuple[str, str] | None = None,
    panel: str = "label",
    dash: str = "execution",
) -> alt.TopLevelMixin:
    """A line per method against the number of variables, with a mark at every size.

    Args:
        look: What is common to all charts.
        value: Column of the vertical axis, logarithmic.
        title: What it is, with its unit.
        axis: Its labels.
        interval: Columns of its lower and upper end.
        panel: Column that has a panel for each value.
        dash: Column that lines of one color are told apart by.

    Returns:
        The chart, a panel for each value of `panel`.
    """
    near = alt.selection_point(name="near", on="pointerover", fields=["backend", "method"], clear="pointerout")
    scale = log(nice=axis is seconds_axis)
    base = alt.Chart().encode(
        x=look.size_axis(),
        y=alt.Y(f"{value}:Q", scale=scale, axis=axis(), title=title),
        color=look.color(),
        detail=["method:N", "device:N"],
        tooltip=facts(),
        opacity=alt.condition(near, alt.value(0.95), alt.value(0.12)),
    )
    dashes = alt.StrokeDash(f"{dash}:N", title=dash, legend=alt.Legend(orient="bottom", symbolStrokeColor="gray"))
    layers = [base.mark_line(strokeWidth=1.8).encode(strokeDash=dashes)]
    if interval:
        low, high = interval
        layers += [base.mark_rule(strokeWidth=1.2).encode(y=f"{low}:Q", y2=f"{high}:Q")]
    layers += [base.mark_point(filled=True, size=48, opacity=1).encode(shape=look.shape()).add_params(near)]
    whole = alt.layer(*layers).properties(width=230, height=190)
    return whole.facet(alt.Facet(f"{panel}:N", title=None), columns=FACETS, data=data())


CHARTS = (
    Chart(
        "time",
        "growth",
        "time",
        "Time per call against the number of variables, both axes logarithmic: one line for each correct method, one "
        "panel for each problem. Bars are intervals over launches.",
        partial(lines, value="min_s", title="time per call", axis=seconds_axis, interval=("low_s", "high_s")),
        RIGHT,
        ("min_s",),
    ),
    Chart(
        "ratio_to_gradient",
        "growth",
        "ratio to gradient",
        "Time per call over that of the gradient in the same framework and execution, against the number of variables.",
        partial(
            lines,
            value="ratio_to_gradient",
            title="time ÷ gradient's time",
            axis=ratio_axis,
            interval=("gradient_low", "gradient_high"),
        ),
        RIGHT,
        ("ratio_to_gradient",),
    ),
    Chart(
        "ratio_to_best",
        "growth",
        "ratio to best",
        "Time per call over that of the fastest correct method of the same problem and size, against the number of "
        "variables.",
        partial(
            lines,
            value="relative",
            title="time ÷ fastest correct",
            axis=ratio_axis,
            interval=("relative_low", "relative_high"),
        ),
        RIGHT,
        ("relative",),
    ),
    Chart(
        "memory",
        "memory",
        "memory",
        "Peak resident memory of the worker while the cell ran, the framework included, against the number of "
        "variables.",
        partial(lines, value="peak_host_bytes", title="peak memory of the worker", axis=bytes_axis),
        RIGHT,
        ("peak_host_bytes",),
    ),
)
DEVICES = (
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
        {**RIGHT, "several_devices": (True,), "champion": (True,)},
        ("min_s",),
    ),
)
"""CPU beside GPU: the same problem's lines on both, where a run has both."""

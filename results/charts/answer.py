"""The one picture at the top: how far each framework's best correct method is from the fastest one."""

from __future__ import annotations

import altair as alt

from hessbench.results.charts.chart import RIGHT, Chart, data
from hessbench.results.charts.look import Look, facts, ratio_axis


def by_problem(look: Look) -> alt.TopLevelMixin:
    """A row per problem at its largest size, a mark per framework; bars are intervals over launches."""
    base = alt.Chart(data()).encode(
        x=alt.X(
            "relative:Q",
            scale=alt.Scale(type="log", nice=False, padding=14),
            axis=ratio_axis(),
            title="× the fastest correct time",
        ),
        y=alt.Y(
            "contest:N",
            title=None,
            axis=alt.Axis(grid=True, gridDash=[1, 3], ticks=False, domain=False, labelLimit=260, labelPadding=14),
        ),
        color=look.color(),
        tooltip=facts(),
    )
    bars = base.mark_rule(strokeWidth=2).encode(x="relative_low:Q", x2="relative_high:Q")
    marks = base.mark_point(filled=True, size=95, opacity=1).encode(shape=look.shape())
    return alt.layer(bars, marks).properties(width=620, height=alt.Step(26))


def profile(look: Look) -> alt.TopLevelMixin:
    """Part of all problem sizes that a framework solves correctly within a factor of the fastest.

    A performance profile (Dolan and Moré, Math. Programming 91, 2002, doi:10.1007/s101070100263): what is wrong
    or missing keeps a line from reaching 100 %.

    Args:
        look: What is common to all charts.

    Returns:
        The chart, a step line for each framework.
    """
    base = alt.Chart(data()).encode(
        x=alt.X(
            "relative:Q",
            scale=alt.Scale(type="log", nice=False),
            axis=ratio_axis(),
            title="within this factor of the fastest",
        ),
        y=alt.Y(
            "share:Q", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%"), title="part of all problem sizes"
        ),
        color=look.color(),
    )
    steps = base.mark_line(interpolate="step-after", strokeWidth=2.2)
    says = [*facts(), alt.Tooltip("share:Q", format=".0%", title="part of all problem sizes")]
    marks = base.mark_point(filled=True, size=42, opacity=1).encode(shape=look.shape(), tooltip=says)
    ends = (
        base.transform_joinaggregate(end="max(relative)")
        .transform_aggregate(start="max(relative)", end="max(end)", share="max(share)", groupby=["backend"])
        .mark_rule(strokeWidth=2.2)
        .encode(x="start:Q", x2="end:Q")
    )
    return alt.layer(steps, ends, marks).properties(width=620, height=260)


CHARTS = (
    Chart(
        "answer",
        "answer",
        "by problem",
        "For each problem at its largest size: the time of each framework's fastest correct method as a multiple of "
        "the fastest of all. Bars are intervals over launches; a framework without a mark has no correct result there.",
        by_problem,
        {**RIGHT, "best_here": (True,), "largest": (True,)},
        ("relative",),
    ),
    Chart(
        "profile",
        "answer",
        "over all problems",
        "In what part of all problem sizes each framework is correct and within a factor of the fastest. Higher is "
        "better; what is wrong or missing keeps a line below 100 %.",
        profile,
        {**RIGHT, "best_here": (True,)},
        ("relative", "share"),
    ),
)

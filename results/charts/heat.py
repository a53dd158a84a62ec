"""Every method on every problem as a figure; the page has the same as a table."""

from __future__ import annotations

import altair as alt

from hessbench.results.charts.chart import Chart, data
from hessbench.results.charts.look import Look, facts


def heat(look: Look) -> alt.TopLevelMixin:
    """Multiple of the fastest correct time by color, the outcome in words where it is not ok."""
    base = (
        alt.Chart(data())
        .transform_calculate(name="datum.backend + ' · ' + datum.method")
        .encode(
            x=alt.X("contest:N", title=None, axis=alt.Axis(labelAngle=-40, labelLimit=220)),
            y=alt.Y("name:N", title=None, axis=alt.Axis(labelLimit=260)),
        )
    )
    cells = base.mark_rect(stroke="white").encode(
        color=alt.Color(
            "relative:Q", scale=alt.Scale(type="log", scheme="cividis", reverse=True), title="× fastest correct"
        ),
        tooltip=[*facts(), alt.Tooltip("status:N"), alt.Tooltip("reason:N")],
    )
    fast, slow = "datum.relative < 30", "datum.relative >= 30"
    numbers = [
        base.transform_filter(which)
        .mark_text(fontSize=8, color=color)
        .encode(text=alt.Text("relative:Q", format=".2~s"))
        for which, color in ((f"isValid(datum.relative) && {fast}", "black"), (slow, "white"))
    ]
    words = base.transform_filter("datum.status != 'ok'").mark_text(fontSize=7, color="#B2182B")
    words = words.encode(text="status:N")
    return alt.layer(cells, *numbers, words).properties(width=alt.Step(62), height=alt.Step(16))


CHARTS = (
    Chart(
        "heat",
        "heat",
        "heat map",
        "Time of every method as a multiple of the fastest correct one, for every problem and size; the outcome "
        "where it is not ok.",
        heat,
        on_page=False,
    ),
)

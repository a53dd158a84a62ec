"""Error against time: which methods nothing else beats in both, and who judged."""

from __future__ import annotations

import altair as alt

from hessbench.results.charts.chart import OWN_TIME, Chart, data
from hessbench.results.charts.look import Look, error_axis, facts, log, seconds_axis


def accuracy(look: Look) -> alt.TopLevelMixin:
    """A panel per problem at its largest size; a step line through the Pareto front; crosses are wrong."""
    near = alt.selection_point(name="near", on="pointerover", fields=["backend", "method"], clear="pointerout")
    base = alt.Chart().encode(
        x=alt.X("min_s:Q", scale=log(), axis=seconds_axis(), title="time per call"),
        y=alt.Y("error:Q", scale=log(), axis=error_axis(), title="relative error"),
    )
    front = base.transform_filter("datum.pareto").mark_line(
        interpolate="step-after", strokeWidth=1.2, strokeDash=[4, 3], color="gray"
    )
    marked = base.encode(
        color=look.color(),
        tooltip=facts(),
        opacity=alt.condition(near, alt.value(1), alt.value(0.15)),
    )
    right = marked.transform_filter("datum.status != 'wrong'").mark_point(size=60, strokeWidth=1.6)
    hollow = "datum.judge == 'closed_form' ? 0.9 : 0"
    right = right.encode(shape=look.shape(), fill=look.color(), fillOpacity=alt.FillOpacityValue({"expr": hollow}))
    wrong = marked.transform_filter("datum.status == 'wrong'").mark_text(text="✕", fontSize=13, fontWeight="bold")
    return (
        alt.layer(front, right.add_params(near), wrong)
        .properties(width=230, height=190)
        .facet(alt.Facet("contest:N", title=None), columns=4, data=data())
    )


CHARTS = (
    Chart(
        "accuracy",
        "accuracy",
        "accuracy",
        "Relative error against time per call, both logarithmic, at each problem's largest size. The dashed line joins "
        "methods that no correct one beats in both. Filled marks were judged by the closed form, hollow ones by finite "
        "differences; a cross is wrong and stands outside of every ranking. Errors below 1e-17 stand at 1e-17.",
        accuracy,
        {"status": ("ok", "wrong", "unverifiable"), **OWN_TIME, "largest": (True,)},
        ("min_s", "error"),
    ),
)

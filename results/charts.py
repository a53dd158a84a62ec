"""Charts as Vega-Lite specifications, made with Altair from a run's summary."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

alt.data_transformers.disable_max_rows()  # the data of a page are inside it, however many

FRAMEWORK_COLORS = {
    "jax": "#0072B2",
    "torch": "#D55E00",
    "tensorflow": "#E69F00",
    "numpy": "#6B6B6B",
    "autograd": "#009E73",
    "casadi": "#CC79A7",
}
"""Okabe and Ito's palette, readable for color-blind people; the same framework has the same color everywhere."""

OTHER_COLORS = ("#56B4E9", "#000000", "#F0E442")


def colors(backends: list[str]) -> alt.Scale:
    """A fixed color per framework; third-party backends get the rest of the palette."""
    others = iter(OTHER_COLORS * len(backends))
    return alt.Scale(domain=backends, range=[FRAMEWORK_COLORS.get(name) or next(others) for name in backends])


def time_against_n(table: pd.DataFrame) -> dict[str, Any]:
    """Least time per call against n, log-log, a line per method, a panel per problem; an operator at a time."""
    right = table[(table["status"] == "ok") & table["min_s"].notna()]
    data = right[
        ["label", "n", "operator", "backend", "method", "execution", "min_s", "median_s", "relative", "rel_error"]
    ]
    operators = list(dict.fromkeys(data["operator"]))
    start = next((name for name in ("hessian", "hvp") if name in operators), operators[0])
    choice = alt.binding_select(options=operators, name="operator ")
    operator = alt.selection_point(fields=["operator"], bind=choice, value=start, name="operator")
    highlight = alt.selection_point(fields=["backend"], bind="legend", name="framework")
    base = alt.Chart(data).encode(
        x=alt.X("n:Q", scale=alt.Scale(type="log", nice=False, padding=12), title="n (variables)",
                axis=alt.Axis(values=sorted(set(data["n"])), format="d")),
        y=alt.Y("min_s:Q", scale=alt.Scale(type="log"), title="least time per call (s)",
                axis=alt.Axis(format="~e", tickCount=4)),
        color=alt.Color("backend:N", scale=colors(list(dict.fromkeys(data["backend"]))), title="framework"),
        detail="method:N",
        opacity=alt.condition(highlight, alt.value(0.95), alt.value(0.1)),
        tooltip=[
            alt.Tooltip("backend:N"), alt.Tooltip("method:N"), alt.Tooltip("n:Q"),
            alt.Tooltip("min_s:Q", format=".3~e", title="least time (s)"),
            alt.Tooltip("median_s:Q", format=".3~e", title="median time (s)"),
            alt.Tooltip("relative:Q", format=".3~g", title="× fastest correct"),
            alt.Tooltip("rel_error:Q", format=".1~e", title="relative error"),
        ],
    )  # fmt: skip
    layers = alt.layer(
        base.mark_line(strokeWidth=1.6).encode(strokeDash=alt.StrokeDash("execution:N", title="execution")),
        base.mark_point(filled=True, size=45),
    )
    chart = layers.properties(width=230, height=190).facet(alt.Facet("label:N", title=None), columns=4)
    return dict(chart.transform_filter(operator).add_params(operator, highlight).to_dict())

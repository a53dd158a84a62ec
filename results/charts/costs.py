"""What k Hessians cost in all: prepare, first call, steady state; and from which k a preparation pays."""

from __future__ import annotations

from functools import partial

import altair as alt

from hessbench.results.charts.chart import RIGHT, Chart, data
from hessbench.results.charts.look import Look, facts, log, plain_seconds_axis, seconds_axis

PREPARE = "isValid(datum.prepare_s) ? datum.prepare_s : 0"
FIRST = "isValid(datum.first_call_s) ? datum.first_call_s : 0"
CALLS = [10**power for power in range(7)]


def stacked(look: Look, calls: int) -> alt.TopLevelMixin:
    """Bars of the three parts, per framework's best method, a panel per problem at its largest size."""
    base = (
        alt.Chart()
        .transform_calculate(
            prepare=PREPARE,
            first=FIRST,
            steady=f"{calls - 1} * datum.min_s",
            name="datum.backend + ' · ' + datum.method",
        )
        .transform_fold(["prepare", "first", "steady"], as_=["key", "seconds"])
        .transform_calculate(
            part="{prepare: 'prepare', first: 'first call', steady: 'steady state'}[datum.key]",
            strength="{prepare: 0.35, first: 0.65, steady: 1}[datum.key]",
            place="{prepare: 1, first: 2, steady: 3}[datum.key]",
        )
    )
    strength = alt.FillOpacity("strength:Q", scale=None, legend=None)
    bars = base.mark_bar(opacity=1, height={"band": 0.72}).encode(
        x=alt.X("seconds:Q", stack="zero", axis=plain_seconds_axis(), title=f"time of {calls} call{'s' * (calls > 1)}"),
        y=alt.Y(
            "name:N",
            title=None,
            axis=alt.Axis(labelLimit=190, labelExpr="split(datum.label, ' · ')[1]"),
            sort=alt.EncodingSortField("seconds", op="sum", order="ascending"),
        ),
        color=look.color(),
        fillOpacity=strength,
        order=alt.Order("place:Q"),
        tooltip=[
            *facts()[:4],
            alt.Tooltip("part:N"),
            alt.Tooltip("seconds:Q", format=".3~e", title="seconds"),
            alt.Tooltip("break_even:Q", format=",", title="pays from this number of calls"),
        ],
    )
    return (
        bars.properties(width=180, height=alt.Step(18))
        .facet(alt.Facet("contest:N", title=None), columns=3, data=data())
        .resolve_scale(x="independent", y="independent")
    )


def total(look: Look) -> alt.TopLevelMixin:
    """Time of k calls against k, both logarithmic: lines cross where a preparation begins to pay."""
    base = (
        alt.Chart()
        .transform_calculate(calls=str(CALLS))
        .transform_flatten(["calls"])
        .transform_calculate(spent=f"({PREPARE}) + ({FIRST}) + (datum.calls - 1) * datum.min_s")
    )
    chart = base.mark_line(strokeWidth=1.8).encode(
        x=alt.X(
            "calls:Q",
            scale=alt.Scale(type="log", nice=False),
            title="calls",
            axis=alt.Axis(values=CALLS, format="~s", labelOverlap="greedy", grid=False),
        ),
        y=alt.Y("spent:Q", scale=log(), axis=seconds_axis(), title="time of all calls"),
        color=look.color(),
        detail="method:N",
        tooltip=[
            *facts()[:4],
            alt.Tooltip("calls:Q", format=","),
            alt.Tooltip("spent:Q", format=".3~e", title="seconds"),
            alt.Tooltip("break_even:Q", format=",", title="pays from this number of calls"),
        ],
    )
    return chart.properties(width=230, height=190).facet(alt.Facet("contest:N", title=None), columns=4, data=data())


WHERE = {**RIGHT, "largest": (True,)}
SAYS = (
    "Time until {calls} there, for each framework's fastest correct method at each problem's largest "
    "size: prepare (build, trace, compile; light), first call (medium), the others at the steady state's time (full)."
)
CHARTS = (
    Chart(
        "cost_of_1",
        "costs",
        "1 call",
        SAYS.format(calls="one result is"),
        partial(stacked, calls=1),
        WHERE,
        ("min_s",),
    ),
    Chart(
        "cost_of_100",
        "costs",
        "100 calls",
        SAYS.format(calls="a hundred results are"),
        partial(stacked, calls=100),
        WHERE,
        ("min_s",),
    ),
    Chart(
        "break_even",
        "costs",
        "break-even",
        "Time of k calls, preparation included, against k, both axes logarithmic. Where two lines cross, the slower "
        "preparation has paid for itself.",
        total,
        WHERE,
        ("min_s",),
    ),
)

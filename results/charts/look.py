"""The look that all charts share: a color and a shape per framework, the same everywhere; axes with units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import pandas as pd

FRAMEWORKS = {
    "jax": ("#0072B2", "circle"),
    "torch": ("#D55E00", "square"),
    "tensorflow": ("#E69F00", "triangle-up"),
    "numpy": ("#7A7A7A", "diamond"),
    "autograd": ("#009E73", "triangle-down"),
    "casadi": ("#CC79A7", "cross"),
}
"""Okabe and Ito's palette, told apart by color-blind people, on white and on black; shapes say it in print too."""

OTHERS = (("#56B4E9", "triangle-left"), ("#A6761D", "triangle-right"), ("#8E63CE", "wedge"))
"""For third parties' frameworks."""


def styles(backends: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Color and shape of each framework."""
    others = iter(OTHERS * len(backends))
    return {name: FRAMEWORKS.get(name) or next(others) for name in backends}


@dataclass(frozen=True, slots=True)
class Look:
    """What a chart must know of the run.

    Attributes:
        backends: Frameworks, in the run's order.
        sizes: All n, ascending.
        legend: Whether the chart says itself what its colors mean (a figure), or the page around it does.
    """

    backends: tuple[str, ...]
    sizes: tuple[int, ...]
    legend: bool = False

    def color(self) -> alt.Color:
        """The framework's color."""
        chosen = styles(self.backends)
        scale = alt.Scale(domain=list(chosen), range=[color for color, _ in chosen.values()])
        return alt.Color("backend:N", scale=scale, title="framework", legend=self._legend())

    def shape(self) -> alt.Shape:
        """The framework's shape."""
        chosen = styles(self.backends)
        scale = alt.Scale(domain=list(chosen), range=[shape for _, shape in chosen.values()])
        return alt.Shape("backend:N", scale=scale, title="framework", legend=self._legend())

    def _legend(self) -> alt.Legend | None:
        return alt.Legend(orient="bottom", symbolOpacity=1, columns=6) if self.legend else None

    def size_axis(self) -> alt.X:
        """n, logarithmic, with room on both sides even where there is one size only."""
        scale = alt.Scale(type="log", domain=[min(self.sizes) / 1.3, max(self.sizes) * 1.3], nice=False)
        axis = alt.Axis(values=list(self.sizes), format="d", labelOverlap="greedy", grid=False)
        return alt.X("n:Q", scale=scale, axis=axis, title="n (variables)")


def look(cells: pd.DataFrame, legend: bool = False) -> Look:
    """The look of a run's charts."""
    return Look(tuple(dict.fromkeys(cells["backend"])), tuple(sorted({int(n) for n in cells["n"]})), legend)


_SECONDS = (
    "datum.value >= 0.9 ? format(datum.value, '~g') + ' s' : datum.value >= 0.9e-3 ? format(datum.value * 1e3, '~r') + "
    "' ms' : datum.value >= 0.9e-6 ? format(datum.value * 1e6, '~r') + ' µs' : format(datum.value * 1e9, '~r') + ' ns'"
)
_POWERS = [float(f"1e{power}") for power in range(-18, 10)]
_STEPS = [step * power for power in (1, 10, 100, 1000, 10**4, 10**5, 10**6) for step in (1, 2, 5)]


def seconds_axis() -> alt.Axis:
    """Labels such as "10 ms" for a logarithmic axis of seconds."""
    return alt.Axis(values=_POWERS, labelExpr=_SECONDS, labelOverlap="greedy", labelSeparation=5)


def plain_seconds_axis() -> alt.Axis:
    """Labels such as "10 ms" for a linear axis of seconds."""
    return alt.Axis(
        labelExpr=f"datum.value == 0 ? '0' : {_SECONDS}", tickCount=3, labelOverlap="greedy", labelSeparation=8
    )


def ratio_axis() -> alt.Axis:
    """Labels such as "5×" for a logarithmic axis of ratios."""
    return alt.Axis(
        values=_STEPS, labelExpr="format(datum.value, '~g') + '×'", labelOverlap="greedy", labelSeparation=5
    )


def bytes_axis() -> alt.Axis:
    """Labels such as "200 MB" for a logarithmic axis of bytes."""
    values = [step * power for power in (1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11) for step in (1, 2, 5)]
    return alt.Axis(
        values=values, labelExpr="format(datum.value, '~s') + 'B'", labelOverlap="greedy", labelSeparation=5
    )


def error_axis() -> alt.Axis:
    """Powers of ten for a logarithmic axis of errors."""
    return alt.Axis(values=_POWERS[::3], format=".0e", labelOverlap="greedy")


def log(nice: bool = True) -> alt.Scale:
    """A logarithmic scale that ends at powers of ten, or near its data."""
    return alt.Scale(type="log", nice=True) if nice else alt.Scale(type="log", nice=False, padding=12)


def facts() -> list[alt.Tooltip]:
    """What every mark says of its cell when one points at it."""
    return [
        alt.Tooltip("contest:N", title="problem"),
        alt.Tooltip("backend:N", title="framework"),
        alt.Tooltip("method:N"),
        alt.Tooltip("time:N", title="time per call (interval)"),
        alt.Tooltip("relative:Q", format=".3~g", title="× fastest correct"),
        alt.Tooltip("ratio_to_gradient:Q", format=".3~g", title="× gradient"),
        alt.Tooltip("growth:N", title="time grows as"),
        alt.Tooltip("rel_error:Q", format=".1~e", title="relative error"),
        alt.Tooltip("judge:N"),
    ]

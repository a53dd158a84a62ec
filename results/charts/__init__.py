"""The charts of a run: which there are. A chart is a file with a builder, and one line here."""

from __future__ import annotations

from hessbench.results.charts import accuracy, answer, costs, heat, lines
from hessbench.results.charts.chart import Chart

CHARTS: tuple[Chart, ...] = (
    *answer.CHARTS,
    *lines.CHARTS,
    *costs.CHARTS,
    *accuracy.CHARTS,
    *lines.DEVICES,
    *heat.CHARTS,
)
"""In the order of the page; `group` says which are views of one thing."""

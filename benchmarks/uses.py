"""The pictures of docs/uses.md: `python benchmarks/uses.py`, in seconds, with NumPy alone."""

from __future__ import annotations

import json
from pathlib import Path

import altair as alt
import numpy as np
import pandas as pd
import vl_convert

import hessbench as hb
from hessbench import suites
from hessbench.suites.applications.normal_modes import water_spectrum
from hessbench.suites.definition.problem import draw

GALLERY = Path(__file__).parents[1] / "docs" / "gallery"
UNIT = 108.59
"""Wave numbers per (kcal / mol / angstrom^2 / u)^(1/2)."""
SHADES = ("#0072B2", "#E69F00", "#D55E00")


def minimize() -> alt.Chart:
    """Norms of the gradient on the way of full Newton steps to the end of a valley, by right and wrong Hessians."""
    instance = draw(suites.load("applications")["laplace_counts"], 8)
    f, data = instance.problem, instance.data
    wrong = {"H": 0.0, "H + 0.1 I": 0.1, "H + I": 1.0}
    rows = []
    for name, shift in wrong.items():
        x = instance.points[0]
        for step in range(12):
            g, h = f.gradient(x, *data), f.hessian(x, *data)
            rows.append({"step": step, "norm": max(float(np.linalg.norm(g)), 1e-16), "by": name})
            x = x - np.linalg.solve(h + shift * np.eye(len(x)), g)
    axis = alt.Y("norm:Q", scale=alt.Scale(type="log"), title="norm of the gradient", axis=alt.Axis(format=".0e"))
    chart = alt.Chart(pd.DataFrame(rows)).mark_line(point=True)
    color = alt.Color("by:N", scale=alt.Scale(domain=list(wrong), range=SHADES), title="steps by")
    return chart.encode(x=alt.X("step:Q", title="steps of Newton's method"), y=axis, color=color)


def _critical_points() -> pd.DataFrame:
    """All nine of Himmelblau's function, by Newton's method from a grid, with their kinds."""
    f = suites.load("applications")["himmelblau_saddle"]
    found: dict[tuple[float, float], str] = {}
    for x in np.stack(np.meshgrid(np.linspace(-4, 4, 12), np.linspace(-4, 4, 12)), -1).reshape(-1, 2):
        point = x
        for _ in range(60):
            point = point - np.linalg.solve(f.hessian(point), f.gradient(point))
        if np.linalg.norm(f.gradient(point)) < 1e-9:
            found[tuple(np.round(point, 6).tolist())] = hb.inertia(f, point, backend="numpy").kind
    return pd.DataFrame([{"x": x, "y": y, "kind": kind} for (x, y), kind in found.items()])


def classify() -> alt.LayerChart:
    """The critical points over the size of the function."""
    grid = np.linspace(-5, 5, 34)
    f = suites.load("applications")["himmelblau_saddle"].objective
    field = [{"x": x, "y": y, "size": float(np.log1p(f(np, np.array([x, y]))))} for x in grid for y in grid]
    x, y = alt.X("x:O", axis=None), alt.Y("y:O", axis=None, sort="descending")
    shade = alt.Color("size:Q", scale=alt.Scale(scheme="greys"), legend=None)
    back = alt.Chart(pd.DataFrame(field)).mark_rect().encode(x=x, y=y, color=shade)
    exact = {"scale": alt.Scale(domain=[-5.1, 5.1], nice=False)}
    kinds = alt.Scale(domain=["minimum", "saddle", "maximum"], range=SHADES)
    points = alt.Chart(_critical_points()).mark_point(size=110, filled=True, opacity=1)
    points = points.encode(
        x=alt.X("x:Q", **exact, title="x"),
        y=alt.Y("y:Q", **exact, title="y"),
        color=alt.Color("kind:N", scale=kinds),
        shape="kind:N",
    )
    return alt.layer(back, points).resolve_scale(x="independent", y="independent", color="independent")


def vibrate() -> alt.LayerChart:
    """The three wave numbers of water, by the spectrum of its Hessian and by Wilson's matrix."""
    instance = draw(suites.load("applications")["water"], 9)
    squares = hb.spectrum(instance.problem, instance.points[0], *instance.data, backend="numpy")
    names = ("bending", "symmetric stretching", "antisymmetric stretching")
    rows = [
        {"wave": float(np.sqrt(square) * UNIT), "of": name, "by": by}
        for by, values in (("Hessian", squares), ("Wilson's GF", water_spectrum()))
        for name, square in zip(names, values[-3:], strict=True)
    ]
    base = alt.Chart(pd.DataFrame(rows))
    x = alt.X("wave:Q", title="wave number, 1/cm", scale=alt.Scale(domain=[0, 4200]))
    ticks = base.mark_tick(thickness=3, size=26).encode(x=x, y=alt.Y("by:N", title=None), color=alt.value(SHADES[0]))
    words = [
        base.transform_filter(f"datum.by == 'Hessian' && datum.of == '{name}'")
        .mark_text(dy=-22, fontSize=10, align=side)
        .encode(x=x, y="by:N", text=alt.Text("wave:Q", format=".0f"))
        for name, side in zip(names, ("center", "right", "left"), strict=True)
    ]
    return alt.layer(ticks, *words)


def main() -> None:
    """Write the three pictures."""
    for name, chart, size in (
        ("minimize", minimize(), (420, 240)),
        ("classify", classify(), (330, 330)),
        ("vibrate", vibrate(), (420, 110)),
    ):
        spec = chart.properties(width=size[0], height=size[1], background="white").to_dict()
        (GALLERY / f"uses-{name}.svg").write_text(vl_convert.vegalite_to_svg(json.dumps(spec)))


if __name__ == "__main__":
    main()

"""A calibration's figures and page from comparisons that are made up, so that the right answer is known."""

import pandas as pd
import pytest

from hessbench.results.comparing.calibration import COLUMNS, figures
from hessbench.results.page.pages.calibration import page

MACHINE = {"machine": {"cpu": "a processor", "usable_cores": 2}, "versions": {"torch": "2"}, "created": "2026-11-23"}


def table(*comparisons):
    """Each: name, planted factor, and a verdict and ratio per cell."""
    rows = [
        (
            "quick/rosenbrock",
            10 * (i + 1),
            "hessian",
            "torch",
            "func-hessian-eager",
            verdict,
            ratio,
            0.9,
            1.1,
            6,
            name,
            planted,
        )
        for name, planted, cells in comparisons
        for i, (verdict, ratio) in enumerate(cells)
    ]
    return pd.DataFrame(rows, columns=[*COLUMNS, "repetition", "planted"])


CALM = ("A/A 1", 1.0, [("SAME", 1.001), ("SAME", 0.998)])
ALARMED = ("A/A 2", 1.0, [("SAME", 1.0), ("SLOWER", 1.08)])
PLANTED = ("+10 %", 1.1, [("SLOWER", 1.1), ("INCONCLUSIVE", 1.07)])


def test_alarms_and_power_are_counted_apart():
    found = figures(table(CALM, ALARMED, PLANTED), [0.01, 0.3])
    assert (found["alarms"], found["compared"], found["power"]) == (1, 4, {"1.1": (1, 2)})
    assert found["low"] < 0.25 < found["high"]
    assert found["drift"] == pytest.approx(0.3, rel=0.01)
    assert "1 false alarm in 4 cells" in found["sentence"]
    assert "+10 % was found in 1 of 2 cells" in found["lines"][1]


def test_a_cell_without_a_ratio_was_not_compared():
    assert figures(table(("A/A 1", 1.0, [("SAME", 1.0), ("INCONCLUSIVE", None)])), [])["compared"] == 1


def test_the_page_shows_every_comparison_and_the_least_alike_cell_first():
    pytest.importorskip("jinja2")
    cells = table(CALM, ALARMED, PLANTED)
    html = page(figures(cells, []) | MACHINE, cells)
    assert all(name in html for name in ("A/A 1", "A/A 2", "+10 %", "a processor", "torch 2"))
    assert html.index("rosenbrock n=20") < html.index("rosenbrock n=10")
    assert "1 of 2" in html
    assert "<script src" not in html


def test_one_repetition_that_is_done_has_a_page():
    pytest.importorskip("jinja2")
    cells = table(CALM)
    assert "0 false alarms in 2 cells" in page(figures(cells, []) | MACHINE, cells)

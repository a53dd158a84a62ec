"""Products of models over their gradients."""

import pandas as pd
import pytest

from hessbench.results.page.subjects.bands import bands

CELL = {
    "suite": "models",
    "problem": "gpt",
    "n": 984,
    "text": "native",
    "backend": "torch",
    "execution": "eager",
    "dtype": "float64",
    "device": "cpu",
    "status": "ok",
    "largest": True,
    "extra_host_bytes": None,
    "ratio_to_gradient": None,
}


def table(*rows):
    return pd.DataFrame([{**CELL, **row} for row in rows])


def test_the_least_product_that_is_right_stands_beside_what_was_published():
    gradient = {"operator": "gradient", "method": "gradient-eager", "extra_host_bytes": 100}
    slow = {"operator": "hvp", "method": "slow", "ratio_to_gradient": 4.0, "extra_host_bytes": 100}
    fast = {"operator": "hvp", "method": "fast", "ratio_to_gradient": 2.5, "extra_host_bytes": 300}
    wrong = {"operator": "hvp", "method": "wrong", "ratio_to_gradient": 1.0, "status": "wrong"}
    (found,) = bands(table(gradient, slow, fast, wrong))
    assert (found["method"], found["ratio"], found["memory"]) == ("fast", 2.5, pytest.approx(3.0))
    assert "nanoGPT" in found["published"]


def test_what_was_not_weighed_has_no_memory_and_other_suites_no_bands():
    (found,) = bands(table({"operator": "ggn-vp", "method": "m", "ratio_to_gradient": 2.0}))
    assert found["memory"] is None
    assert bands(table({"suite": "ml", "operator": "hvp", "method": "m", "ratio_to_gradient": 2.0})) == []

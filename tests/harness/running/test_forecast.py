"""The time that is left, from times that are made up."""

import pytest

from hessbench.harness.planning.grid import Cell
from hessbench.harness.running.forecast import Forecast
from hessbench.results.stored.record import Record


def cell(method, backend="jax"):
    return Cell("s", "p", 10, "hessian", backend, method, "float64", "cpu")


def record(of):
    return Record(**of.as_dict(), mode="", execution="", assembly="", round=1, cell=of.key, status="ok")


A, B, C = cell("a"), cell("b"), cell("c", "numpy")


def test_a_cell_takes_what_it_took_and_an_unknown_one_what_its_backend_took():
    forecast = Forecast([A, B, C, A])
    forecast.finished(record(A), 2.0)
    assert forecast.left_s() == pytest.approx(2.0 + 2.0 + 2.0)  # of numpy nothing is known
    forecast.finished(record(C), 10.0)
    assert forecast.left_s() == pytest.approx(2.0 + 2.0)


def test_what_comes_later_is_a_multiple_of_what_is_known():
    forecast = Forecast([A, B], later=0.5)
    forecast.finished(record(A), 2.0)
    assert forecast.left_s() == pytest.approx(2.0 + 0.5 * 4.0)
    forecast.finished(record(B), 2.0)
    forecast.expect([A])
    assert forecast.left_s() == pytest.approx(2.0)


def test_nothing_known_is_no_time():
    assert Forecast([A]).left_s() == 0.0

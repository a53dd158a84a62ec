"""The time that is left, from times that are made up."""

import pytest

from hessbench.harness.planning.grid import Cell
from hessbench.harness.running.forecast import NOTHING, Forecast, Later
from hessbench.results.stored.record import Record


def cell(method, backend="jax"):
    return Cell("s", "p", 10, "hessian", backend, method, "float64", "cpu")


def record(of, launch="1", spent_s=None, visit=1):
    told = {"cell": of.key, "status": "ok", "launch": launch, "spent_s": spent_s, "visit": visit}
    return Record(**of.as_dict(), mode="", execution="", assembly="", round=1, **told)


A, B, C = cell("a"), cell("b"), cell("c", "numpy")


def after_start(cells, later=NOTHING, start_s=0.0):
    """A forecast that knows of one cell of JAX, which took two seconds after its worker had started."""
    forecast = Forecast([A, *cells], later)
    forecast.finished(record(A, spent_s=2.0), 2.0 + start_s)
    return forecast


def test_a_cell_takes_what_it_took_and_an_unknown_one_what_its_backend_took():
    forecast = after_start([B, C])
    assert forecast.left_s() == pytest.approx(2.0 + 2.0)  # of numpy nothing is known
    forecast.finished(record(C, "2", spent_s=10.0), 10.0)
    forecast.expect([C])
    assert forecast.left_s() == pytest.approx(2.0 + 10.0)


def test_every_launch_that_is_to_come_starts_a_worker():
    forecast = after_start([B, A, B], start_s=5.0)  # a second visit of each is a second launch
    assert forecast.left_s() == pytest.approx(3 * 2.0 + 5.0)
    forecast.finished(record(B), 2.0)
    forecast.finished(record(A, "2", spent_s=2.0), 2.0 + 7.0)
    assert forecast.left_s() == pytest.approx(2.0)


def test_what_comes_later_is_a_multiple_of_what_is_known():
    forecast = after_start([B], Later(cells=0.5, launches=3), start_s=1.0)
    assert forecast.left_s() == pytest.approx(2.0 + 0.5 * 4.0 + 3 * 1.0)
    forecast.finished(record(B), 2.0)
    forecast.expect([A])
    assert forecast.left_s() == pytest.approx(2.0 + 1.0)


def test_what_was_disturbed_comes_again_and_so_does_its_share_of_the_rest():
    cells = [cell(str(i)) for i in range(8)]
    forecast = Forecast(cells)
    for i, one in enumerate(cells[:4]):
        forecast.finished(record(one, spent_s=1.0), 1.0, again=i == 0)
    due = [1 + 4 / 4, 0.2, 0.02]  # one is known, a fourth of four will be; then a tenth of these, and of those
    assert forecast.left_s() == pytest.approx(4.0 + sum(due))
    for one in cells[4:]:
        forecast.finished(record(one, spent_s=1.0), 1.0)
    forecast.expect([cells[0]])
    forecast.finished(record(cells[0], "2", spent_s=1.0, visit=2), 1.0)
    assert forecast.left_s() == 0


def test_no_more_is_expected_to_be_measured_again_than_a_run_allows():
    forecast = Forecast([A, B])
    forecast.finished(record(A, spent_s=2.0), 2.0, again=True)
    forecast.finished(record(B, spent_s=2.0), 2.0, again=True)
    assert forecast.left_s() == pytest.approx(4.0 * (1 + 0.6))  # and once more: then it has taken too long


def test_long_cells_are_held_up_again_more_often_than_short_ones():
    for seconds, share in ((0.5, 0.1), (5.0, 0.6)):
        cells = [cell(str(i)) for i in range(20)]
        forecast = Forecast(cells)
        for i, one in enumerate(cells):
            forecast.finished(record(one, spent_s=seconds), seconds, again=i == 0)
        assert forecast.left_s() == pytest.approx(seconds * (1 + share + share**2))
        forecast.expect([cells[0]])
        forecast.finished(record(cells[0], "2", spent_s=seconds, visit=2), seconds, again=True)
        once_more = (1 + 10 * share) / 11  # as was seen in one, beside what is usual
        assert forecast.left_s() == pytest.approx(seconds * (1 + once_more))


def test_nothing_known_is_no_time():
    assert Forecast([A]).left_s() == 0.0

"""Forecasts and choices on laws that are known beforehand."""

from types import SimpleNamespace

import pytest

from hessbench.results.tables.ranking import winners
from hessbench.results.tables.recommendation import KEPT, forecast, front, totals

SIZES = (20, 40, 80)


def laws(record):
    """A method that compiles long and runs fast, one that does neither, and one that is hopeless."""
    rows = []
    for n in SIZES:
        rows += [
            record("jax", "compiled", n=n, prepare_s=1.0, first_call_s=1e-3, min_s=1e-6 * n),
            record("torch", "eager", n=n, prepare_s=0.0, first_call_s=1e-3, min_s=1e-5 * n),
            record("numpy", "cubic", n=n, prepare_s=0.0, first_call_s=1e-6 * n**3, min_s=1e-6 * n**3),
            record("numpy", "wrong", n=n, status="wrong", min_s=1e-9),
        ]
    return rows


@pytest.mark.parametrize(("calls", "first"), [(2, "eager"), (1000, "compiled")])
def test_what_compiling_costs_pays_with_many_calls(make_run, record, calls, first):
    found = forecast(make_run(laws(record)).summary, "hessian", 400, calls)
    assert found["method"].iloc[0] == first
    assert "wrong" not in set(found["method"])
    compiled = found.set_index("method").loc["compiled"]
    assert compiled["min_s"] == pytest.approx(4e-4)
    assert compiled["total_s"] == pytest.approx(1.0 + 1e-3 + (calls - 1) * 4e-4)


def test_the_front_has_what_is_near_the_best_and_a_second_opinion(make_run, record):
    found = forecast(make_run(laws(record)).summary, "hessian", 400, 1000)
    assert list(front(found)["method"]) == ["compiled", "eager"]
    many = [record("jax", f"m{i}", n=n, min_s=1e-6 * n * (1 + i / 100)) for i in range(9) for n in SIZES]
    assert len(front(forecast(make_run(many).summary, "hessian", 400, 10))) == KEPT


def test_what_takes_too_much_memory_is_not_chosen(make_run, record):
    run = make_run([record("jax", "fat", min_s=1e-6), record("jax", "lean", min_s=1e-5)])
    weighed = SimpleNamespace(frame=run.frame, summary=run.summary.assign(extra_host_bytes=[10**9, 10**6]))
    assert totals(weighed, "hessian", 100)["method"].iloc[0] == "fat"
    assert list(totals(weighed, "hessian", 100, 10**8)["method"]) == ["lean"]


def test_a_disturbed_launch_does_not_decide(make_run, record):
    prepared = {"quick": (0.2, 0.9, 0.2), "slow": (0.4, 0.4, 0.4)}
    rows = [record("jax", name, round=r, prepare_s=s) for name, all_ in prepared.items() for r, s in enumerate(all_, 1)]
    found = totals(make_run(rows, rounds=3), "hessian", 10)
    assert list(found["method"]) == ["quick", "slow"]
    assert found["total_s"][0] < 0.4


def test_a_forward_difference_that_is_off_is_not_chosen(make_run, record):
    rows = [
        record("numpy", "forward", mode="difference-over-difference", rel_error=2e-3, min_s=1e-6),
        record("numpy", "central", mode="difference-over-difference", rel_error=2e-8, min_s=1e-5),
        record("numpy", "exact", mode="hyper-dual", rel_error=2e-6, min_s=1e-4),
    ]
    run = make_run(rows)
    assert list(totals(run, "hessian", 100)["method"]) == ["central", "exact"]
    assert list(totals(run, "hessian", 100, accuracy=1e-2)["method"]) == ["forward", "central", "exact"]
    assert list(totals(run, "hessian", 100, accuracy=1e-7)["method"]) == ["central"]
    assert list(winners(run.summary)["method"]) == ["central"]

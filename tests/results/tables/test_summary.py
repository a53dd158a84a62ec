import io
import math

import pandas as pd
import pytest

from hessbench.results.stored.record import MEASURED, STATUSES, columns
from hessbench.results.tables.ranking import failures, winners


def test_the_frame_has_the_columns_of_the_record(mixed):
    assert list(mixed.frame.columns) == [column.name for column in columns()]


def test_a_planned_cell_without_a_record_is_a_row(make_run, record):
    run = make_run([record()], planned=[record("torch", "func-hessian-eager")])
    assert list(run.frame["status"]) == ["ok", "interrupted"]


def test_a_missing_round_is_a_row(make_run, record):
    assert list(make_run([record()], rounds=3).frame["status"]) == ["ok", "interrupted", "interrupted"]


def test_the_last_of_several_records_counts(make_run, record):
    run = make_run([record(status="interrupted"), record()])
    assert list(run.frame["status"]) == ["ok"]


def test_the_ratio_is_to_the_gradient_of_the_same_execution(mixed):
    ratios = mixed.frame.set_index("method")["ratio_to_gradient"]
    assert ratios["hessian-jit"] == pytest.approx(10)
    assert ratios["gradient-jit"] == pytest.approx(1)
    assert math.isnan(ratios["func-hessian-eager"])


def test_only_ok_cells_have_ratios_and_relatives(mixed):
    assert mixed.frame.loc[mixed.frame["status"] != "ok", "ratio_to_gradient"].isna().all()
    assert mixed.summary.loc[mixed.summary["status"] != "ok", "relative"].isna().all()


def test_a_wrong_cell_never_wins_however_fast(make_run, record):
    run = make_run([record("torch", "fast", status="wrong", min_s=1e-9), record("jax", "slow", min_s=1.0)])
    assert list(winners(run.summary)["method"]) == ["slow"]
    assert run.summary.set_index("method")["relative"]["slow"] == 1


def test_one_wrong_round_makes_the_cell_wrong(make_run, record):
    run = make_run([record(), record(round=2, status="wrong", min_s=1e-9), record(round=3)], rounds=3)
    (row,) = run.summary.to_dict("records")
    assert row["status"] == "wrong"
    assert winners(run.summary).empty


def test_the_summary_takes_the_median_over_launches_and_their_range(make_run, record):
    run = make_run([record(min_s=3e-3), record(round=2, min_s=1e-3), record(round=3, min_s=2e-3)], rounds=3)
    (row,) = run.summary.to_dict("records")
    assert (row["min_s"], row["launches"], row["samples"]) == (2e-3, 3, 15)
    assert (row["low_s"], row["high_s"]) == (1e-3, 3e-3)


def test_an_interrupted_round_does_not_spoil_the_others(make_run, record):
    (row,) = make_run([record()], rounds=2).summary.to_dict("records")
    assert row["status"] == "ok"


def test_failures_count_every_cell_that_is_not_ok(mixed):
    assert failures(mixed.summary)["cells"].sum() == len(STATUSES) - 1


def test_failures_with_one_reason_are_one_row(make_run, record):
    rows = [record(method=f"m{i}", n=n, status="unsupported", reason="no GPU") for i in range(4) for n in (10, 20)]
    (row,) = failures(make_run(rows).summary).to_dict("records")
    assert (row["reason"], row["method"], row["cells"]) == ("no GPU", "4 methods", 8)


def test_measured_statuses_keep_their_times(mixed):
    timed = mixed.frame[mixed.frame["min_s"].notna()]
    assert set(timed["status"]) == set(MEASURED)


def test_a_run_in_which_nothing_is_right(make_run, record):
    run = make_run([record(status="error")])
    assert winners(run.summary).empty


def test_the_csv_is_the_frame(mixed):
    text = mixed.csv().read_text()
    again = pd.read_csv(io.StringIO(text), keep_default_na=False, na_values=[""])
    assert list(again.columns) == list(mixed.frame.columns)
    assert list(again["min_s"].dropna()) == list(mixed.frame["min_s"].dropna())


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3"])
def test_a_formula_in_a_message_is_harmless_in_a_spreadsheet(make_run, record, text):
    csv = make_run([record(status="error", reason=text)]).csv().read_text()
    assert f"'{text}" in csv


def test_the_raw_samples_are_kept(mixed):
    assert set(map(tuple, mixed.samples.values())) == {(1e-3,)}


def test_a_native_text_is_a_row_of_its_own_and_says_so(make_run, record):
    table = make_run([record(), record(text="native", min_s=5e-4)]).summary
    assert list(table["method"]) == ["hessian-jit", "hessian-jit (native)"]
    assert list(table["relative"]) == [2.0, 1.0]


def test_precisions_are_contests_of_their_own(make_run, record):
    common = {"dtype": "float32", "device": "gpu"}
    run = make_run([record(min_s=2e-3, **common), record(min_s=1e-3, precision="tf32", cell="b", **common)])
    assert set(run.summary["precision"]) == {"highest", "tf32"}
    assert set(run.summary["relative"]) == {1.0}

"""The table of what is safe to use."""

from hessbench.results.stored.record import FAULTS, STATUSES, Record
from hessbench.results.tables.compatibility import markdown, rows, totals

CELL = {
    "suite": "traps",
    "problem": "det",
    "n": 4,
    "operator": "hessian",
    "backend": "torch",
    "version": "2.13.0",
    "status": "ok",
}
WRONG = {"status": "wrong", "fault": "silently-wrong", "rel_error": 0.34}
THREADS = {("traps", "det", "torch"): "pytorch#1"}


def record(method, **changes):
    return Record(**{**CELL, "method": method, **changes})


def only_row(records):
    (table,) = rows(records, THREADS).values()
    (row,) = table
    return row


def test_a_problem_that_all_methods_do_is_safe_and_needs_no_thread():
    row = only_row([record("a"), record("b")])
    assert row.safe
    assert (row.verdict, row.threads) == ("ok all 2", "")


def test_what_is_silently_wrong_stands_first_with_method_error_and_thread():
    row = only_row([record("a"), record("b", **WRONG), record("c", status="error", fault="exception")])
    assert not row.safe
    assert row.verdict == "silently wrong 1 of 3 (b 3e-01); exception 1 of 3 (c); ok 1 of 3"
    assert row.threads == "pytorch#1"


def test_what_nobody_could_try_is_not_safe():
    assert not only_row([record("a", status="unsupported")]).safe


def test_many_methods_are_counted_not_listed():
    row = only_row([record(name, **WRONG) for name in "abcde"])
    assert row.verdict == "silently wrong all 5 (a 3e-01, b 3e-01, c 3e-01 and 2 more)"


def test_every_outcome_has_its_place():
    outcomes = [{"status": status} for status in STATUSES] + [{"status": "wrong", "fault": fault} for fault in FAULTS]
    row = only_row([record(str(i), **outcome) for i, outcome in enumerate(outcomes)])
    assert next(iter(row.counts)) == "silently-wrong"
    assert list(row.counts)[-1] == "ok"
    assert sum(totals([row]).values()) == len(outcomes)


def test_native_text_and_version_have_rows_and_tables_of_their_own():
    tables = rows([record("a"), record("a", text="native", **WRONG), record("a", version="2.14.0", backend="jax")], {})
    assert [row.problem for row in tables["torch 2.13.0"]] == ["traps/det (native)", "traps/det"]
    assert "| `traps/det (native)` | silently wrong 1 (a 3e-01) |  |" in markdown(tables)
    assert "## jax 2.14.0" in markdown(tables)

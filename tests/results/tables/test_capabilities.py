"""The capability matrix: counts, reasons, and text that breaks no table."""

from hessbench.results.tables.capabilities import SHORT, capabilities, markdown


def test_right_of_tried_by_suite_and_why_not(record):
    rows = [
        record(problem="a"),
        record(problem="b", status="unsupported", reason="no rule for <b> | it_*"),
        record(problem="c", suite="ml", status="wrong", fault="silently-wrong"),
        record(backend="torch", method="func-hessian-eager"),
    ]
    first, second = capabilities(rows)
    assert first.done == {"quick": (1, 2), "ml": (0, 1)}
    assert first.reasons == {"unsupported: no rule for <b> | it_*": ["b"], "wrong: silently wrong": ["c"]}
    assert (second.backend, second.reasons) == ("torch", {})
    page = markdown([first, second])
    assert "| `hessian-jit` | hessian | 0/1 | 1/2 |" in page
    assert "<b>" not in page
    assert "(b)" in page


def test_many_problems_and_long_reasons_are_shortened(record):
    rows = [record(problem=f"p{i}", status="error", reason="x" * 1000) for i in range(9)]
    page = markdown(capabilities(rows))
    assert "x" * SHORT in page
    assert "x" * (SHORT + 1) not in page
    assert "p0, p1, p2 and 6 more" in page

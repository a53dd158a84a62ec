"""Findings of versions: kept as files, told as since and until, news, abilities, times."""

import csv
import io
import json

import pytest

from hessbench.results.page.pages.versions import page
from hessbench.results.stored.record import Record
from hessbench.results.stored.releases import nearest, ordered, public
from hessbench.results.versions import history, reading, tables, text, times, verified
from hessbench.results.versions.verified import Finding, NotVerified, Verified

ORDER = ("0.8.0", "0.9.0", "0.10.0", "0.10.2", "0.11.0")
MANIFEST = {
    "created": "2026-11-28T12:00:00+0000",
    "versions": {"numpy": "2.4.6"},
    "machine": {"python": "3.12.1", "cpu": "a processor", "commit": "abc"},
}


def over(outcomes, cell="traps/det n=9 hessian-jit float64 cpu", error=None):
    """Versions with one cell, which has these outcomes; None where a version has no such cell."""
    findings = [{} if kind is None else {cell: Finding(kind, error)} for kind in outcomes]
    return [Verified("jax", version, {}, cells) for version, cells in zip(ORDER, findings, strict=False)]


@pytest.mark.parametrize(
    ("outcomes", "spans"),
    [
        (["ok", "ok", "derivative-nan", "derivative-nan"], [("derivative-nan", "0.10.0", "", "0.9.0", "")]),
        (["shape", "shape", "ok"], [("shape", "0.8.0", "0.9.0", "", "0.10.0")]),
        (
            ["ok", "shape", "ok", "shape"],
            [("shape", "0.9.0", "0.9.0", "0.8.0", "0.10.0"), ("shape", "0.10.2", "", "0.10.0", "")],
        ),
        (["shape", "unsupported", "shape"], [("shape", "0.8.0", "", "", "")]),
        (["ok", None, "shape"], [("shape", "0.10.0", "", "0.8.0", "")]),
        (["ok", "unverifiable", "ok"], []),
        (["shape", "dtype"], [("shape", "0.8.0", "0.8.0", "", "0.9.0"), ("dtype", "0.9.0", "", "0.8.0", "")]),
    ],
)
def test_a_fault_has_since_and_until(outcomes, spans):
    found = history.faults(over(outcomes))
    assert [(f.kind, f.since, f.until, f.before, f.after) for f in found] == spans


@pytest.mark.parametrize(
    ("outcomes", "told"),
    [
        (["ok", "shape", "ok"], [("0.9.0", "0.10.0", "cured"), ("0.8.0", "0.9.0", "new")]),
        (["shape", "dtype"], [("0.8.0", "0.9.0", "other")]),
        (["ok", "unsupported", "shape"], [("0.8.0", "0.10.0", "new")]),
        (["ok", "unverifiable", "ok"], []),
    ],
)
def test_news_are_between_neighbors_that_tell_something(outcomes, told):
    assert [(one.a, one.b, one.what) for one in history.news(over(outcomes))] == told


def test_a_method_without_a_number_is_not_in_that_version():
    versions = over([None, "ok", "exception"])
    assert [(one.right, one.ran, one.tried) for one in history.abilities(versions)] == [(0, 0, 0), (1, 1, 1), (0, 0, 1)]
    assert text.ability_rows(versions) == [("`hessian-jit`", "–", "1 of 1", "0 of 1, 1 without a result")]


def test_versions_are_in_their_order():
    assert ordered(["0.10.0", "0.9.0.1", "0.9.0", "2.0rc1", "2.0", "?"]) == [
        "?",
        "0.9.0",
        "0.9.0.1",
        "0.10.0",
        "2.0rc1",
        "2.0",
    ]
    assert nearest("1.0", []) is None
    assert [public(one) for one in ("2.22.0-rc0", "2.13.0+cpu", "?")] == ["2.22.0rc0", "2.13.0", "?"]


def record(**changes):
    usual = {
        "suite": "traps",
        "problem": "det",
        "n": 9,
        "operator": "hessian",
        "backend": "jax",
        "version": "0.9.0+cpu",
    }
    return Record(**{**usual, "method": "hessian-jit", "dtype": "float64", "device": "cpu", "status": "ok", **changes})


def test_findings_come_back_from_their_file(tmp_path):
    records = [
        record(),
        record(text="native", status="wrong", fault="silently-wrong", rel_error=0.9123),
        record(method="gradient-jit", status="unsupported", reason="no", version=""),
        record(problem="norm", dtype="float32", status="error", fault="exception"),
    ]
    found = reading.of_records(records, "jax", MANIFEST)
    assert found.version == "0.9.0"
    assert found.cells["traps/det n=9 native hessian-jit float64 cpu"] == Finding("silently-wrong", 0.9)
    path = verified.write(found, tmp_path)
    assert path.name == "jax-0.9.0.json"
    assert verified.read(path) == found
    assert verified.read_folder(tmp_path) == {"jax": [found]}


@pytest.mark.parametrize("content", ["{", '{"format": 99, "backend": "b", "version": "1", "cells": {}}', "[]", "{}"])
def test_a_file_that_is_none_is_said(tmp_path, content):
    (tmp_path / "jax-1.json").write_text(content)
    with pytest.raises(NotVerified, match=r"jax-1\.json"):
        verified.read_folder(tmp_path)


def test_where_nothing_was_computed_the_reason_is_said():
    with pytest.raises(NotVerified, match="no cell of jax was computed: not installed"):
        reading.of_records([record(status="unsupported", reason="not installed", version="")], "jax", MANIFEST)


TIMES = [
    times.Timed("jax", "0.9.0", "quick/f n=2 hessian-jit float64 cpu", "SAME", 1.0, 0.9, 1.1),
    times.Timed("jax", "0.10.0", "quick/f n=2 hessian-jit float64 cpu", "SLOWER", 1.5, 1.4, 1.6),
]


def test_a_step_between_neighbors_is_confirmed_by_their_own_pairs():
    before, now = TIMES[:1], TIMES[1:]
    assert times.suspects(before, now) == [now[0].cell]
    assert times.suspects(before, before) == []
    row = {"suite": "quick", "problem": "f", "n": 2, "text": "portable", "method": "hessian-jit", "dtype": "float64"}
    pairs = [{**row, "device": "cpu", "verdict": "SLOWER", "ratio": 1.48}]
    (confirmed,) = times.with_confirmed(now, pairs)
    assert (confirmed.confirmed, confirmed.step) == ("SLOWER", 1.48)
    (open_,) = times.with_confirmed(now, [{**pairs[0], "verdict": "INCONCLUSIVE"}])
    assert open_.confirmed == ""
    assert times.change_points([open_, confirmed]) == [confirmed]


def test_a_fault_that_turns_into_another_is_not_called_cured():
    versions = over(["silently-wrong", "derivative-nan", "ok"], error=0.5)
    rows = [text.fault_cells(fault, "0.8.0") for fault in history.faults(versions)]
    assert [row[1:4] for row in rows] == [
        ("silently wrong 5e-01", "0.8.0 or earlier", "0.8.0; derivative nan in 0.9.0"),
        ("derivative nan 5e-01", "0.9.0, not in 0.8.0", "0.9.0; cured in 0.10.0"),
    ]


def test_every_form_has_every_version():
    versions = over(["ok", "derivative-nan", "derivative-nan"])
    rows = list(csv.DictReader(io.StringIO(tables.csv_text(versions, TIMES))))
    assert [row["outcome"] for row in rows] == ["ok", "derivative-nan", "derivative-nan", "SAME", "SLOWER"]
    data = tables.as_data(versions, TIMES)
    assert json.loads(json.dumps(data))["faults"][0]["since"] == "0.9.0"
    said = text.markdown(versions)
    assert "From 0.8.0 to 0.9.0: 1 new." in said
    assert "| traps/det | derivative nan | 0.9.0, not in 0.8.0 | still there | hessian-jit |" in said


def test_the_page_tells_since_and_escapes():
    pytest.importorskip("jinja2")
    confirmed = times.with_confirmed(TIMES[1:], [])
    shown = page(over(["ok", "derivative-nan"]), [*TIMES[:1], *confirmed], {"0.7": "<b>no wheel</b>"})
    assert "jax: since when is it wrong?" in shown
    assert "<td>0.9.0, not in 0.8.0</td><td>still there</td>" in shown
    assert "&lt;b&gt;no wheel&lt;/b&gt;" in shown
    assert "1.50×" in shown

"""Two synthetic runs side by side: every verdict, every reason, the views."""

import json
from types import MappingProxyType

import pytest

from hessbench.results.comparing import verdict
from hessbench.results.comparing.comparison import MOVED, Comparison
from hessbench.results.comparing.verdict import UNPAIRED
from hessbench.results.comparing.views import csv_text, records, sentence, show
from hessbench.results.page.pages.comparison import page
from hessbench.results.run import load


@pytest.fixture
def pair(make_run, tmp_path_factory):
    """Makes a comparison out of two lists of records."""

    def make(a, b, rounds=3, machines=(MappingProxyType({}),) * 2, asked=(MappingProxyType({}),) * 2, **facts):
        runs = []
        for rows, machine, configuration in zip((a, b), machines, asked, strict=True):
            made = make_run(rows, rounds=rounds).directory
            folder = tmp_path_factory.mktemp("side") / "run"
            folder.mkdir()
            for file in ("manifest.json", "journal.jsonl"):
                (folder / file).write_text((made / file).read_text())
            manifest = json.loads((folder / "manifest.json").read_text())
            manifest["machine"] |= machine
            manifest["configuration"] |= configuration
            (folder / "manifest.json").write_text(json.dumps(manifest))
            runs.append(load(folder))
        return Comparison(*runs, **facts)

    return make


def launches(record, seconds, **changes):
    return [record(round=r, min_s=s, **changes) for r, s in enumerate(seconds, 1)]


def verdicts(found):
    return dict(zip(found.table["method"], found.table["verdict"], strict=True))


def test_interleaved_runs_are_compared_pair_by_pair(pair, record):
    drifting = [1.0, 2.0, 4.0, 3.0, 1.5, 2.5]
    a = launches(record, drifting, method="changed") + launches(record, drifting, method="same")
    slower = [1.3 * s * f for s, f in zip(drifting, [1, 1.001, 1.002, 0.999, 0.998, 1.003], strict=True)]
    again = [s * f for s, f in zip(drifting, [1, 1.001, 0.998, 0.999, 1.002, 1.003], strict=True)]
    b = launches(record, slower, method="changed") + launches(record, again, method="same")
    found = pair(a, b, rounds=6, interleaved=True, screening=0)
    assert verdicts(found)["same"] == verdict.SAME
    changed = found.table.set_index("method").loc["changed"]
    assert changed["ratio"] == pytest.approx(1.3, rel=0.01)
    assert changed["pairs"] == 6


def test_stored_runs_say_that_drift_is_not_controlled(pair, record):
    found = pair(launches(record, [1.0, 1.1, 1.0]), launches(record, [9.0, 9.1, 9.0]))
    (row,) = found.table.to_dict("records")
    assert row["verdict"] == verdict.SLOWER
    assert UNPAIRED in row["note"]
    assert UNPAIRED in sentence(found)


def test_failures_new_and_old(pair, record):
    a = [
        record(method="breaks"),
        record(method="heals", status="wrong"),
        record(method="never", status="error"),
        record(method="refused"),
    ]
    b = [
        record(method="breaks", status="wrong"),
        record(method="heals"),
        record(method="never", status="error"),
        record(method="refused", status="unsupported"),
    ]
    assert verdicts(pair(a, b, rounds=1)) == {
        "breaks": verdict.NEW_FAILURE,
        "heals": verdict.FIXED,
        "never": verdict.NOT_COMPARABLE,
        "refused": verdict.NOT_COMPARABLE,
    }


def test_cells_of_one_side_only_are_named(pair, record):
    found = pair([record(method="old")], [record(method="new")], rounds=1)
    notes = dict(zip(found.table["method"], found.table["note"], strict=True))
    assert notes == {"old": "only in A", "new": "only in B"}


def test_different_machines_are_not_compared_unless_that_is_asked_for(pair, record):
    rows, machines = launches(record, [1.0, 1.0, 1.0]), ({"cpu": "one"}, {"cpu": "another"})
    assert verdicts(pair(rows, rows, machines=machines)) == {"hessian-jit": verdict.NOT_COMPARABLE}
    allowed = pair(rows, rows, machines=machines, allow_different=True)
    (row,) = allowed.table.to_dict("records")
    assert row["verdict"] == verdict.SAME
    assert "different machines: one and another" in row["note"]
    assert ("cpu", "one", "another") in allowed.changes


def test_other_problems_of_the_same_name_and_another_seed_are_told(pair, record):
    before = {"path": "/mine.py", "sha256": "a" * 64, "modules": {"helper.py": "b" * 64, "gone.py": "c" * 64}}
    after = {**before, "modules": {"helper.py": "d" * 64}}
    other = {"path": "/other.py", "sha256": "e" * 64}
    asked = ({"sources": {"mine.py": before}}, {"sources": {"mine.py": after, "other.py": other}, "seed": 1})
    found = pair([record()], [record()], rounds=1, asked=asked)
    assert found.changes == [("seed", 0, 1), ("sha256 of mine.py: helper.py", "b" * 12, "d" * 12)]


def test_a_tail_that_moved_is_pointed_at(pair, record):
    a, b = launches(record, [1.0] * 3, median_s=1.1), launches(record, [1.0] * 3, median_s=2.0)
    (row,) = pair(a, b).table.to_dict("records")
    assert row["verdict"] == verdict.SAME
    assert MOVED in row["note"]


def test_the_views_have_every_cell(pair, record, capsys):
    a = [record(method="breaks"), *launches(record, [1.0] * 3, method="<b>same</b>")]
    b = [
        record(method="breaks", status="error", reason="</script>"),
        *launches(record, [1.0] * 3, method="<b>same</b>"),
    ]
    found = pair(a, b)
    assert len(records(found)) == 2
    json.dumps(records(found), allow_nan=False)
    assert csv_text(found).count("\n") == 3
    html = page(found)
    assert "NEW_FAILURE" in html
    assert "<b>same" not in html
    show(found, 120)
    assert "NEW_FAILURE" in capsys.readouterr().out


def printed(found, capsys, width=200):
    show(found, width)
    return capsys.readouterr().out


def test_cells_of_one_side_are_summed_up(pair, record, capsys):
    both = [record(n=n) for n in (1, 2)]
    more = [record("torch", f"m{i}") for i in range(300)] + [record("tensorflow", f"m{i}") for i in range(220)]
    shown = printed(pair(both, both + more, rounds=1), capsys)
    assert "520 not comparable: only in B (300 of torch, 220 of tensorflow)" in shown
    assert len(shown.splitlines()) < 20


def test_what_is_inconclusive_has_its_ratio(pair, record, capsys):
    a = [record(n=n, min_s=1e-3) for n in range(1, 29)]
    b = [record(n=n, min_s=1e-3 * (1 + n / 1000)) for n in range(1, 29)]
    shown = printed(pair(a, b, rounds=1), capsys)
    lines = [line for line in shown.splitlines() if "INCONCLUSIVE" in line]
    assert len(lines) == 12
    assert "n=28" in lines[0], "what is furthest off comes first"
    assert "1.03×" in lines[0]
    assert "... and 16 more inconclusive, B / A 1.00× to 1.02×; comparison.csv has them" in shown
    assert shown.count("one launch only; run with --rounds 3 or more") == 1


@pytest.mark.parametrize("width", [60, 80, 100, 200])
def test_changes_can_be_read_at_every_width(pair, record, capsys, width):
    method = "jacobian-of-gradient-symbolic"
    a, b = launches(record, [1.0, 1.1, 1.0], method=method), launches(record, [9.0, 9.1, 9.0], method=method)
    shown = printed(pair(a, b), capsys, width)
    assert all(len(line) <= width for line in shown.splitlines())
    said = " ".join(shown.split())
    assert f"SLOWER rosenbrock n=10 jax {method}" in said
    assert "9.00×" in said
    assert "1.00 s" in said

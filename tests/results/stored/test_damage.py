"""Damaged run folders: nothing is read as something else, what is left out is said, and no traceback."""

import json
import random
import warnings

import pytest

from hessbench.results.run import load
from hessbench.results.stored import sealed
from hessbench.results.stored.store import JOURNAL, MANIFEST, Journal, NotARun, read_journal


@pytest.fixture
def folder(make_run, record, tmp_path):
    """A run folder as it is written today: checksums in manifest and journal."""
    rows = [record(n=n, round=r, min_s=1e-3 * n + 1e-5 * r) for n in (10, 20) for r in (1, 2, 3)]
    events = [{"event": "launch_start", "launch": "001"}]
    events += [{"event": "cell_end", "record": row.as_dict(), "sample_seconds": [1e-3]} for row in rows]
    run = make_run(rows, rounds=3)
    manifest = dict(run.manifest)
    manifest[sealed.CHECKSUM] = sealed.checksum(manifest)
    (tmp_path / MANIFEST).write_text(json.dumps(manifest, indent=1))
    (tmp_path / JOURNAL).unlink()
    with Journal(tmp_path) as journal:
        for event in events:
            journal.append(event)
    return tmp_path


def figures(directory):
    """What a run says, by cell and round, planned cells included; and whether it says that it is damaged."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        run = load(directory)
        planned = [(cell["cell"], r) for cell in run.manifest["cells"] for r in (1, 2, 3)]
        return {key: run.records[key].as_dict() if key in run.records else None for key in planned}, run.damage


def flipped(content, rng):
    at = rng.randrange(len(content))
    return content[:at] + bytes([content[at] ^ (1 << rng.randrange(8))]) + content[at + 1 :]


def truncated(content, rng):
    return content[: rng.randrange(len(content))]


def cut(content, rng):
    a, b = sorted(rng.randrange(len(content)) for _ in range(2))
    return content[:a] + content[b:]


def spliced(content, rng):
    a, b, c = (rng.randrange(len(content)) for _ in range(3))
    return content[:c] + content[min(a, b) : max(a, b)] + content[c:]


def without_lines(content, rng):
    lines = content.splitlines(keepends=True)
    del lines[rng.randrange(len(lines) - 1)]  # without its last line it is one of a run that was stopped
    return b"".join(lines)


def exchanged(content, rng):
    lines = content.splitlines(keepends=True)
    rng.shuffle(lines)
    return b"".join(lines)


@pytest.mark.parametrize("damage", [flipped, truncated, cut, spliced, without_lines, exchanged])
@pytest.mark.parametrize("name", [JOURNAL, MANIFEST])
def test_no_figure_changes_silently(folder, name, damage):
    right, nothing = figures(folder)
    assert nothing == ""
    whole, rng = (folder / name).read_bytes(), random.Random(7)
    for _ in range(60):
        (folder / name).write_bytes(damage(whole, rng))
        try:
            found, said = figures(folder)
        except NotARun:
            continue
        changed = [key for key in right if found[key] != right[key]]
        assert found.keys() == right.keys()
        assert all(found[key] is None for key in changed)  # such a row is `interrupted`
        assert said or not changed or damage in (truncated, cut), (damage, changed)


def test_a_damaged_line_is_counted_and_said(folder):
    lines = (folder / JOURNAL).read_bytes().splitlines(keepends=True)
    lines[2] = lines[2].replace(b'"status":"ok"', b'"status":"no"')
    del lines[4]
    (folder / JOURNAL).write_bytes(b"".join(lines))
    with pytest.warns(UserWarning, match=r"line 3 is damaged; 1 lines before line 5 are missing"):
        assert len(load(folder).records) == 4


@pytest.mark.parametrize(
    "event",
    [{}, {"event": 3}, {"event": "cell_end"}, {"event": "cell_end", "record": {"status": "ok"}}, [], "x", None],
)
def test_lines_without_a_checksum_are_believed_where_well_formed(make_run, record, tmp_path, event):
    """Runs of earlier versions: `{}` in their journal was a KeyError."""
    make_run([record()])
    with open(tmp_path / JOURNAL, "a") as stream:
        stream.write(json.dumps(event) + "\n")
    with pytest.warns(UserWarning, match="line 2 is damaged"):
        assert len(load(tmp_path).records) == 1


@pytest.mark.parametrize(
    ("name", "value"), [("cells", {}), ("cells", [{}]), ("cells", [3]), ("configuration", []), ("machine", "x")]
)
def test_a_mistyped_manifest_is_no_run(make_run, record, tmp_path, name, value):
    run = make_run([record()])
    (tmp_path / MANIFEST).write_text(json.dumps({**run.manifest, name: value}))
    with pytest.raises(NotARun, match="damaged"):
        load(tmp_path)


def test_what_is_appended_to_an_old_journal_is_checked(make_run, record, tmp_path):
    make_run([record()])
    with Journal(tmp_path) as journal:
        journal.append({"event": "launch_start"})
        journal.append({"event": "launch_end"})
    damage = []
    assert [event["event"] for event in read_journal(tmp_path, damage)] == ["cell_end", "launch_start", "launch_end"]
    assert damage == []

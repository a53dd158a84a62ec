import json

import hypothesis.strategies as st
import pytest
from hypothesis import given

from hessbench.results.run import load
from hessbench.results.stored.files import write_atomically
from hessbench.results.stored.record import SCHEMA_VERSION
from hessbench.results.stored.store import (
    JOURNAL,
    KEYS,
    MANIFEST,
    Journal,
    NotARun,
    read_journal,
    read_manifest,
)

EVENTS = [
    {"event": "launch_start", "launch": "001"},
    {"event": "cell_end", "reason": "é \n \u2028 {", "x": [1.5, None]},
]


def test_what_is_appended_is_read(tmp_path):
    with Journal(tmp_path) as journal:
        for event in EVENTS:
            journal.append(event)
    assert list(read_journal(tmp_path)) == EVENTS


def test_a_line_torn_at_any_byte_is_ignored_and_cut_off(tmp_path):
    with Journal(tmp_path) as journal:
        for event in EVENTS:
            journal.append(event)
    whole = (tmp_path / JOURNAL).read_bytes()
    start = whole.index(b"\n") + 1
    for end in range(start, len(whole)):
        (tmp_path / JOURNAL).write_bytes(whole[:end])
        assert list(read_journal(tmp_path)) == EVENTS[:1]
        with Journal(tmp_path) as journal:
            journal.append({"event": "after"})
        assert list(read_journal(tmp_path)) == [EVENTS[0], {"event": "after"}]


@given(
    st.lists(
        st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False))
    )
)
def test_any_json_survives(tmp_path_factory, events):
    folder = tmp_path_factory.mktemp("journal")
    with Journal(folder) as journal:
        for event in events:
            journal.append(event)
    assert list(read_journal(folder)) == events


def test_one_writer_at_a_time(tmp_path):
    with Journal(tmp_path), pytest.raises(NotARun, match="another hessbench is writing"):
        Journal(tmp_path)
    Journal(tmp_path).close()


def test_a_manifest_is_whole_or_not_there(tmp_path):
    manifest = {name: kind() for name, kind in KEYS.items()} | {"schema_version": SCHEMA_VERSION}
    manifest["configuration"] = {"rounds": 1}
    write_atomically(tmp_path / MANIFEST, json.dumps(manifest))
    assert read_manifest(tmp_path) == manifest
    assert [path.name for path in tmp_path.iterdir()] == [MANIFEST]


def test_a_manifest_of_another_schema_is_refused(tmp_path):
    manifest = dict.fromkeys(KEYS, "") | {"schema_version": SCHEMA_VERSION + 1}
    write_atomically(tmp_path / MANIFEST, json.dumps(manifest))
    with pytest.raises(NotARun, match="use the version that wrote it"):
        read_manifest(tmp_path)


def test_a_journal_that_cannot_be_read_says_so(tmp_path):
    (tmp_path / JOURNAL).mkdir()
    with pytest.raises(NotARun, match="cannot be read"):
        list(read_journal(tmp_path))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "it has no manifest.json"),
        ("{", "cannot be read"),
        ("[]", "is not a hessbench manifest"),
        ('{"cells": []}', "is not a hessbench manifest"),
    ],
)
def test_a_folder_that_is_no_run_says_so(tmp_path, content, message):
    if content is not None:
        (tmp_path / MANIFEST).write_text(content)
    with pytest.raises(NotARun, match=message):
        read_manifest(tmp_path)


@pytest.mark.parametrize("no_path", [5, None])
def test_what_is_no_path_says_so(no_path):
    with pytest.raises(NotARun, match="give the path"):
        load(no_path)


def test_a_file_that_cannot_be_written_leaves_no_other(tmp_path):
    (tmp_path / "results.csv").mkdir()
    with pytest.raises(IsADirectoryError):
        write_atomically(tmp_path / "results.csv", "text")
    assert [path.name for path in tmp_path.iterdir()] == ["results.csv"]

"""The messages between parent and worker: what is sent arrives, and what is not understood raises."""

import json

import pytest

from hessbench.harness import protocol
from hessbench.harness.planning.grid import Cell
from hessbench.harness.planning.settings import QUICK
from hessbench.harness.protocol import (
    CellEnd,
    CellStart,
    End,
    NotUnderstood,
    Outcome,
    Phase,
    Ready,
    Task,
    Unavailable,
    Visit,
    decode,
    decode_task,
    encode,
    encode_task,
)
from hessbench.results.stored.record import RAW_FIELD, columns

CELL = Cell("quick", "rosenbrock", 10, "hessian", "jax", "hessian-jit", "float64", "cpu")
MESSAGES = [
    Phase("prepare", "key"),
    Ready(1.5, {"jax": "1.0"}, ["cpu"], {}, {"cores": 2}, {"a": "why"}),
    Unavailable("unsupported", "not installed"),
    CellStart("key"),
    CellEnd("key", Outcome("ok", facts={"rel_error": 1e-16}, sample_seconds=(0.1, 0.2))),
    CellEnd("key", Outcome("wrong", "NaN", "derivative-nan", {"rel_error": float("inf")})),
    End(),
]
TASK = Task("jax", "float64", "cpu", "highest", QUICK, 0, "refs", (Visit(CELL, 7),), {"mine.py": "a/mine.py"}, 1.05)


@pytest.mark.parametrize("message", MESSAGES, ids=[type(message).__name__ for message in MESSAGES])
def test_what_is_sent_arrives(message):
    line = encode(message)
    assert line.count(b"\n") == 1
    assert decode(line) == message


def test_every_message_is_tried_here():
    assert {type(message) for message in MESSAGES} == set(protocol.MESSAGES.values())


def test_a_task_arrives():
    assert decode_task(encode_task(TASK)) == TASK


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"not json", "not JSON"),
        (b"[1]", "not a JSON object"),
        (b'{"event": "farewell"}', "no message is called 'farewell'"),
        (b'{"event": "cell_start", "key": "a", "extra": 1}', "extra"),
        (b'{"event": "cell_start"}', "key"),
        (b'{"event": "cell_end", "key": "a", "outcome": {"status": "ok", "luck": 1}}', "luck"),
        (b'{"event": "cell_end", "key": "a", "outcome": {"status": "ok", "facts": {"luck": 1}}}', "luck"),
    ],
)
def test_what_is_not_understood_raises(line, reason):
    with pytest.raises(NotUnderstood, match=reason):
        decode(line)


@pytest.mark.parametrize(
    "spoil", [lambda d: d.pop("visits"), lambda d: d.update(new=1), lambda d: d["policy"].update(new=1)]
)
def test_a_task_of_another_version_raises(spoil):
    data = json.loads(encode_task(TASK))
    spoil(data)
    with pytest.raises(NotUnderstood):
        decode_task(json.dumps(data).encode())


def test_an_outcome_has_only_columns_of_the_record():
    assert all(column.name in protocol.COLUMNS for column in columns())
    assert RAW_FIELD in Outcome.__dataclass_fields__
    with pytest.raises(NotUnderstood, match="no column link_s"):
        Outcome("ok").known(link_s=1.0)


def test_what_a_terminal_would_obey_stays_out_of_reasons_and_logs():
    outcome = Outcome("error", "\x1b[31mred\x1b[0m", facts={"log_tail": "a\n\x1b[2Jb\x9b1m"})
    assert outcome.reason == "red"
    assert outcome.facts["log_tail"] == "a\nb1m"
    assert decode(encode(CellEnd("key", outcome))).outcome == outcome

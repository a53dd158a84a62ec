"""The small parsers of the command line: what they read, and their one line for what they do not."""

import pytest

from hessbench.harness.planning import words
from hessbench.harness.usage import UsageError

READ = [
    (words.names, "a,,b", ["a", "b"]),
    (words.sizes, "10,..50,smallest,-3", [10, "..50", "smallest", -3]),
    (words.numbers, "4,16", [4, 16]),
    (words.rounds, "5", (5, 5)),
    (words.rounds, "3..10", (3, 10)),
    (words.memory_size, "4GB", 4 * 10**9),
    (words.memory_size, "1.5 gib", 3 * 2**29),
    (words.memory_size, "4000", 4000),
    (words.duration, "90", 90),
    (words.duration, "90s", 90),
    (words.duration, "10m", 600),
    (words.duration, "1.5h", 5400),
    (words.budget, "10ms", ("10ms", 0.01, "min_s")),
    (words.budget, "2 h", ("2 h", 7200, "min_s")),
    (words.budget, "4GB", ("4GB", 4e9, "extra_host_bytes")),
]


@pytest.mark.parametrize(("parse", "text", "value"), READ)
def test_what_is_read(parse, text, value):
    assert parse(text) == value


@pytest.mark.parametrize(("text", "limits"), [("..50", (1, 50)), ("10..", (10, float("inf"))), ("10..50", (10, 50))])
def test_ranges_of_sizes(text, limits):
    assert words.size_range(text, ()) == limits


UNREAD = [
    (words.numbers, "4,x", "'4,x' is not a whole number, nor several"),
    (words.rounds, "0", "--rounds 0 is no number of launches"),
    (words.rounds, "5..3", "--rounds 5..3 is no number of launches"),
    (words.memory_size, "0GB", "memory limit '0GB' is not a size"),
    (words.memory_size, "much", "memory limit 'much' is not a size"),
    *((words.duration, text, f"'{text}' is no time") for text in ("", "0", "-1s", "10 days")),
    (words.budget, "soon", "--budget 'soon' is neither a time nor a size"),
]


@pytest.mark.parametrize(("parse", "text", "message"), UNREAD)
def test_what_is_not_read_has_one_line(parse, text, message):
    with pytest.raises(UsageError) as caught:
        parse(text)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"), [("ten", "or one of smallest, quick"), ("..", "is none"), ("9..5", "is none")]
)
def test_no_ranges_of_sizes(text, message):
    with pytest.raises(UsageError, match=message):
        words.size_range(text, ("smallest", "quick"))

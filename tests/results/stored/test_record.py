import pytest

from hessbench.results.stored.record import SCHEMA_VERSION, from_dict
from hessbench.results.units import ratio, scientific, seconds


def test_a_record_survives_json(record):
    assert from_dict(record().as_dict()) == record()


def test_unknown_columns_are_left_out(record):
    assert from_dict({**record().as_dict(), "later": 1}) == record()


def test_a_newer_schema_is_refused(record):
    with pytest.raises(ValueError, match="schema"):
        from_dict({**record().as_dict(), "schema_version": SCHEMA_VERSION + 1})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.5, "1.50 s"),
        (0.0123, "12.3 ms"),
        (4.56e-5, "45.6 µs"),
        (7e-9, "7.00 ns"),
        (123.4, "123 s"),
        (0, "0 s"),
        (None, "–"),
        (float("nan"), "–"),
    ],
)
def test_times_have_three_digits_and_a_unit(value, text):
    assert seconds(value) == text


def test_ratios_and_errors():
    assert (ratio(1), ratio(0.0314), ratio(1234.5), ratio(2.5e7), ratio(None)) == (
        "1.00×",
        "0.0314×",
        "1234×",
        "2.50e+07×",
        "–",
    )
    assert (scientific(1.2e-15), scientific(0.0), scientific(None)) == ("1e-15", "0", "–")

"""An axis of the grid is declared once: whatever names cells must tell those apart that differ in one axis only."""

import dataclasses
import inspect
import re
import typing
from pathlib import Path

import hessbench as hb
from hessbench.harness.commands.verify import FIELDS
from hessbench.harness.planning.grid import Cell, Selection, options
from hessbench.results.exports.benchmarks import benchmark_name
from hessbench.results.stored.outcome import cell_name
from hessbench.results.stored.record import (
    AXES,
    CELL,
    CONTEST,
    DEFAULTS,
    FAULTS,
    STATUSES,
    YARDSTICKS,
    Fault,
    Status,
    columns,
    dtype,
)
from hessbench.results.tables.summary import _SEVERITY

HARNESS = Path(__file__).parents[3] / "harness"
NUMBERS = {column.name: dtype(column) for column in columns() if dtype(column) != "object"}
TEXTS = {"str", "Status", "MaybeFault"}


def others(axis, usual):
    """Two values of an axis that are not the usual one."""
    return (usual + 1, usual + 2) if isinstance(usual, int) else (f"{axis}-a", f"{axis}-b")


def forgotten(record, name, told_elsewhere=()):
    """The axes in which cells may differ and still have the same name."""
    usual = record()
    return [
        axis
        for axis in AXES
        if axis not in told_elsewhere
        for value in others(axis, getattr(usual, axis))[:1]
        if name(record(**{axis: value})) == name(usual)
    ]


def test_the_cell_has_the_axes_of_the_record_in_their_order_with_their_defaults():
    fields = dataclasses.fields(Cell)
    assert tuple(field.name for field in fields) == AXES, "Cell (harness/planning/grid.py) beside the record's axes"
    assert {f.name: f.default for f in fields if f.default is not dataclasses.MISSING} == DEFAULTS


def test_whatever_can_be_asked_for_is_looked_at():
    """A list that nobody reads would be accepted and change nothing."""
    code = "\n".join(path.read_text() for path in sorted(HARNESS.rglob("*.py")))
    lists = [field.name for field in dataclasses.fields(Selection)]
    unread = [name for name in lists if not re.search(rf"\bselection\.{name}\b", code)]
    assert not unread, f"asked for in vain until harness/planning/plan.py crosses it: {unread}"


def test_python_can_be_asked_for_what_the_command_line_can():
    missing = {name for _, name, _ in options()} - set(inspect.signature(hb.run).parameters)
    assert not missing, f"hb.run (harness/python/run.py) does not take {sorted(missing)}"


def test_every_axis_has_a_place_of_its_own():
    places = sorted(column.metadata["axis"] for column in columns() if column.metadata["axis"])
    assert places == list(range(1, len(AXES) + 1))
    assert sorted(CELL) == sorted(AXES)


def test_no_name_of_a_benchmark_forgets_an_axis(record):
    assert forgotten(record, benchmark_name) == []


def test_no_key_of_a_known_fault_forgets_an_axis(record):
    # The file is the backend's, a method belongs to one operator, and machines are expected to agree.
    assert forgotten(record, cell_name, ("backend", "operator", "host")) == []


def test_no_cell_in_words_forgets_an_axis(record):
    def words(row):
        return str(Cell(**{axis: getattr(row, axis) for axis in AXES}))

    # A run's messages name dtype and device with the group, and a method belongs to one operator.
    assert forgotten(record, words, ("operator", "dtype", "device")) == []


def test_verify_tells_every_axis():
    assert set(AXES) <= set(FIELDS)


def test_params_of_a_benchmark_are_the_axes(make_run, record):
    import json

    (one,) = json.loads(make_run([record()]).export("pytest-benchmark").read_text())["benchmarks"]
    assert set(one["params"]) == set(AXES)


def test_the_summary_tells_cells_apart_that_differ_in_one_axis(make_run, record):
    alike = []
    for axis in AXES:
        first, second = others(axis, getattr(record(), axis))
        if axis == "dtype":
            first, second = "float64", "float32"  # what is the same depends on it
        table = make_run([record(**{axis: first}), record(**{axis: second})]).summary
        seen = table[["label", "n", "operator", "backend", "method"]]
        if len(table) != 2 or seen.duplicated().any():
            alike.append(axis)
    assert alike == []


def test_a_ratio_is_to_the_yardstick_of_the_same_axes(make_run, record):
    mixed = []
    for axis in set(AXES) - {"operator", "method", "batch"}:
        elsewhere = {axis: others(axis, getattr(record(), axis))[0]}
        frame = make_run([record(), record(method="g", operator="gradient", **elsewhere)]).frame
        if frame.loc[frame["operator"] == "hessian", "ratio_to_gradient"].notna().any():
            mixed.append(axis)
    assert mixed == []


def test_every_number_has_its_declared_type_in_the_frame_whatever_was_measured(make_run, record):
    runs = ([], []), ([], [record()]), ([record(status="error")], []), ([record(condition=3.0)], [])
    for records, planned in runs:
        kinds = {name: str(kind) for name, kind in make_run(records, planned).frame.dtypes.items()}
        assert {name: kinds[name] for name in NUMBERS} == NUMBERS
        texts = {name for name, kind in kinds.items() if not kind.lower().startswith(("int", "float"))}
        assert not (records or planned) or texts == set(kinds) - set(NUMBERS)  # a frame without rows has no texts


def test_every_annotation_of_a_column_has_a_type_in_tables():
    strange = [column.name for column in columns() if dtype(column) == "object" and column.type not in TEXTS]
    assert not strange, f"a type of these columns that tables do not know (results.stored.record._DTYPES): {strange}"


def test_every_unit_stands_at_a_number():
    wrong = [column.name for column in columns() if bool(column.metadata["unit"]) != (column.name in NUMBERS)]
    assert not wrong, f'a number has a unit ("1" where it is a pure one), a text has none: {wrong}'


def test_contests_and_yardsticks_are_columns():
    names = {column.name for column in columns()}
    assert {*CONTEST, *(f"ratio_to_{name}" for name in YARDSTICKS)} <= names


def test_closed_words_are_explained_and_ordered():
    assert typing.get_args(Status) == tuple(STATUSES)
    assert typing.get_args(Fault) == tuple(FAULTS)
    assert set(_SEVERITY) == set(STATUSES)

"""How the audit's calls are found: which arguments vary, together or each on its own, and what is made of a call."""

import importlib
import signal
import sys
from pathlib import Path

import numpy as np
import pytest

from hessbench import backends
from hessbench.backends.numpy.calls import KIT
from hessbench.backends.scripts.calls import Call, objective
from hessbench.suites.functions import read

FOLDER = Path(__file__).parents[2] / "benchmarks" / "functions"
A, B = {"array": {"float64": [0.3, 0.4]}}, {"array": {"float64": [[1.0, 2.0], [3.0, 4.0]]}}
INDEX, BIG = {"array": {"int64": [1, 0]}}, {"array": {"float64": np.ones((3, 4)).tolist()}}


@pytest.fixture(scope="module")
def modules():
    sys.path.insert(0, str(FOLDER))
    try:
        yield {name: importlib.import_module(name) for name in ("arguments", "find", "more", "patience")}
    finally:
        sys.path.remove(str(FOLDER))


def test_arguments_by_position_in_lists_and_by_name_can_vary_and_integers_cannot(modules):
    call = Call("f", (A, [A, 2, B], INDEX), {"weight": B, "axis": 1})
    assert modules["arguments"].places(call) == [(0,), (1, 0), (1, 2), ("weight",)]
    assert [where for where, _ in modules["arguments"].integers(call)] == [(2,)]


def test_together_each_has_its_own_entries_of_x_and_f_its_value(modules):
    call = Call("numpy.matmul", (B, A))
    varied, x = modules["arguments"].jointly(call, [(0,), (1,)])
    assert x == [1.0, 2.0, 3.0, 4.0, 0.3, 0.4]
    value = objective(call, KIT)(np.zeros(1))
    assert objective(varied, KIT)(np.array(x)) == value
    for i in range(6):
        assert objective(varied, KIT)(np.array(x) + np.eye(6)[i]) != value


def test_of_a_large_argument_few_variables_move_all_entries(modules):
    varied, x = modules["arguments"].jointly(Call("numpy.matmul", (BIG, BIG)), [(0,), (1,)])
    assert x == [0.0] * 6
    assert [argument["slice-of-variable"][:2] for argument in varied.arguments] == [[0, 3], [3, 6]]


def test_all_that_vary_one_at_a_time_vary_together_in_the_suite(modules):
    if reason := backends.missing("autograd"):
        pytest.skip(reason)
    finder = modules["find"].Finder("autograd")
    names = {f"{path}:{label}" for path, found in modules["more"].joint(finder) for label, *_ in found}
    assert names == {name for name in read("autograd")["functions"] if "+" in name}


def test_a_block_that_takes_too_long_is_left_and_the_alarm_is_as_before(modules):
    before, ended = signal.getsignal(signal.SIGALRM), []
    with modules["patience"].in_time(1):
        while not ended:
            pass
        ended.append("never")
    assert not ended
    assert signal.getsignal(signal.SIGALRM) is before


def test_integers_are_negated_where_that_is_another_call_with_a_value(modules):
    if reason := backends.missing("autograd"):
        pytest.skip(reason)
    found = dict(modules["more"].negative(modules["find"].Finder("autograd")))
    ((label, call, _),) = found["autograd.numpy.take_along_axis"]
    assert label == "0~negative"
    assert np.max(call.arguments[1]["array"]["int64"]) == 0

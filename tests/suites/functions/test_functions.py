"""The audit: every public function as a call, planned without a framework, judged point by point."""

import json
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from hessbench import backends, suites
from hessbench.backends.contract.method import find
from hessbench.backends.numpy.calls import KIT
from hessbench.backends.scripts.calls import Call, NoRealNumbers, objective
from hessbench.harness.judging.by_point import by_point
from hessbench.harness.judging.references import References
from hessbench.harness.judging.verdict import Question, judged
from hessbench.harness.planning.grid import Cell, Selection
from hessbench.harness.planning.plan import plan
from hessbench.harness.worker.case import Case
from hessbench.suites.definition.problem import Problem, draw
from hessbench.suites.functions import HOMES, NOT_FOUND, read
from hessbench.suites.functions.points import FAR, TAIL, special_points

COVERED = 0.9
"""Of the differentiable functions of a namespace so many have a call."""


def test_the_suite_comes_by_entry_point_and_a_namespace_can_be_named():
    assert suites.registry()["functions"] == "hessbench.suites.functions"
    cells = plan(Selection(suites=("functions/torch.special",), backends=("torch",), ranges=("smallest",)))
    assert {cell.problem.rpartition(":")[0].rpartition(".")[0] for cell in cells} == {"torch.special"}


@pytest.mark.parametrize("framework", HOMES)
def test_most_differentiable_functions_of_every_namespace_have_a_call(framework):
    facts = read(framework)
    called = Counter(_namespace(path) for path in {name.partition(":")[0] for name in facts["functions"]})
    missing = Counter(_namespace(path) for path, reason in facts["excluded"].items() if reason.startswith(NOT_FOUND))
    covered = {name: called[name] / (called[name] + missing[name]) for name in called}
    assert covered
    assert sum(called.values()) / (sum(called.values()) + sum(missing.values())) >= COVERED


def _namespace(path):
    return path.rpartition(".")[0]


@pytest.mark.parametrize("framework", HOMES)
def test_every_call_has_a_point_of_its_size(framework):
    for name, facts in read(framework)["functions"].items():
        assert facts["x"], name
        points = special_points(facts["x"], facts["call"])
        assert all(len(point) == len(facts["x"]) for point in points.values()), name


def test_every_output_counts_and_has_curvature():
    f = objective(Call("numpy.linalg.slogdet", ({"variable": [2, 2]},)), KIT)
    x = np.array([2.0, 0.0, 0.0, 3.0])
    assert f(x) == pytest.approx(1.5 + (np.log(6) + np.log(6) ** 2 / 2))
    with pytest.raises(NoRealNumbers):
        objective(Call("numpy.argmax", ({"variable": [4]},)), KIT)(x)


def test_few_variables_move_every_entry_of_a_large_argument():
    call = Call("numpy.cumsum", ({"affine-variable": {"base": np.ones((4, 5)).tolist(), "n": 3}},))
    f = objective(call, KIT)
    assert len({float(f(np.eye(3)[i])) for i in range(3)} | {float(f(np.zeros(3)))}) == 4


def quartic(xp, x):
    """f(x) = sum x_i^4 - log-barrier, not finite at zero."""
    return xp.sum(x**4) + xp.sum(xp.log(xp.abs(x)))


def test_a_large_complex_argument_is_moved_in_both_parts_and_a_hermitian_one_stays_so():
    base = [np.diag([2.0, 3.0, 4.0]).tolist(), np.full((3, 3), 0.1).tolist()]
    general, hermitian = ({kind: {"base": base, "n": 3}} for kind in ("complex-affine-variable", "hermitian-variable"))
    x = np.array([0.1, -0.2, 0.3])
    seen = []
    objective(Call("here", (general, hermitian)), KIT, lambda a, b: seen.extend((a, b)) or a.real)(x)
    for matrix in seen:
        assert np.max(np.abs(matrix - (np.array(base[0]) + 1j * np.array(base[1])))) > 0.01
    assert np.max(np.abs(seen[0] - seen[0].conj().T)) > 0.1
    np.testing.assert_array_equal(seen[1], seen[1].conj().T)
    assert np.max(np.abs(seen[1].imag)) > 0.01


def test_complex_arguments_have_points_on_both_axes_and_to_the_left():
    points = special_points([1.0, 2.0, 3.0, 4.0], ["f", [{"complex-variable": [2]}], {}])
    assert points == {
        "zero": (0, 0, 0, 0), "left": (-1, -2, 3, -4), "real": (1, 2, 0, 0), "imaginary": (0, 0, 3, 4)
    }  # fmt: skip


TOGETHER = ({"slice-of-variable": [0, 2, {"variable": [2]}]}, {"slice-of-variable": [2, 6, {"variable": [2, 2]}]})


def test_arguments_that_vary_together_are_slices_of_x_and_special_one_at_a_time():
    x = [0.3, 0.4, 1.1, 1.2, 1.3, 1.4]
    seen = []
    objective(Call("here", TOGETHER), KIT, lambda a, b: seen.extend((a, b)) or a)(np.array(x))
    np.testing.assert_array_equal(seen[0], x[:2])
    np.testing.assert_array_equal(seen[1], np.reshape(x[2:], (2, 2)))
    assert special_points(x, ["f", list(TOGETHER), {}]) == {
        "signs of 0": (0, 1, *x[2:]), "integers of 0": (1, 2, *x[2:]),
        "signs of 1": (*x[:2], 0, 1, -1, 0), "integers of 1": (*x[:2], 1, 2, 3, 1),
        "identity of 1": (*x[:2], 1, 0, 0, 1), "singular of 1": (*x[:2], 1, 0, 0, 0),
    }  # fmt: skip


def test_functions_of_one_vector_are_looked_at_in_both_tails():
    points = special_points([0.1, 0.2], ["f", [{"variable": [2]}], {}])
    assert (points["right tail"], points["left tail"]) == ((TAIL, TAIL), (-TAIL, -TAIL))
    assert (points["far right"], points["far left"]) == ((FAR, FAR), (-FAR, -FAR))
    assert not {"right tail", "far left"} & special_points([0.1, 0.2], ["f", [{"variable": [2]}, 3], {}]).keys()


def test_arguments_of_one_shape_are_looked_at_where_they_are_equal():
    constant = {"array": {"float64": [0.5, 0.6]}}
    assert special_points([0.1, 0.2], ["f", [{"variable": [2]}, constant], {}])["equal"] == (0.5, 0.6)
    assert "equal" not in special_points([0.1, 0.2], ["f", [{"variable": [2]}, {"array": {"float64": 0.5}}], {}])
    both = [{"slice-of-variable": [i, i + 2, {"variable": [2]}]} for i in (0, 2)]
    assert special_points([0.1, 0.2, 0.3, 0.4], ["f", both, {}])["equal of 1"] == (0.1, 0.2, 0.1, 0.2)


def test_a_square_matrix_is_also_looked_at_where_it_lacks_one_rank():
    point = special_points([0.0] * 9, ["f", [{"variable": [3, 3]}], {}])["singular"]
    assert np.linalg.matrix_rank(np.reshape(point, (3, 3))) == 2


POINTS = {"zero": (0.0, 0.0), "ones": (1.0, 1.0), "ties": (0.5, 0.5)}
SPECIAL = Problem(
    "special", quartic, (2,), lambda n, rng: np.array([0.7, 1.9]), "here", special_points=POINTS, timed=False
)
CELL = Cell("suite", "special", 2, "hessian", "numpy", "central-eager", "float64", "cpu")


def right(x):
    return np.diag(12 * x**2 - 1 / x**2)


def verdict(spoiled):
    instance = draw(SPECIAL, 2).without(["zero"])
    results = [right(x) for x in instance.points[:-1]]
    results[spoiled] = results[spoiled] * 1.01
    return by_point(judged, Question(CELL, 1.0, instance), results, References())


def test_a_point_is_judged_on_its_own():
    found = verdict(spoiled=-1)
    at = {name: status for name, (status, *_) in json.loads(found.by_point).items()}
    assert at == {"start": "ok", "ones": "ok", "ties": "wrong"}
    assert (found.status, found.reason[:8]) == ("wrong", "at ties:")
    reasons = {name: reason for name, (*_, reason) in json.loads(found.by_point).items()}
    assert reasons == {"start": "", "ones": "", "ties": found.reason.removeprefix("at ties: ")}
    at = {name: status for name, (status, *_) in json.loads(verdict(spoiled=0).by_point).items()}
    assert at == {"start": "wrong", "ones": "ok", "ties": "ok"}


def test_nobody_is_asked_where_f_has_no_value():
    backend = backends.open("numpy", "float64", "cpu")
    case = Case(backend, CELL, draw(SPECIAL, 2), References())
    assert list(case.instance.problem.special_points) == ["ones", "ties"]
    assert find(backend.methods, CELL.method)
    assert case.check().status == "ok"


def test_a_batched_operator_is_asked_at_no_special_point():
    backend = backends.open("numpy", "float64", "cpu")
    method = next(m for m in backend.methods if m.operator == "batched-hessian")
    case = Case(backend, replace(CELL, operator=method.operator, method=method.name), draw(SPECIAL, 2), References())
    found = case.check()
    assert (found.status, found.facts["by_point"]) == ("ok", "")


def test_what_raises_at_a_special_point_only_misses_that_one():
    backend = backends.open("numpy", "float64", "cpu")
    case = Case(backend, CELL, draw(SPECIAL, 2), References())
    call = case.prepare().call

    def picky(x):
        if np.all(x == x[0]) and x[0] == 1:
            raise ValueError("not at ones")
        return call(x)

    found = case.check(picky)
    at = {name: status for name, (status, *_) in json.loads(found.facts["by_point"]).items()}
    assert at == {"start": "ok", "ones": "error", "ties": "ok"}
    assert (found.status, found.fault) == ("error", "exception")
    assert found.reason.startswith("at ones: ")


def test_a_matrix_that_is_meant_to_be_symmetric_varies_as_such():
    call = Call("numpy.linalg.cholesky", ({"symmetric-variable": [2, 2]},))
    f, x = objective(call, KIT), np.array([2.0, 0.5, 0.1, 3.0])
    assert f(x) == pytest.approx(f(x[[0, 2, 1, 3]]))

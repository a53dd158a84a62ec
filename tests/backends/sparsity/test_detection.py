"""Patterns found by running f on sets of variables: never less than the Hessian, and little more."""

import importlib.util
import math
import operator
import sys
from pathlib import Path

import numpy as np
import pytest

from hessbench import suites
from hessbench.backends.contract.errors import NotScalar, Unsupported
from hessbench.backends.numeric import hyper_dual
from hessbench.backends.numeric.reference import reference
from hessbench.backends.numpy.namespace import namespace, standard_arrays
from hessbench.backends.sparsity.detection import global_pattern, probed_pattern
from hessbench.backends.sparsity.detection.sets import Sets, TooDense
from hessbench.backends.sparsity.pattern import Pattern
from hessbench.suites.definition.problem import draw


def beside(name):
    where = Path(__file__).parents[1] / "contract" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, where)
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


core, standard = beside("test_namespace"), beside("standard_calls")
X, DATA = core.POINT, core.DATA
CALLS = {**{name: list(calls) for name, calls in core.CALLS.items()}, **standard.CALLS}
UNKNOWN_SHAPE = {"nonzero", "unique_all", "unique_counts", "unique_inverse", "unique_values"}


def weighted(call):
    """A call as an objective that is linear in what it returns: all curvature is the call's own."""

    def objective(xp, x, *data):
        value = call(xp, core.inputs(xp, x, *data))
        count = int(np.prod(value.shape))
        return xp.sum(xp.reshape(value, (-1,)) * np.linspace(1.0, 1.7, count))

    return objective


def curved(objective, x, data=()):
    """Where the Hessian of f is not zero at x: by hyper-dual numbers, else by differences beyond their error."""
    try:
        with standard_arrays():
            found = hyper_dual.hessian(lambda y: objective(namespace(), y, *data), x)
        return Pattern.of_matrix(np.nan_to_num(found, nan=0.0) != 0)
    except (TypeError, AttributeError):
        known = reference("hessian", objective, x, data)
        large = 1e-4 * np.max(np.abs(known.value), initial=1e-300)
        return Pattern.of_matrix(np.abs(known.value) > np.maximum(10 * known.bound, large))


def wrong(cases, check):
    """What a check says of cases that fail, one line each; one test for all, since each takes milliseconds."""
    lines = []
    for name, case in cases.items():
        try:
            check(case)
        except Exception as error:
            lines.append(f"{name}: {type(error).__name__}: {' '.join(str(error).split())[:200]}")
    return lines


def misses_nothing(call):
    objective = weighted(call)
    found, near = global_pattern(objective, X, DATA), probed_pattern(objective, [X], DATA)
    assert near.contains(curved(objective, X, DATA))
    assert found.contains(near)


def test_every_name_of_the_vocabulary_has_a_pattern_that_misses_nothing():
    cases = {f"{name} {i}": call for name in CALLS if name not in UNKNOWN_SHAPE for i, call in enumerate(CALLS[name])}
    assert wrong(cases | standard.ARRAYS, misses_nothing) == []


@pytest.mark.parametrize("name", sorted(UNKNOWN_SHAPE))
def test_shapes_that_are_made_of_values_are_refused(name):
    with pytest.raises(Unsupported, match="shape depends on x"):
        global_pattern(lambda xp, x: xp.sum(getattr(xp, name)(x)[0]), X)


def contains_the_true_one(problem):
    instance = draw(problem, problem.sizes[0])
    found = global_pattern(problem.objective, instance.points[0], instance.data)
    if problem.hessian is not None:
        matrices = [problem.hessian(x, *instance.data) for x in instance.points]
        true = Pattern.of_matrix(np.nan_to_num(sum(np.abs(h) for h in matrices), nan=0.0) != 0)
        assert found.contains(true), found.missing(true)
    if problem.structure.pattern is not None:
        true = Pattern.of_pairs(instance.n, *problem.structure.pattern(instance.n))
        assert found.contains(true)
        assert found.nnz <= 1.1 * true.nnz


def test_patterns_of_all_problems_contain_the_true_one():
    problems = {
        f"{suite} {problem.name}": problem
        for suite in suites.registry()
        if suite not in ("quick", "gpu", "scaling")  # whose problems are those of other suites, or larger
        for problem in suites.load(suite).values()
        if problem.portable and problem.sizes[0] <= 150
    }
    assert wrong(problems, contains_the_true_one) == []


@pytest.mark.parametrize("problem", suites.load("sparse").values(), ids=operator.attrgetter("name"))
def test_patterns_of_the_suite_are_exact_at_another_size(problem):
    instance = draw(problem, problem.sizes[1])
    found = global_pattern(problem.objective, instance.points[0], instance.data)
    rows, columns, _ = problem.sparse_hessian(instance.points[0], *instance.data)
    assert found == Pattern.of_pairs(instance.n, rows, columns)
    assert found == Pattern.of_pairs(instance.n, *problem.structure.pattern(instance.n))


ALL = "00 01 02 03 11 12 13 22 23 33"
EXACT = {
    "linear": (lambda xp, x: xp.sum(x) + x[0] - 2 * x[1], []),
    "a linear sum keeps terms apart": (lambda xp, x: -0.5 * (xp.sum(xp.exp(x)) + x[0] * x[1]) / 3, ["00 11 22 33 01"]),
    "products cross, and nothing else": (lambda xp, x: x[0] * x[1] * x[2], ["01 02 12"]),
    "a quotient is linear above": (lambda xp, x: x[0] / x[1], ["01 11"]),
    "a power of two": (lambda xp, x: (x[0] + x[1]) ** 2, ["00 01 11"]),
    "exponents 0 and 1 are linear": (lambda xp, x: x[0] ** 1 + x[1] ** 0, []),
    "times 0 is nothing": (lambda xp, x: xp.sum(0 * x * x[0]) + xp.square(x[1]), ["11"]),
    "steps have no slope": (lambda xp, x: xp.sum(xp.floor(x) * x[0]) + xp.sum(xp.sign(x) * x), []),
    "absolute values are linear": (lambda xp, x: xp.abs(x[0] - x[1]) + xp.maximum(x[2], x[3]), []),
    "what is chosen among curves is curved": (lambda xp, x: xp.maximum(x[0] ** 2, x[1] ** 3), ["00 11"]),
    "both sides of where": (lambda xp, x: xp.where(x[0] > 0, x[1] ** 2, x[2] * x[3]), ["11 23"]),
    "a known condition": (lambda xp, x: xp.square(xp.sum(xp.where(np.arange(4) < 2, x, 1.0))), ["00 01 11"]),
    "slices and neighbors": (lambda xp, x: xp.sum(x[1:] * x[:-1]), ["01 12 23"]),
    "matrix products": (
        lambda xp, x: xp.sum(xp.matmul(xp.reshape(x, (2, 2)), xp.reshape(x, (2, 2)))),
        ["00 01 02 12 13 23 33"],
    ),
    "a matrix that is given": (lambda xp, x: xp.sum(xp.square(xp.matmul(np.eye(2, 4), x))), [ALL]),
    "prod meets itself nowhere": (lambda xp, x: xp.prod(x), ["01 02 03 12 13 23"]),
    "sorting": (lambda xp, x: xp.sum(xp.sort(x) * np.arange(4.0)), []),
    "indices made of x": (lambda xp, x: xp.square(xp.take(x, xp.argmax(x))), [ALL]),
    "the modulus of a complex solution": (
        lambda xp, x: xp.sum(xp.abs(xp.linalg.solve(np.eye(4) * (2 + 1j), x + 0j))),
        [ALL],
    ),
    "the modulus of complex entries": (lambda xp, x: xp.sum(xp.abs(x * (1 + 2j))) + xp.abs(x[0] + 1j), ["00 11 22 33"]),
    "the modulus of a transform": (lambda xp, x: xp.sum(xp.abs(xp.fft.fft(x))), [ALL]),
    "the modulus of an inverse": (
        lambda xp, x: xp.abs(xp.linalg.inv(xp.reshape(x, (2, 2)) + 3j * np.eye(2))[0, 1]),
        [ALL],
    ),
    "two functions of one variable": (lambda xp, x: xp.sin(x[2]) * xp.cos(x[2]), ["22"]),
    "nothing of x": (lambda xp, x: 3.0, []),
    "a sum of nothing": (lambda xp, x: xp.sum(x[:0]) ** 2 + xp.square(x[1]), ["11"]),
    "sums of rows that are not there": (lambda xp, x: xp.sum(xp.sum(np.ones((0, 4)) * x, axis=1)) + x[0] ** 2, ["00"]),
    "a matrix without rows": (lambda xp, x: xp.sum(xp.matmul(np.ones((0, 4)), x) ** 2) + x[0] * x[1], ["01"]),
    "nothing by nothing": (lambda xp, x: xp.tensordot(x[:0], x[:0], axes=1) + xp.vecdot(x[:0], x[:0]), []),
    "an outer product of nothing": (lambda xp, x: xp.sum(xp.linalg.outer(x[:0], x)) + x[2] ** 2, ["22"]),
    "no matrix at all": (lambda xp, x: xp.sum(xp.matmul(xp.reshape(x[:0], (0, 2, 2)), xp.reshape(x, (2, 2)))), []),
}


@pytest.mark.parametrize("name", EXACT)
def test_patterns_by_hand(name):
    f, entries = EXACT[name]
    pairs = [(int(i), int(j)) for word in " ".join(entries).split() for i, j in [word]]
    known = Pattern.of_pairs(4, np.array([i for i, _ in pairs], dtype=int), np.array([j for _, j in pairs], dtype=int))
    assert global_pattern(f, np.ones(4)) == known


def test_a_chain_of_one_link_has_an_empty_pattern():
    problem = suites.load("sparse")["chained_rosenbrock"]
    assert global_pattern(problem.objective, np.ones(1)).nnz == 0


def branching(xp, x):
    return x[0] ** 2 if x[0] > 0 else x[1] ** 2


REFUSED = {
    "branch": (branching, "branch on a condition"),
    "float": (lambda xp, x: float(x[0]) ** 2, r"float\(\)"),
    "mask": (lambda xp, x: xp.sum(x[x > 0]), "shape depends on x"),
    "count": (lambda xp, x: xp.sum(x[: int(xp.sum(x > 0))]), r"int\(\)"),
    "round": (lambda xp, x: xp.sum(x[: round(x[0])]), r"round\(\)"),
    "trunc": (lambda xp, x: xp.sum(x[: math.trunc(x[0])]), r"trunc\(\)"),
    "asarray": (lambda xp, x: np.sum(np.asarray(x)), "asarray would drop"),
    "no rule": (lambda xp, x: np.median(x), "no pattern is known for numpy.median"),
    "reduce": (lambda xp, x: np.add.reduce(x), "no pattern is known for numpy.add.reduce"),
    "out": (lambda xp, x: np.sum(np.add(x, 1, out=np.zeros(4))), "keyword 'out'"),
    "math": (lambda xp, x: math.exp(x[0]) * x[1] ** 2, "plain number of x .*use xp's functions"),
    "item": (lambda xp, x: x[0].item() * x[1] ** 2, "plain number of x .*use xp's functions"),
    "pad that computes": (lambda xp, x: np.sum(np.pad(x, 1, mode="mean") ** 2), "numpy.pad with mode='mean'"),
    "pad with entries of x": (lambda xp, x: np.sum(np.pad(x, 1, constant_values=x[0])), "keyword 'constant_values'"),
    "pad with two entries of x": (
        lambda xp, x: np.sum(np.pad(x, (1, 1), constant_values=(x[0], x[1])) ** 2),
        "keyword 'constant_values'",
    ),
    "an order of memory": (lambda xp, x: np.sum(np.ravel(np.reshape(x, (2, 2)).T, order="K")), "order of memory"),
    "dot of three axes": (lambda xp, x: np.sum(np.dot(np.ones((2, 2, 4)), x)), "more than two axes"),
    "linspace along an axis": (lambda xp, x: xp.sum(xp.linspace(x, 2 * x, 3, axis=1)), "keyword 'axis'"),
    "repeats made of x": (lambda xp, x: xp.sum(xp.repeat(np.ones(4), xp.argsort(x))), "by numbers made of x"),
    "data by indices made of x": (lambda xp, x: xp.sum(np.ones(4)[xp.argsort(x)]), r"xp\.take\(a, i\)"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_pattern_holds_for_is_refused_in_one_line(name):
    f, reason = REFUSED[name]
    with pytest.raises(Unsupported, match=reason) as raised:
        global_pattern(f, np.ones(4))
    assert len(str(raised.value).splitlines()) == 1


def test_a_vector_is_no_scalar():
    with pytest.raises(NotScalar, match=r"shape \(4,\)"):
        global_pattern(lambda xp, x: x * x, np.ones(4))


@pytest.mark.parametrize("name", ["math", "item", "pad that computes", "pad with entries of x"])
def test_what_carries_a_value_on_is_refused_near_a_point_too(name):
    f, reason = REFUSED[name]
    with pytest.raises(Unsupported, match=reason) as raised:
        probed_pattern(f, [np.ones(4)])
    assert "everywhere" not in str(raised.value)


def test_nothing_that_is_returned_is_no_scalar():
    for found in (lambda f: global_pattern(f, np.ones(4)), lambda f: probed_pattern(f, [np.ones(4)])):
        with pytest.raises(NotScalar, match="is a return missing"):
            found(lambda xp, x: None)


def test_whole_numbers_made_of_known_values_are_steps():
    def f(xp, x):
        return x[0] ** 2 * int(x[1]) + x[int(xp.argmax(x))] ** 3

    assert probed_pattern(f, [np.array([1.0, 2.0, 3.0])]).keys.tolist() == [0, 8]


def test_a_pattern_near_points_follows_branches_and_not_zeros():
    x = np.array([1.0, 0.0, 2.0])
    assert probed_pattern(branching, [x]).keys.tolist() == [0]
    assert probed_pattern(branching, [x, -x]).keys.tolist() == [0, 4]
    assert probed_pattern(lambda xp, x: x[1] * x[0] * x[2], [0 * x]).nnz == 6
    assert probed_pattern(lambda xp, x: xp.sum(x[x > 0] ** 2), [x]).keys.tolist() == [0, 8]
    with pytest.raises(ValueError, match="one point"):
        probed_pattern(branching, [])


def test_values_of_floating_point_data_do_not_count_and_indices_do():
    def f(xp, x, weights, at):
        return xp.sum(weights * x * x) + xp.square(xp.take(x, at[0]) + xp.take(x, at[1]))

    assert global_pattern(lambda xp, x, a: xp.sum(x ** a[0]), np.ones(3), (np.ones(1),)).nnz == 3
    found = [global_pattern(f, np.ones(3), (weights, np.array([0, 2]))) for weights in (np.zeros(3), np.ones(3))]
    assert found[0] == found[1]
    assert found[0].keys.tolist() == [0, 2, 4, 6, 8]


def test_chained_rosenbrock_with_100_000_variables():
    problem = suites.load("sparse")["chained_rosenbrock"]
    assert global_pattern(problem.objective, np.ones(100_000)).nnz == 299_998


@pytest.mark.parametrize(
    "f", [lambda xp, x: xp.log(xp.sum(xp.exp(x))), lambda xp, x: xp.sum(xp.square(xp.cumulative_sum(x)))]
)
def test_what_does_not_fit_is_said_before_it_is_made(f):
    with pytest.raises(TooDense, match=r"density 1|not sparse"):
        global_pattern(f, np.ones(12_000))


def test_partial_sums_of_a_loop_are_not_written_out():
    def f(xp, x):
        total = 0.0
        for k in range(200):
            total = total + xp.sum(xp.square(x[k::200]))
        return total

    sets = Sets(20_000)
    sums = np.array([0])
    for k in range(200):
        sums = sets.unite(np.stack([sums, sets.unite(np.arange(1 + k, 20_001, 200)[None])], axis=1))
    assert sets._members.size < 100_000
    assert global_pattern(f, np.ones(20_000)).nnz == 20_000


@pytest.mark.parametrize("n", [5, 40, 64, 65, 200])
def test_sums_of_many_entries_meet_in_full(n):
    def f(xp, x):
        many = xp.sum(xp.broadcast_to(x, (50, n)) * np.ones((50, n)))
        return xp.square(many - x[0]) + xp.exp(xp.sum(many - x[:2])) * x[1]

    assert global_pattern(f, np.ones(n)).density == 1
    assert global_pattern(lambda xp, x: xp.sum(x[1:]) ** 3, np.ones(n)).nnz == (n - 1) ** 2


def random_program(rng, n):
    """A sum of random expressions of a few variables each."""
    unary = ("sin", "exp", "square", "tanh", "negative", "abs")
    ops = [(rng.integers(3), rng.choice(unary), rng.integers(0, n, 4), rng.integers(4)) for _ in range(4)]

    def f(xp, x):
        total, past = 0.0, x
        for shape, name, at, how in ops:
            a, b = xp.take(past, at), x[at[0]] if shape else xp.roll(x, 1)[at]
            value = (a * b, a + b, a / (2 + b * b), xp.where(a > b, a, b * b))[how]
            past = xp.concat([getattr(xp, name)(value), x[4:]])
            total = total + xp.sum(past[:4])
        return total

    return f


def test_random_programs_miss_nothing():
    for seed in range(25):
        rng = np.random.default_rng(seed)
        n = int(rng.integers(4, 7))
        f, x = random_program(rng, n), rng.uniform(-1, 1, n)
        true = curved(f, x)
        assert global_pattern(f, x).contains(true), seed
        assert probed_pattern(f, [x]).contains(true), seed


def test_equal_sets_are_one_also_where_weights_collide():
    sets = Sets(6)
    first = sets.unite(np.array([[1, 2], [2, 1], [3, 0], [0, 0], [1, 1]]))
    assert first[0] == first[1]
    assert first[2:].tolist() == [3, 0, 1]
    assert sets.unite(np.array([[1, 2]]))[0] == first[0]
    sets._weights[:] = 1  # every pair looks like every other
    collided = sets.unite(np.array([[3, 4], [5, 6], [4, 5]]))
    assert [sets.members(np.array([k]))[0].tolist() for k in collided] == [[2, 3], [4, 5], [3, 4]]

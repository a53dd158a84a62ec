"""What is special to CasADi: our arrays of symbols, the sparsity it exploits, double precision, and its limits."""

import numpy as np
import pytest

import hessbench as hb
from hessbench import backends
from hessbench.backends.casadi import limits
from hessbench.backends.casadi.symbols import arrange, lift, symbols
from hessbench.backends.contract.method import find
from hessbench.backends.contract.refusal import ProblemFacts
from hessbench.backends.numeric.reference import reference

ca = pytest.importorskip("casadi")

POINT = np.array([0.31, 0.72, 0.55, 0.83, 0.24, 0.47])
KINDS = ("sx", "mx")


def cubes(xp, a):
    return xp.sum(a * a * a)


def square(xp, x):
    return xp.reshape(xp.concat([x, x[:2]]), (2, 2, 2)) + 2 * xp.eye(2)


def rosenbrock(xp, x):
    return xp.sum(100 * xp.square(x[1:] - x[:-1] ** 2) + xp.square(1 - x[:-1]))


FIRST = np.array([[0.31, 0.0], [0.55, 0.0]])
"""What makes the first column of a matrix of the first four entries of POINT zero."""

WRITTEN_HERE = {
    "slices": lambda xp, x: cubes(xp, x[::2] * x[1::2]) + x[-1] ** 3 * x[-2],
    "new axes": lambda xp, x: cubes(xp, x[:, None] * x[None, :] * xp.reshape(x, (1, 2, 3))[..., 1:2, :1]),
    "a loop over entries": lambda xp, x: sum((entry**3 for entry in x[:3]), 0 * x[0]),
    "constants on the left": lambda xp, x: xp.sum((1 - x) * (1 / x) + 2**x + np.arange(6.0) * x * x / np.float64(3)),
    "powers": lambda xp, x: xp.sum((x - 0.6) ** 3 + (x - 0.6) ** 2 + x**-2 + x**0.5 + x**0 + (x - 0.6) ** 1),
    "signs": lambda xp, x: xp.sum(abs(0.2 - x * x) * +x) + xp.sum(-x * x),
    "comparisons": lambda xp, x: xp.sum(xp.where(x == x, x**3, 0) + xp.where(x != x, 0, x * xp.where(x >= 0.6, x, 1))),
    "matrix operator": lambda xp, x: cubes(xp, xp.reshape(x, (2, 3)) @ xp.reshape(x, (3, 2))),
    "stacks of matrices": lambda xp, x: cubes(xp, xp.matmul(square(xp, x), square(xp, x)[0])),
    "tensordot, nothing summed": lambda xp, x: cubes(xp, xp.tensordot(x, x, axes=0)),
    "take, last axis": lambda xp, x: cubes(xp, xp.take(xp.reshape(x, (2, 3)), xp.asarray([2, 0, 0]), axis=-1)),
    "broadcast_to, an entry": lambda xp, x: cubes(xp, xp.broadcast_to(x[0] * x[1], (2, 2))),
    "asarray, of entries": lambda xp, x: cubes(xp, xp.asarray([[x[0] * x[1], x[2]], [x[3], 1.5]])),
    "full and linspace, of an entry": lambda xp, x: cubes(xp, xp.full((2, 2), x[0]) * xp.linspace(0.0, x[1], 2)),
    "max and min, odd lengths": lambda xp, x: xp.max(x[:5]) ** 3 * xp.min(x[:3]) ** 2,
    "prod, one axis kept": lambda xp, x: cubes(xp, xp.prod(xp.reshape(x, (2, 3)), axis=1, keepdims=True)),
    "cumulative_sum, first axis": lambda xp, x: cubes(xp, xp.cumulative_sum(xp.reshape(x, (2, 3)), axis=0)),
    "solve, stack": lambda xp, x: cubes(xp, xp.linalg.solve(square(xp, x), square(xp, x * x))),
    "inv, stack": lambda xp, x: cubes(xp, xp.linalg.inv(square(xp, x))),
    "det, stack": lambda xp, x: cubes(xp, xp.linalg.det(square(xp, x))),
    "det, zero in front": lambda xp, x: cubes(xp, xp.linalg.det(xp.reshape(x[:4], (2, 2)) - 0.31 * xp.eye(2))),
    "slogdet, negative": lambda xp, x: xp.linalg.slogdet(xp.reshape(x[1:5], (2, 2)))[1] * x[0],
    "slogdet by name": lambda xp, x: xp.linalg.slogdet(xp.reshape(x[:4], (2, 2))).logabsdet * x[0],
    "det, zeros in the first column": lambda xp, x: xp.linalg.det(xp.reshape(x[:4], (2, 2)) - FIRST) * x[4],
    "solve, a stack of right sides": lambda xp, x: cubes(xp, xp.linalg.solve(square(xp, x)[0], square(xp, x * x))),
    "solve, a stack and a vector": lambda xp, x: cubes(xp, xp.linalg.solve(square(xp, x), x[:2])),
    "logaddexp of nothing": lambda xp, x: xp.sum(xp.logaddexp(xp.logaddexp(x**2, np.full(6, -np.inf)), x) * x),
    "logaddexp of nothing, twice": lambda xp, x: xp.sum(xp.logaddexp(x**2, xp.logaddexp(0 * x - np.inf, -np.inf)) * x),
    "logaddexp, equal": lambda xp, x: xp.sum(xp.logaddexp(x, x + 0 * x[::-1]) * x),
    "asarray of whole numbers": lambda xp, x: xp.sum(xp.asarray(3 * x, dtype=xp.int64) * x**3),
    "full, as an index": lambda xp, x: cubes(xp, xp.take(x, xp.full((2,), 1), axis=0)),
    "full, of whole numbers of x": lambda xp, x: xp.sum(xp.full((6,), 3 * x[1], dtype=xp.int64) * x**3),
    "a sum of truths": lambda xp, x: xp.sum(((x > 0.3) + (x > 0.5)) * x**3),
    "a product of truths": lambda xp, x: xp.sum(~((x > 0.3) * (x > 0.5)) * x**3),
    "not all, some": lambda xp, x: xp.where(~xp.all(x > 0.5) & xp.any(x > 0.5), cubes(xp, x), 0.0),
    "truths chosen": lambda xp, x: xp.sum((xp.where(x > 0.4, True, x > 0.3) & (x < 0.8)) * x**3),
    "prod of nothing": lambda xp, x: xp.prod(x[6:]) * cubes(xp, x),
    "all and any of nothing": lambda xp, x: cubes(xp, x) * xp.where(xp.all(x[6:] > 0) & ~xp.any(x[6:] > 0), 2.0, 1.0),
    "sums of nothing": lambda xp, x: cubes(xp, x) + xp.sum(xp.sum(xp.reshape(x[6:], (0, 3)), axis=1)),
    "means of nothing": lambda xp, x: cubes(xp, x) + xp.sum(xp.mean(np.ones((0, 6)) * x, axis=1)),
    "running sums of nothing": lambda xp, x: (
        cubes(xp, x + xp.cumulative_sum(x[6:], include_initial=True)) + xp.sum(xp.cumulative_sum(x[6:]))
    ),
    "products of nothing": lambda xp, x: (
        cubes(xp, x + xp.tensordot(x[6:], x[6:], axes=1))
        + xp.sum(xp.tensordot(xp.reshape(x[6:], (0, 2)), xp.reshape(x, (2, 3)), axes=1))
    ),
    "no matrix at all": lambda xp, x: (
        cubes(xp, x) + xp.sum(xp.matmul(xp.reshape(x[6:], (0, 2, 2)), xp.reshape(x[:4], (2, 2))))
    ),
    "unused variables": lambda xp, x: 5 * x[1] * x[2] ** 2,
}
"""Beyond tests/backends/contract/test_namespace.py."""


@pytest.fixture
def prepared(engine):
    """A method by name, made ready for an objective, as a function of NumPy arrays."""

    def prepare(name, objective, data=(), *like):
        backend = engine("casadi")
        return backend.prepare(find(backend.methods, name), objective, data, *(like or (POINT + 0.01,))).call

    return prepare


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("objective", WRITTEN_HERE.values(), ids=WRITTEN_HERE)
def test_hessian_is_that_of_differences(prepared, kind, objective):
    truth = reference("hessian", objective, POINT, ()).value
    np.testing.assert_allclose(prepared(f"hessian-{kind}-symbolic", objective)(POINT), truth, rtol=1e-7, atol=1e-8)


@pytest.fixture
def built(engine):
    """A method by name, built for an objective and arguments: a function of all of them, the data included."""

    def build(name, objective, *arguments):
        backend = engine("casadi")
        function, phases = backend.build(find(backend.methods, name), backend.bind(objective), arguments)
        assert set(phases) == {"trace_s", "compile_s"}
        return function

    return build


@pytest.mark.parametrize("kind", KINDS)
def test_data_are_taken_as_they_lie_in_memory(built, kind):
    """CasADi reads NumPy's own memory: no order, stride or dtype may be taken for another."""
    rng = np.random.default_rng(0)
    plain = rng.standard_normal((4, 6))
    transposed, strided = rng.standard_normal((6, 4)).T, rng.standard_normal((8, 12))[::2, ::2]
    hvp = built(
        f"hvp-forward-over-reverse-{kind}-symbolic", lambda xp, x, a: cubes(xp, xp.matmul(a, x)), POINT, POINT, plain
    )
    for a in (plain, transposed, strided, rng.integers(0, 9, (4, 6)), plain > 0):
        np.testing.assert_allclose(hvp(POINT, POINT, a), 6 * a.T @ ((a @ POINT) ** 2), rtol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_an_index_is_data_too(built, kind):
    gradient = built(
        f"gradient-{kind}-symbolic",
        lambda xp, x, i: cubes(xp, xp.take(xp.reshape(x, (2, 3)), i, axis=1)),
        POINT,
        np.array([0, 0]),
    )
    for index in ([2, 0], [1, 1]):
        times = np.tile(np.bincount(index, minlength=3), 2)
        np.testing.assert_allclose(gradient(POINT, np.array(index)), 3 * POINT**2 * times, rtol=1e-14)


INDEXED = {
    "take": (lambda xp, x, i: cubes(xp, xp.take(x, i, axis=0)), [-1, 0]),
    "take, of rows": (lambda xp, x, i: cubes(xp, xp.take(xp.reshape(x, (2, 3)), i, axis=1) * x[0]), [-2, 2, -3]),
    "take_along_axis": (lambda xp, x, i: cubes(xp, xp.take_along_axis(x, i, axis=0)), [-1, 0]),
    "truths": (lambda xp, x, i: xp.sum(~xp.take(x > 0.5, i, axis=0) * x[:2] ** 3), [-1, 0]),
    "nothing": (lambda xp, x, i: cubes(xp, x) + xp.sum(xp.take(x, i, axis=0)), []),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", INDEXED)
def test_an_index_that_is_data_may_count_from_the_end(prepared, kind, name):
    objective, index = INDEXED[name]
    data = (np.array(index, dtype=np.int64),)
    truth = reference("hessian", objective, POINT, data).value
    found = prepared(f"hessian-{kind}-symbolic", objective, data)(POINT)
    np.testing.assert_allclose(found, truth, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("name", ["max", "min"])
def test_nothing_has_no_largest_entry(prepared, name):
    with pytest.raises(ValueError, match="empty array"):
        prepared("hessian-sx-symbolic", lambda xp, x: getattr(xp, name)(x[6:]) * cubes(xp, x))


def size_of_graph(name, n):
    x = symbols(ca.MX, np.ones(n))
    xp = backends.load("casadi")().namespace()
    result = find(backends.load("casadi").methods, name).make(lambda y: rosenbrock(xp, y))(x)
    return ca.n_nodes(result.entries)


def test_a_tridiagonal_hessian_takes_three_sweeps_whatever_n():
    assert size_of_graph("hessian-mx-symbolic", 60) == size_of_graph("hessian-mx-symbolic", 20)
    assert size_of_graph("uncolored-mx-symbolic", 60) > 2 * size_of_graph("uncolored-mx-symbolic", 20)


def test_an_arrow_takes_fewer_sweeps_where_symmetry_is_known():
    n = 30
    x = symbols(ca.SX, np.ones(n))
    y = (x[0] * x * x).entries
    pattern = ca.jacobian_sparsity(ca.gradient(ca.sum1(y), x.entries), x.entries)
    assert (pattern.star_coloring().shape[1], pattern.uni_coloring().shape[1]) == (2, n)


def test_single_precision_is_refused(engine):
    backend = engine("casadi", "float32")
    for method in backend.methods:
        assert "double precision" in backend.unsupported(method, ProblemFacts(2))


@pytest.mark.parametrize("name", ["hessian", "jacobian-gradient", "uncolored", "batched-hessian"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_graph_that_is_too_large_is_not_begun(monkeypatch, prepared, kind, name):
    monkeypatch.setattr(limits, "MOST_OPERATIONS", dict.fromkeys(("SX", "MX"), 50))
    like = np.ones((3, 9)) if name.startswith("batched") else np.ones(9)
    with pytest.raises(limits.TooExpensive, match=r"^too large: \d+ x a graph of \d+ operations"):
        prepared(f"{name}-{kind}-symbolic", lambda xp, x: xp.sum(x * x) ** 3, (), like)


def test_a_dense_pattern_is_not_star_colored_where_that_takes_long(monkeypatch, prepared):
    monkeypatch.setattr(limits, "MOST_PATHS", 100)
    with pytest.raises(limits.TooExpensive, match="casadi#2454"):
        prepared("hessian-mx-symbolic", lambda xp, x: xp.sum(x * x) ** 3)
    prepared("jacobian-gradient-mx-symbolic", lambda xp, x: xp.sum(x * x) ** 3)
    prepared("hessian-mx-symbolic", lambda xp, x: cubes(xp, x))


def test_symbols_have_no_value():
    x = symbols(ca.SX, POINT)
    for misuse in (bool, float, np.sin, np.asarray):
        with pytest.raises(TypeError):
            misuse(x[0])


def test_entries_are_moved_as_numpy_moves_them():
    a = np.arange(24.0).reshape(2, 3, 4)
    moved = arrange(lambda i: np.permute_dims(i, (2, 0, 1))[::-1, :, 1:], lift(a))
    expected = np.permute_dims(a, (2, 0, 1))[::-1, :, 1:]
    np.testing.assert_array_equal(np.array(moved.entries.full()).reshape(moved.shape), expected)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_nan_of_the_derivative_is_not_laid_on_f():
    """Symbols have no value by themselves, so that f was said to be NaN wherever a derivative was."""
    f = lambda xp, x: xp.exp(1.5 * xp.log(x[0] * x[0])) + x[1] ** 2  # noqa: E731
    found = hb.check(f, [0.0, 1.0], backends="casadi", methods="hessian-sx-symbolic")
    assert found["fault"].tolist() == ["derivative-nan"]

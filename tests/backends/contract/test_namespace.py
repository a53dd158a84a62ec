"""Every name of the closed vocabulary, on every backend and execution, against NumPy."""

import functools
from typing import Any, NamedTuple

import numpy as np
import pytest

from hessbench import backends
from hessbench.backends.contract.namespace import CORE, CREATION, operations, resolve
from hessbench.backends.contract.refusal import ProblemFacts
from hessbench.backends.numeric import batched
from hessbench.backends.numeric.reference import reference

POINT = np.array([0.31, 0.72, 0.55, 0.83, 0.24, 0.47])
DATA = (np.eye(3), np.array([2, 0, 1]))


class Inputs(NamedTuple):
    """Small arrays made from x, so that every call can be differentiated by x; `spd` is positive definite."""

    x: Any
    y: Any
    matrix: Any
    wide: Any
    spd: Any
    indices: Any


def inputs(xp, x, eye, indices):
    matrix = xp.reshape(x, (2, 3))
    spd = xp.matmul(xp.matrix_transpose(matrix), matrix) + eye
    return Inputs(x[:3], x[3:], matrix, xp.reshape(x, (1, 2, 3)), spd, indices)


CALLS = {
    "abs": [lambda xp, a: xp.abs(a.x - 0.5)],
    "acos": [lambda xp, a: xp.acos(a.x)],
    "acosh": [lambda xp, a: xp.acosh(1 + a.x)],
    "asin": [lambda xp, a: xp.asin(a.x)],
    "asinh": [lambda xp, a: xp.asinh(a.x)],
    "atan": [lambda xp, a: xp.atan(a.x)],
    "atan2": [lambda xp, a: xp.atan2(a.x, a.y), lambda xp, a: xp.atan2(-a.x, -a.y)],
    "atanh": [lambda xp, a: xp.atanh(a.x)],
    "cos": [lambda xp, a: xp.cos(a.x)],
    "cosh": [lambda xp, a: xp.cosh(a.x)],
    "exp": [lambda xp, a: xp.exp(a.x)],
    "expm1": [lambda xp, a: xp.expm1(a.x)],
    "log": [lambda xp, a: xp.log(a.x)],
    "log10": [lambda xp, a: xp.log10(a.x)],
    "log1p": [lambda xp, a: xp.log1p(a.x)],
    "log2": [lambda xp, a: xp.log2(a.x)],
    "logaddexp": [lambda xp, a: xp.logaddexp(a.x, a.y), lambda xp, a: xp.logaddexp(900 * a.x, 900 * a.y) / 900],
    "maximum": [lambda xp, a: xp.maximum(a.x, a.y)],
    "minimum": [lambda xp, a: xp.minimum(a.x, a.y)],
    "pow": [lambda xp, a: xp.pow(a.x, a.y), lambda xp, a: a.x**3],
    "sign": [lambda xp, a: xp.sign(a.x - 0.5)],
    "sin": [lambda xp, a: xp.sin(a.x)],
    "sinh": [lambda xp, a: xp.sinh(a.x)],
    "sqrt": [lambda xp, a: xp.sqrt(a.x)],
    "square": [lambda xp, a: xp.square(a.x)],
    "tan": [lambda xp, a: xp.tan(a.x)],
    "tanh": [lambda xp, a: xp.tanh(a.x)],
    "where": [lambda xp, a: xp.where(a.x < a.y, a.x, a.y * a.y)],
    "arange": [
        lambda xp, a: xp.arange(4, dtype=a.x.dtype),
        lambda xp, a: xp.arange(1, 7, 2, dtype=a.x.dtype),
        lambda xp, a: xp.take(a.x, xp.arange(2), axis=0),
    ],
    "asarray": [lambda xp, a: xp.asarray([1.5, 2.5], dtype=a.x.dtype), lambda xp, a: xp.asarray(a.x)],
    "eye": [lambda xp, a: xp.eye(3, dtype=a.x.dtype), lambda xp, a: xp.eye(2, 3, dtype=a.x.dtype)],
    "full": [lambda xp, a: xp.full((2, 3), 1.5, dtype=a.x.dtype), lambda xp, a: xp.full(3, 1.5, dtype=a.x.dtype)],
    "linspace": [lambda xp, a: xp.linspace(0.0, 1.0, 5, dtype=a.x.dtype)],
    "ones": [lambda xp, a: xp.ones((2, 3), dtype=a.x.dtype), lambda xp, a: xp.ones(3, dtype=a.x.dtype)],
    "ones_like": [lambda xp, a: xp.ones_like(a.matrix)],
    "tril": [lambda xp, a: xp.tril(a.spd), lambda xp, a: xp.tril(a.spd, k=-1), lambda xp, a: xp.tril(a.wide, k=1)],
    "triu": [lambda xp, a: xp.triu(a.spd), lambda xp, a: xp.triu(a.spd, k=-1), lambda xp, a: xp.triu(a.wide, k=1)],
    "zeros": [lambda xp, a: xp.zeros((2, 3), dtype=a.x.dtype), lambda xp, a: xp.zeros(3, dtype=a.x.dtype)],
    "zeros_like": [lambda xp, a: xp.zeros_like(a.matrix)],
    "broadcast_to": [lambda xp, a: xp.broadcast_to(a.x, (2, 3))],
    "concat": [lambda xp, a: xp.concat([a.x, a.y]), lambda xp, a: xp.concat([a.matrix, a.matrix], axis=1)],
    "expand_dims": [lambda xp, a: xp.expand_dims(a.x, axis=0), lambda xp, a: xp.expand_dims(a.matrix, axis=-1)],
    "flip": [
        lambda xp, a: xp.flip(a.matrix),
        lambda xp, a: xp.flip(a.matrix, axis=1),
        lambda xp, a: xp.flip(a.wide, axis=(1, -1)),
    ],
    "matrix_transpose": [lambda xp, a: xp.matrix_transpose(a.matrix), lambda xp, a: xp.matrix_transpose(a.wide)],
    "permute_dims": [lambda xp, a: xp.permute_dims(a.wide, (2, 0, 1))],
    "reshape": [lambda xp, a: xp.reshape(a.matrix, (3, 2)), lambda xp, a: xp.reshape(a.matrix, (-1,))],
    "roll": [
        lambda xp, a: xp.roll(a.matrix, 2),
        lambda xp, a: xp.roll(a.matrix, -1, axis=1),
        lambda xp, a: xp.roll(a.matrix, (1, 2), axis=(0, 1)),
    ],
    "squeeze": [lambda xp, a: xp.squeeze(a.wide, axis=0), lambda xp, a: xp.squeeze(a.wide, axis=(0,))],
    "stack": [lambda xp, a: xp.stack([a.x, a.y]), lambda xp, a: xp.stack([a.x, a.y], axis=-1)],
    "take": [lambda xp, a: xp.take(a.x, a.indices, axis=0), lambda xp, a: xp.take(a.matrix, a.indices, axis=1)],
    "cumulative_sum": [lambda xp, a: xp.cumulative_sum(a.x), lambda xp, a: xp.cumulative_sum(a.matrix, axis=1)],
    "max": [lambda xp, a: xp.max(a.matrix), lambda xp, a: xp.max(a.matrix, axis=0)],
    "mean": [lambda xp, a: xp.mean(a.matrix), lambda xp, a: xp.mean(a.matrix, axis=-1, keepdims=True)],
    "min": [lambda xp, a: xp.min(a.matrix), lambda xp, a: xp.min(a.matrix, axis=1, keepdims=True)],
    "prod": [lambda xp, a: xp.prod(a.matrix), lambda xp, a: xp.prod(a.matrix, axis=0)],
    "sum": [
        lambda xp, a: xp.sum(a.matrix),
        lambda xp, a: xp.sum(a.matrix, axis=1, keepdims=True),
        lambda xp, a: xp.sum(a.wide, axis=(0, 2)),
    ],
    "matmul": [
        lambda xp, a: xp.matmul(a.matrix, a.spd),
        lambda xp, a: xp.matmul(a.matrix, a.x),
        lambda xp, a: xp.matmul(a.x, a.spd),
        lambda xp, a: xp.matmul(a.x, a.y),
        lambda xp, a: xp.matmul(a.wide, a.spd),
        lambda xp, a: xp.matmul(a.wide, a.x),
    ],
    "tensordot": [
        lambda xp, a: xp.tensordot(a.matrix, a.spd, axes=1),
        lambda xp, a: xp.tensordot(a.spd, a.spd),
        lambda xp, a: xp.tensordot(a.matrix, a.matrix, axes=((1,), (1,))),
    ],
    "vecdot": [lambda xp, a: xp.vecdot(a.x, a.y), lambda xp, a: xp.vecdot(a.matrix, a.matrix, axis=-2)],
    "linalg.cholesky": [lambda xp, a: xp.linalg.cholesky(a.spd)],
    "linalg.det": [lambda xp, a: xp.linalg.det(a.spd)],
    "linalg.diagonal": [lambda xp, a: xp.linalg.diagonal(a.spd), lambda xp, a: xp.linalg.diagonal(a.wide)],
    "linalg.eigvalsh": [lambda xp, a: xp.linalg.eigvalsh(a.spd)],
    "linalg.inv": [lambda xp, a: xp.linalg.inv(a.spd)],
    "linalg.outer": [lambda xp, a: xp.linalg.outer(a.x, a.y)],
    "linalg.slogdet": [lambda xp, a: xp.linalg.slogdet(a.spd)[0], lambda xp, a: xp.linalg.slogdet(-a.spd)[1]],
    "linalg.solve": [
        lambda xp, a: xp.linalg.solve(a.spd, a.x),
        lambda xp, a: xp.linalg.solve(a.spd, xp.matrix_transpose(a.matrix)),
    ],
    "linalg.trace": [lambda xp, a: xp.linalg.trace(a.spd)],
}
"""Name -> calls over a namespace and `Inputs`."""

FLAT = {*CREATION, "sign"} - {"tril", "triu"}
"""Names whose result does not depend on x, or only in steps."""

OBJECTIVES = [
    (name, method)
    for name in backends.registry()
    for method in backends.load(name).methods
    if method.operator == "objective"
]
COMPILED = ("jit", "graph", "xla", "inductor")
NAME_BY_NAME = [
    pytest.param(backend, method, id=f"{backend}-{method.execution}")
    for backend, method in OBJECTIVES
    if method.execution not in COMPILED
]
IN_PROGRAMS = [
    pytest.param(
        backend,
        method,
        id=f"{backend}-{method.execution}",
        marks=[pytest.mark.slow, pytest.mark.inductor] if method.execution == "inductor" else [],
    )
    for backend, method in OBJECTIVES
    if method.execution in COMPILED
]
BATCHES = 6
"""So many programs hold all names: compilers take as long for one name as for ten."""


def call_of(function):
    """A call as an objective: it need not be a scalar to be traced, compiled and run."""
    return lambda xp, x, *data: function(xp, inputs(xp, x, *data))


def squares(name):
    """The sum of the squares of all that a name's calls return: f(xp, x, *data)."""

    def objective(xp, x, *data):
        a, total = inputs(xp, x, *data), 0 * x[0]
        for call in CALLS[name]:
            total = total + xp.sum(xp.square(call(xp, a)))
        return total

    return objective


def test_the_table_names_the_whole_vocabulary():
    assert CALLS.keys() == set(CORE)


@pytest.mark.parametrize("backend", backends.registry())
def test_namespace_has_every_name(engine, backend):
    xp = engine(backend).namespace()
    assert not [name for name in CORE if not callable(resolve_or_none(xp, name))]


def resolve_or_none(xp, name):
    try:
        return resolve(xp, name)
    except AttributeError:
        return None


@pytest.mark.parametrize("name", CORE)
@pytest.mark.parametrize(("backend", "method"), NAME_BY_NAME)
def test_value_is_numpys(request, engine, backend, method, name):
    framework = engine(backend)
    if reason := framework.unsupported(method, ProblemFacts(6, frozenset({name}))):
        request.applymarker(pytest.mark.xfail(strict=True, reason=reason))
    for call in map(call_of, CALLS[name]):
        value = call(np, POINT, *DATA)
        with framework.scope():
            arguments = tuple(map(framework.asarray, (POINT, *DATA)))
            function, _ = framework.build(method, functools.partial(call, framework.namespace()), arguments)
            result = framework.to_numpy(function(*arguments))
        assert result.shape == value.shape
        np.testing.assert_allclose(result, value, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("batch", range(BATCHES))
@pytest.mark.parametrize(("backend", "method"), IN_PROGRAMS)
def test_value_is_numpys_in_one_program_of_many_names(engine, backend, method, batch):
    """What is refused is tried by tests/backends/contract/test_refusals.py."""
    framework = engine(backend)
    known = [n for n in CORE[batch::BATCHES] if not framework.unsupported(method, ProblemFacts(6, frozenset({n})))]
    calls = [(name, call_of(call)) for name in known for call in CALLS[name]]

    def flat(xp, x, *data):
        values = (xp.astype(xp.asarray(call(xp, x, *data)), xp.float64) for _, call in calls)
        return xp.concat([xp.reshape(value, (-1,)) for value in values])

    with framework.scope():
        arguments = tuple(map(framework.asarray, (POINT, *DATA)))
        function, _ = framework.build(method, functools.partial(flat, framework.namespace()), arguments)
        result = framework.to_numpy(function(*arguments))
    ends = np.cumsum([np.size(call(np, POINT, *DATA)) for _, call in calls])
    assert result.shape == (ends[-1],)
    near = np.isclose(result, flat(np, POINT, *DATA), rtol=1e-13, atol=1e-14, equal_nan=True)
    assert [name for (name, _), part in zip(calls, np.split(near, ends[:-1]), strict=True) if not part.all()] == []


def expressible(framework, method, names):
    """Those that a backend does not refuse; tests/backends/contract/test_refusals.py tries the others."""
    return [n for n in names if not framework.unsupported(method, ProblemFacts(POINT.size, operations_of(n)))]


@functools.cache
def operations_of(name):
    return operations(squares(name), POINT, DATA)


def sum_of(names, weights):
    """The squares of several names as one objective."""
    return lambda xp, x, *data: sum(weight * squares(n)(xp, x, *data) for n, weight in zip(names, weights, strict=True))


@pytest.mark.parametrize("backend", backends.registry())
def test_float32_in_float32_out(engine, backend):
    """A sum of all: one term in float64 makes it float64."""
    framework = engine(backend, "float32")
    method = next(m for m in framework.methods if m.operator == "objective" and m.default)

    def dtype_of(names):
        with framework.scope():
            prepared = framework.prepare(method, sum_of(names, [1] * len(names)), DATA, POINT)
            return framework.to_numpy(prepared.call(framework.asarray(POINT))).dtype

    names = expressible(framework, method, CORE)
    if not names:
        pytest.skip(framework.unsupported(method, ProblemFacts(POINT.size)))
    if dtype_of(names) != np.float32:
        pytest.fail(f"not float32: {[name for name in names if dtype_of([name]) != np.float32] or 'the sum'}")


SMOOTH = [name for name in CORE if name not in FLAT]


@functools.cache
def known_hessian(name):
    return reference("hessian", squares(name), POINT, DATA).value


@pytest.mark.parametrize("batch", range(BATCHES))
@pytest.mark.parametrize("backend", [name for name in backends.registry() if name != "numpy"])
def test_hessian_is_that_of_differences(engine, backend, batch):
    """Of some names together, each as large as the others; where that is wrong, of one after the other."""
    framework = engine(backend)
    method = next(m for m in framework.methods if m.operator == "hessian" and m.default)
    names = expressible(framework, method, SMOOTH[batch::BATCHES])

    def off(names):
        weights = [1 / max(np.linalg.norm(known_hessian(name)), 1.0) for name in names]
        with framework.scope():
            prepared = framework.prepare(method, sum_of(names, weights), DATA, POINT + 0.01)
            hessian = framework.to_numpy(prepared.call(framework.asarray(POINT)))
        right = sum(weight * known_hessian(name) for name, weight in zip(names, weights, strict=True))
        return not np.linalg.norm(hessian - right) <= 1e-6

    if off(names):
        pytest.fail(f"wrong: {[name for name in names if off([name])] or 'the sum'}")


@pytest.mark.parametrize("backend", backends.registry())
def test_logaddexp_is_smooth_where_its_arguments_are_equal(engine, backend):
    """As softplus at 0: a formula with max and abs has the right value there and the wrong curvature."""
    framework = engine(backend)
    method = next(m for m in framework.methods if m.operator == "hessian" and m.default)
    with framework.scope():
        call = framework.prepare(method, lambda xp, x: xp.sum(xp.logaddexp(0 * x, x)), (), np.array([0.5, 2.0])).call
        hessian = framework.to_numpy(call(framework.asarray(np.array([0.0, 1.0]))))
    np.testing.assert_allclose(hessian, np.diag([0.25, 0.19661193324148185]), atol=1e-8)


POINTS = POINT + 0.05 * np.random.default_rng(3).uniform(-1, 1, (4, POINT.size))


def entries(value):
    return value if isinstance(value, tuple) else (value,)


@pytest.mark.parametrize("dtype", [np.float64, np.longdouble])
@pytest.mark.parametrize(("name", "call"), [(name, call) for name in CORE for call in CALLS[name]])
def test_a_batch_of_points_gives_what_each_point_gives(name, call, dtype):
    points, data = POINTS.astype(dtype), (DATA[0].astype(dtype), DATA[1])
    one = batched.namespace if dtype == np.longdouble else np
    together = call(batched.namespace, inputs(batched.namespace, batched.Batch(points), *data))
    alone = [call(one, inputs(one, point, *data)) for point in points]
    if not isinstance(together, batched.Batch):  # the same at all points
        together = batched.Batch(np.broadcast_to(together, (len(points), *np.shape(together))))
    assert together.shape == np.shape(alone[0])
    np.testing.assert_allclose(together.values, np.stack(alone), rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize(
    "objective",
    [
        pytest.param(lambda xp, x: xp.sum(x) if x[0] > 0 else xp.sum(-x), id="if"),
        pytest.param(lambda xp, x: xp.sum(x) * float(x[0]), id="float"),
        pytest.param(lambda xp, x: np.linalg.norm(x), id="past-the-namespace"),
        pytest.param(lambda xp, x: xp.sum(xp.arange(6)[x[0]]), id="index"),
    ],
)
def test_what_cannot_be_batched_is_a_type_error(objective):
    with pytest.raises((TypeError, IndexError)):
        objective(batched.namespace, batched.Batch(POINTS))


def test_a_batch_looks_like_one_array():
    x = batched.Batch(POINTS)
    assert (x.shape, x.ndim, x.size, len(x), x.dtype) == ((6,), 1, 6, 6, np.float64)
    a, b, *_ = x
    np.testing.assert_array_equal((a + 2 * b).values, POINTS[:, 0] + 2 * POINTS[:, 1])
    matrix = batched.namespace.reshape(x, (2, 3))
    np.testing.assert_array_equal(matrix.T.values, np.swapaxes(matrix.values, 1, 2))
    np.testing.assert_array_equal((matrix @ np.eye(3)).values, matrix.values)
    np.testing.assert_array_equal((np.ones(2) @ matrix).values, matrix.values.sum(axis=1))
    np.testing.assert_array_equal(
        batched.namespace.asarray([a, 1.0, b]).values, np.stack([a.values, np.ones(4), b.values], 1)
    )
    np.testing.assert_array_equal(matrix[1, None, ::2].values, matrix.values[:, 1, None, ::2])

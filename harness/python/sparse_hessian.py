"""The sparse Hessian of a person's own function: `hb.sparse_hessian`."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from hessbench.backends.contract.compression import Positions
from hessbench.backends.contract.interface import Backend, FloatArray, NotScalar, Prepared
from hessbench.backends.contract.method import Method
from hessbench.harness.judging.references import References
from hessbench.harness.judging.text import usual
from hessbench.harness.planning.grid import Cell
from hessbench.harness.planning.user_files import OWN
from hessbench.harness.python.computing import DEFAULT, asked, checked, engine_of, method_of, refused
from hessbench.harness.python.problem import data_arrays, start_vector
from hessbench.harness.python.reading import closed_over
from hessbench.harness.python.reading.at_point import problem_at
from hessbench.harness.python.reading.how import How
from hessbench.harness.python.reading.own_function import unfolded
from hessbench.harness.python.session.evaluating import evaluating
from hessbench.harness.python.sparsity import positions
from hessbench.harness.usage import UsageError
from hessbench.harness.worker.case import Case
from hessbench.suites.definition.problem import Problem, draw

OPERATOR = "sparse-hessian"

DENSE, SMALL = 0.3, 32
"""Density beyond which there is nothing to gain, and the number of variables up to which nobody minds."""

KEPT = 16
_PREPARED: dict[Any, Prepared] = {}


def sparse_hessian(
    f: Callable[..., Any],
    x: Any,
    *data: Any,
    backend: str | None = None,
    method: str | None = None,
    pattern: Any = None,
    dtype: str = "float64",
    device: str = "cpu",
    framework: str | None = None,
) -> Any:
    """The Hessian of f at x as a sparse matrix; nothing of size n^2 is made.

    The pattern is found from f (or by the method's own tool), colored, and one Hessian-vector product computed for each
    color. What is prepared is kept for further calls with the same f, data and shape of x.

    Examples:
        >>> import hessbench as hb
        >>> def f(xp, x):
        ...     return xp.sum(x**4) + xp.sum(x[:-1] * x[1:])
        >>> h = hb.sparse_hessian(f, np.ones(1000), backend="numpy", method="sparse-hyper-dual-eager")
        >>> h.shape, h.nnz, float(h[0, 0]), float(h[0, 1])
        ((1000, 1000), 2998, 12.0, 1.0)

    Args:
        f: As in `hessian`.
        x: As in `hessian`; rows and columns of the result count its numbers one after the other.
        *data: As in `hessian`.
        backend: As in `hessian`.
        method: A name from `hessbench list methods --operator sparse-hessian`; None takes the backend's first default.
        pattern: Where the Hessian may differ from zero, if you know: rows and columns, a SciPy sparse matrix, or what
            `sparsity` returns. It is checked at the first call: a pattern that misses an entry raises.
        dtype: As in `hessian`.
        device: As in `hessian`.
        framework: As in `hessian`; the pattern of a framework's own function must be given.

    Returns:
        A `scipy.sparse.csr_array` (n, n) with both triangles. It warns where the pattern is so dense that `hessian`, or
        `hvp` for large n, serves better.

    Raises:
        UsageError: As in `hessian`; also where the pattern cannot be found, is wrong, or does not fit into memory.
        BackendUnavailable: The device is not there.
        NotScalar: f did not return a scalar array.
    """  # noqa: DOC501 - `refused` makes what is raised
    mine, how = asked(f, data, How(backend, method, dtype, device, framework))
    mine, (x,) = unfolded(mine, x)
    vector, layout = start_vector(x)
    arrays = data_arrays(data)
    engine = engine_of(how.backend or DEFAULT, how.dtype, how.device)
    chosen = method_of(engine, OPERATOR, method)
    given = None if pattern is None else positions(pattern, vector.size)
    key = (engine, chosen.name, closed_over.key(mine), layout, vector.size, _digest(*arrays), _digest(*(given or ())))
    with evaluating(mine), engine.scope():
        try:
            prepared = _PREPARED.get(key) if key[2] is not None else None
            if prepared is None:
                problem = problem_at(mine, vector, layout, arrays)
                prepared = _prepared(engine, chosen, problem, vector, arrays, given, how)
                _keep(key, prepared)
            values = engine.to_numpy(prepared.call(engine.asarray(vector)))
        except Exception as error:  # a framework can raise anything
            if isinstance(error, (UsageError, NotScalar)):
                raise
            raise refused(error, mine, engine.name) from error
    return _matrix(prepared, values)


def _prepared(
    engine: Backend,
    method: Method,
    problem: Problem,
    x: FloatArray,
    arrays: tuple[FloatArray, ...],
    given: Positions | None,
    how: How,
) -> Prepared:
    """The method made ready; a person's own pattern is judged before it is trusted."""
    objective = checked(engine, method, problem, x, arrays)
    if given is None:
        prepared = engine.prepare(method, objective, arrays, x)
    else:
        text = usual(problem)
        cell = Cell(OWN, problem.name, x.size, OPERATOR, engine.name, method.name, how.dtype, how.device, text=text)
        case = Case(engine, cell, draw(problem, x.size, batch=1), References(), own=True, pattern=given)
        prepared = case.prepare()
        outcome = case.outcome(lambda: case.check(prepared.call))
        if outcome.status == "wrong":
            raise UsageError(f"wrong: {outcome.reason}; leave pattern out to have it found")
    _warn_if_dense(prepared, problem.name)
    return prepared


def _warn_if_dense(prepared: Prepared, name: str) -> None:
    at = prepared.compression
    if at is not None and at.density > DENSE and at.n > SMALL:
        warnings.warn(
            f"the Hessian of {name} is {at.density:.0%} dense ({at.colors or 'some'} products for {at.n} variables): "
            "hb.hessian takes no more of them, and hb.hvp needs no matrix",
            stacklevel=5,
        )


def _matrix(prepared: Prepared, values: FloatArray) -> Any:
    from scipy.sparse import csr_array

    at = prepared.compression
    assert at is not None
    return csr_array((values, (at.rows, at.cols)), shape=(at.n, at.n))


def _digest(*arrays: Any) -> str:
    """What tells arrays apart: indices among the data may decide on the pattern."""
    found = hashlib.blake2b(digest_size=16)
    for array in map(np.ascontiguousarray, arrays):
        found.update(f"{array.shape}{array.dtype}".encode())
        found.update(array.data)
    return found.hexdigest()


def _keep(key: Any, prepared: Prepared) -> None:
    if key[2] is None:
        return
    while len(_PREPARED) >= KEPT:
        _PREPARED.pop(next(iter(_PREPARED)))
    _PREPARED[key] = prepared

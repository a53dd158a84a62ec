"""`hb.check`: every method on a person's own function at their own point, judged, in their own process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from hessbench import backends as registry
from hessbench.backends.contract.compression import Positions
from hessbench.backends.contract.interface import DTYPES, BackendBroken, BackendUnavailable
from hessbench.backends.contract.method import Method
from hessbench.backends.contract.operators import OPERATORS
from hessbench.harness import usage
from hessbench.harness.judging.references import References
from hessbench.harness.judging.text import usual
from hessbench.harness.planning import words
from hessbench.harness.planning.grid import ALL, DEFAULT, Cell, Selection
from hessbench.harness.planning.methods import choose
from hessbench.harness.planning.plan import backends_of
from hessbench.harness.planning.user_files import OWN
from hessbench.harness.protocol import Outcome
from hessbench.harness.python.reading.arrays import data_arrays, start_vector
from hessbench.harness.python.reading.at_point import problem_at
from hessbench.harness.python.reading.how import dtype_name
from hessbench.harness.python.reading.modules import of_buffers
from hessbench.harness.python.reading.own_function import native_to, unfolded, whose
from hessbench.harness.python.session.evaluating import evaluating
from hessbench.harness.python.session.opened import opened
from hessbench.harness.python.sparsity import positions
from hessbench.harness.usage import UsageError
from hessbench.harness.worker.case import Case
from hessbench.suites.definition.problem import Instance, draw

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Row:
    """What one method made of the function."""

    backend: str
    method: str
    operator: str
    status: str
    rel_error: float | None = None
    reason: str = ""
    judge: str = ""
    fault: str = ""
    max_error: float | None = None
    tolerance: float | None = None


def check(
    f: Callable[..., Any],
    x: Any,
    *data: Any,
    backends: Iterable[str] | str | None = None,
    methods: Iterable[str] | str | None = None,
    operator: str = "hessian",
    dtype: str = "float64",
    framework: str | None = None,
    pattern: Any = None,
) -> pd.DataFrame:
    """Compute the Hessian of f at x in every way, and have each judged as `hessbench run` does.

    The judge is the closed form of a `Problem` that has one, else finite differences in extended precision, else random
    products where n is large. A second point near x is judged too, since some faults (a value kept from an earlier
    call) show only there.

    Examples:
        >>> import hessbench as hb
        >>> def f(xp, x):
        ...     return xp.sum(xp.exp(x) * x)
        >>> hb.check(f, [0.5, 1.5], backends="numpy", methods="hyper-dual-*")[["method", "status"]]
                     method status
        0  hyper-dual-eager     ok

    Args:
        f: The objective, as in `hessian`; of a `Problem`, closed forms and native texts count.
        x: The point, as in `hessian`.
        *data: As in `hessian`.
        backends: Names, or "all"; None takes the usual ones, of a framework's own function that framework.
        methods: "default", "modes", "all", names or globs; None is "default".
        operator: What to compute of one point: "hessian", "sparse-hessian", "gradient", "hvp" (along a random vector),
            "spectrum" and so on (`hessbench list methods`).
        dtype: "float64" or "float32".
        framework: As in `hessian`; only its methods are tried then, and the judge takes differences of its values.
        pattern: With operator "sparse-hessian", as in `sparse_hessian`.

    Returns:
        One row per method: backend, method, operator, status ("ok", "wrong", "unverifiable", "unsupported", "error"),
        rel_error, reason, judge, fault, max_error, tolerance.

    Raises:
        UsageError: A name does not exist, x does not consist of floats, or f cannot be called with the data.
    """
    import pandas as pd

    found = rows(
        f,
        x,
        *data,
        backends=backends,
        methods=methods,
        operator=operator,
        dtype=dtype,
        framework=framework,
        pattern=pattern,
    )
    return pd.DataFrame([asdict(row) for row in found], columns=list(Row.__dataclass_fields__))


def rows(
    f: Callable[..., Any],
    x: Any,
    *data: Any,
    backends: Iterable[str] | str | None = None,
    methods: Iterable[str] | str | None = None,
    operator: str = "hessian",
    dtype: str = "float64",
    framework: str | None = None,
    pattern: Any = None,
) -> list[Row]:
    """What `check` shows, without pandas."""
    dtype = dtype_name(dtype)
    usage.check("operator", (operator,), OPERATORS)
    usage.check("dtype", (dtype,), DTYPES)
    if OPERATORS[operator].batched:
        one = ", ".join(name for name, known in OPERATORS.items() if not known.batched)
        raise UsageError(f"operator {operator} takes several points or vectors; check one of {one}")
    if pattern is not None and not OPERATORS[operator].sparse:
        raise UsageError(f'pattern belongs to operator="sparse-hessian", and this is {operator}; leave it out')
    named = words.several(backends) or []
    mine = whose(f, framework, len(data), [name for name in named if name != ALL])
    selection = Selection(
        backends=tuple(named) or native_to(mine),
        methods=tuple(words.several(methods) or [DEFAULT]),
        operators=(operator,),
    )
    names = backends_of(selection)
    usage.check("backend", names, registry.registry())
    wanted = [pair for pair in dict.fromkeys(choose(selection, names)) if pair[1].operator == operator]
    mine, (x,) = unfolded(mine, x)
    vector, layout = start_vector(x)
    problem = problem_at(mine, vector, layout, data_arrays(data, not native_to(mine)))
    with evaluating(mine):
        if not OPERATORS[operator].sparse:
            return list(_rows(draw(problem, vector.size), wanted, dtype))
        given = None if pattern is None else positions(pattern, vector.size)
        return list(_rows(draw(problem, vector.size, batch=1), wanted, dtype, given))


def _rows(
    instance: Instance, wanted: Iterable[tuple[str, Method]], dtype: str, pattern: Positions | None = None
) -> Iterator[Row]:
    """One row per method, judged by references that all of them share."""
    references = References()
    text = usual(instance.problem)
    for backend, method in wanted:
        cell = Cell(
            OWN, instance.problem.name, instance.n, method.operator, backend, method.name, dtype, "cpu", text=text
        )
        yield _row(cell, evaluated(cell, instance, references, pattern))


def evaluated(cell: Cell, instance: Instance, references: References, pattern: Positions | None = None) -> Outcome:
    """What becomes of one cell in this process.

    Args:
        cell: The cell.
        instance: Its problem, drawn.
        references: The right values.
        pattern: Of a sparse Hessian, from a person who knows it.

    Returns:
        The outcome; "unsupported" or "error" where the backend cannot be had.
    """
    try:
        backend = opened(cell.backend, cell.dtype, cell.device, cell.precision)
    except BackendUnavailable as error:
        return Outcome("unsupported", str(error))
    except BackendBroken as error:
        return Outcome("error", str(error), "exception")
    with backend.scope():
        backend.clear_caches()
        case = Case(backend, cell, instance, references, own=True, pattern=pattern)
        found = case.outcome(case.check)
        return replace(found, reason=of_buffers(found.reason, instance.problem, cell.backend))


def _row(cell: Cell, outcome: Outcome) -> Row:
    said = {"status": outcome.status, "reason": outcome.reason, "fault": outcome.fault, **outcome.facts}
    shared: dict[str, Any] = {name: said[name] for name in Row.__dataclass_fields__ if name in said}
    return Row(cell.backend, cell.method, cell.operator, **shared)

"""`hb.check`: every method on a person's own function at their own point, judged, in their own process."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from hessbench import backends
from hessbench.backends import registry
from hessbench.backends.contract.interface import Backend, BackendUnavailable, FloatArray, Unsupported, first_line
from hessbench.backends.contract.method import Method
from hessbench.backends.contract.operators import OPERATORS, YARDSTICKS
from hessbench.backends.contract.refusal import ProblemFacts
from hessbench.backends.numeric.reference import Reference, reference
from hessbench.harness.judging import accuracy
from hessbench.harness.judging.condition import condition
from hessbench.harness.judging.diagnosis import diagnose
from hessbench.harness.judging.explain import explain, name_of
from hessbench.harness.judging.first_look import Probe, probe, refusal
from hessbench.harness.judging.references import WORKING_PRECISION
from hessbench.harness.judging.second_opinion import second_opinion
from hessbench.harness.planning.methods import choose
from hessbench.harness.planning.plan import backends_of
from hessbench.harness.planning.selection import DEFAULT, Selection
from hessbench.harness.python.problem import check_signature, start_vector
from hessbench.harness.usage import UsageError, unknown
from hessbench.suites.definition.blocks import Nested, to_numpy
from hessbench.suites.definition.problem import Problem, draw

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
) -> pd.DataFrame:
    """Compute the Hessian of f at x in every way, and compare each with finite differences in extended precision.

    Examples:
        >>> import hessbench as hb
        >>> def f(xp, x):
        ...     return xp.sum(xp.exp(x) * x)
        >>> hb.check(f, [0.5, 1.5], backends="numpy", methods="hyper-dual-*")[["method", "status"]]
                     method status
        0  hyper-dual-eager     ok

    Args:
        f: The objective, as in `hessian`; a `Problem` with a true Hessian is judged by that.
        x: The point, as in `hessian`.
        *data: As in `hessian`.
        backends: Names, or "all"; None takes the usual ones.
        methods: "default", "modes", "all", names or globs; None is "default".
        operator: What to compute: "hessian", "diagonal", "gradient", or "hvp" (along a random vector).
        dtype: "float64" or "float32".

    Returns:
        One row per method: backend, method, operator, status ("ok", "wrong", "unverifiable", "unsupported", "error"),
        rel_error, reason, judge, fault, max_error, tolerance.

    Raises:
        UsageError: A name does not exist, x is not a vector of floats, or f cannot be called with the data.
    """
    import pandas as pd

    found = rows(f, x, *data, backends=backends, methods=methods, operator=operator, dtype=dtype)
    return pd.DataFrame([asdict(row) for row in found], columns=list(Row.__dataclass_fields__))


def rows(
    f: Callable[..., Any],
    x: Any,
    *data: Any,
    backends: Iterable[str] | str | None = None,
    methods: Iterable[str] | str | None = None,
    operator: str = "hessian",
    dtype: str = "float64",
) -> list[Row]:
    """What `check` shows, without pandas."""
    if operator not in OPERATORS:
        raise unknown("operator", operator, OPERATORS)
    if OPERATORS[operator].batched:
        raise UsageError(f"operator {operator} takes several points or vectors; check one of hessian, hvp, diagonal")
    selection = Selection(backends=_names(backends), methods=_names(methods) or (DEFAULT,), operators=(operator,))
    names = backends_of(selection)
    for name in names:
        if name not in registry():
            raise unknown("backend", name, registry())
    chosen = [pair for pair in choose(selection, names) if pair[1].operator == operator or operator in YARDSTICKS]
    case = _Case(f, x, data, operator, dtype)
    return [case.row(name, method) for name, method in dict.fromkeys(chosen) if method.operator == operator]


def _names(given: Iterable[str] | str | None) -> tuple[str, ...]:
    if given is None:
        return ()
    return tuple(given.split(",")) if isinstance(given, str) else tuple(given)


class _Case:
    """One function at one point with its judge."""

    def __init__(self, f: Callable[..., Any], x: Any, data: tuple[Any, ...], operator: str, dtype: str) -> None:
        vector, layout = start_vector(x)
        arrays = tuple(map(to_numpy, data))
        check_signature(f, len(arrays))
        self.f, self.operator, self.dtype = f, operator, dtype
        self.objective = Nested(f, layout) if layout else f
        truth = f.hessian if isinstance(f, Problem) else None
        gradient = f.gradient if isinstance(f, Problem) else None
        problem = Problem(
            name_of(f),
            self.objective,
            (vector.size,),
            lambda n, rng: vector,
            "the user's own",
            data=lambda n, rng: arrays,
            gradient=gradient,
            hessian=truth,
        )
        self.instance = draw(problem, vector.size)
        self.inputs = self.instance.inputs(OPERATORS[operator].takes, 0)
        self.seen: Probe = probe(self.objective, vector, arrays)
        self.engines: dict[str, Backend | str] = {}
        self.judge: Reference | str = self._judge()
        self.condition = 1.0 if isinstance(self.judge, str) else condition(self.instance, 0)

    def _judge(self) -> Reference | str:
        """The right result, or why there is none."""
        from hessbench.suites.definition.problem import closed_form

        instance, x = self.instance, self.inputs[0]
        try:
            with np.errstate(all="ignore"):
                exact = closed_form(instance, self.operator, x)
                if exact is not None:
                    return Reference(exact, np.zeros_like(exact), "closed_form")
                return reference(self.operator, self.objective, x, instance.data, *self.inputs[1:])
        except Exception as error:  # a user's function can raise anything
            said = explain(error, self.f, "numpy") or f"{name_of(self.f)} in numpy: {first_line(error)}"
            return f"no judge: {said}"

    def row(self, name: str, method: Method) -> Row:
        """The verdict on one method."""
        blank = Row(name, method.name, self.operator, "error")
        engine = self._engine(name)
        if isinstance(engine, str):
            return replace(blank, status="unsupported", reason=engine)
        if reason := engine.unsupported(method, ProblemFacts(self.inputs[0].shape[-1], self.seen.operations)):
            return replace(blank, status="unsupported", reason=reason)
        if told := refusal(self.seen, name_of(self.f), name):
            return replace(blank, fault="value-nan" if self.seen.is_nan else "exception", reason=told)
        try:
            result = self._computed(engine, method)
        except Unsupported as limit:
            return replace(blank, status="unsupported", reason=str(limit))
        except Exception as error:  # a framework can raise anything
            reason = explain(error, self.f, name) or f"{name_of(self.f)} in {name}: {first_line(error)}"
            return replace(blank, fault="exception", reason=reason)
        return self._judged(blank, method, result)

    def _engine(self, name: str) -> Backend | str:
        """The backend, or why it cannot be had."""
        if name not in self.engines:
            absent = backends.missing(name)
            try:
                self.engines[name] = absent or backends.load(name)(self.dtype, "cpu")
            except (BackendUnavailable, ImportError) as error:
                self.engines[name] = first_line(error)
        return self.engines[name]

    def _computed(self, engine: Backend, method: Method) -> FloatArray:
        """Prepared at another point, as in a run, so that nothing of x can be baked in."""
        takes, instance = OPERATORS[self.operator].takes, self.instance
        with engine.scope():
            engine.clear_caches()
            like = [np.array(array) for array in instance.inputs(takes, -1)]
            data = [np.array(array) for array in instance.data]
            call = engine.prepare(method, self.objective, data, *like).call
            return engine.to_numpy(call(*(engine.asarray(np.array(array)) for array in self.inputs)))

    def _judged(self, blank: Row, method: Method, result: FloatArray) -> Row:
        judge = self.judge
        if isinstance(judge, str):
            return replace(blank, status="unverifiable", reason=judge)
        if blank.backend == "numpy" and judge.judge == WORKING_PRECISION:
            return replace(blank, status="unverifiable", reason="no judge but the method itself", judge=judge.judge)
        with np.errstate(all="ignore"):
            verdict = accuracy.judge(
                result, judge, self.dtype, method.accuracy, OPERATORS[self.operator], self.condition
            )
            verdict = second_opinion(
                verdict, self.operator, self.objective, self.instance.data, self.inputs, result, judge
            )
        reason, fault = verdict.reason, verdict.fault
        if fault in ("silently-wrong", "asymmetric") and method.accuracy == 1:
            looks = diagnose(result, judge.value, {})
            reason += f"; looks like: {looks}" if looks else ""
            reason += f"; {name_of(self.f)} makes plain numbers of x: use xp's functions" if self.seen.drops else ""
        return replace(
            blank,
            status=verdict.status,
            rel_error=verdict.rel_error,
            reason=reason,
            judge=judge.judge,
            fault=fault,
            max_error=verdict.max_error,
            tolerance=verdict.tolerance,
        )

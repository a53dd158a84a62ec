"""The record: one row per planned cell and round, flat, frozen, versioned; every column with unit and meaning.

The dataclass below is the only place where columns are defined: the CSV's header, the table of columns in the manual
and the report's definitions are all derived from it. So are the axes of the grid, the columns that tell cells apart:
keys of tables, names in exports and the plan's cell follow from `axis=` below, so that none of them can forget one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any, Literal

SCHEMA_VERSION = 1

Status = Literal[
    "ok",
    "wrong",
    "unverifiable",
    "unsupported",
    "error",
    "timeout",
    "out_of_memory",
    "crashed",
    "interrupted",
]
"""How a cell ended: a closed set, so that every planned cell has exactly one."""

STATUSES: Mapping[Status, str] = MappingProxyType(
    {
        "ok": "agrees with the judge within the tolerance; only these are ranked",
        "wrong": "disagrees with the judge; its time is kept and never ranked",
        "unverifiable": "no judge could tell, or too much for rounding and too little to call it wrong; never ranked",
        "unsupported": "known beforehand not to work here, or not installed",
        "error": "the framework raised an exception",
        "timeout": "a phase took longer than its limit; the worker was killed",
        "out_of_memory": "memory ran out, or the worker passed its limit and was killed",
        "crashed": "the worker died in this cell",
        "interrupted": "the run was stopped before this cell was done",
    }
)

Fault = Literal[
    "silently-wrong",
    "asymmetric",
    "derivative-nan",
    "value-nan",
    "pattern",
    "biased",
    "shape",
    "dtype",
    "not-synchronized",
    "exception",
]
"""In which way a result is not right."""

MaybeFault = Fault | Literal[""]
"""A kind of fault, or the empty string where there is none."""

FAULTS: Mapping[Fault, str] = MappingProxyType(
    {
        "silently-wrong": "finite, of the right form, and not the right numbers",
        "asymmetric": "not symmetric, though second derivatives are",
        "derivative-nan": "NaN or infinite, though f is finite in the same framework",
        "value-nan": "NaN or infinite, and so is f in the same framework",
        "pattern": "of a sparse result: the pattern misses an entry that is not zero, or cannot be one",
        "biased": "an estimate that is further off than chance allows once in a million times",
        "shape": "not the shape that the operator has",
        "dtype": "not the floating-point type that was asked for",
        "not-synchronized": "right, but the clock stopped before the result was there",
        "exception": "the framework raised",
    }
)
MACHINE = ("cpu", "cores", "usable_cores")
"""What of a manifest's machine makes it the same one; names of hosts change with every container."""

MEASURED: tuple[Status, ...] = ("ok", "wrong", "unverifiable")
"""Who has one of these has a result; it was timed, too, unless nobody wants its time."""

YARDSTICKS = ("objective", "gradient")
"""Operators that are there for ratios, `ratio_to_<yardstick>`, and for themselves only where they are asked for."""


def _column(meaning: str, unit: str = "", default: Any = None, *, axis: int = 0) -> Any:
    """A column of the record.

    Args:
        meaning: One phrase, for people.
        unit: "s", "B", "1", or empty for text.
        default: Value where nothing is said. An axis that was added later has one, so that older runs can be read.
        axis: Place among the keys of tables if the column is an axis of the grid; 0 if it is none. A new axis gets the
            next number.

    Returns:
        The dataclass's field; its dtype in tables follows from the annotation, see `dtype`.
    """
    return field(default=default, metadata={"meaning": meaning, "unit": unit, "axis": axis})


EMPTY, SEVERAL, UNCOLORED = ".", "#", "+"
"""Squares of the column `picture` without an entry, with several colors, and with colors that nobody knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The outcome of one cell in one launch."""

    suite: str = _column("suite of the problem", axis=1)
    problem: str = _column("problem, unique within its suite", axis=2)
    n: int = _column("number of variables", "1", axis=3)
    operator: str = _column(
        "what was computed: objective, gradient, hessian, hvp, multi-hvp, diagonal, batched-hessian, laplacian, "
        "newton-step, spectrum, top-eigenvalues, inertia, stationary-point, sparse-hessian, trace, ggn-vp, "
        "ggn-diagonal, block-diagonal or biharmonic",
        axis=4,
    )
    backend: str = _column("numpy, jax, torch, tensorflow, autograd, casadi, or a third party's", axis=5)
    method: str = _column("named way of computing it, unique within the backend", axis=6)
    batch: int = _column(
        "vectors (multi-hvp), points (batched-hessian, laplacian, biharmonic) or eigenvalues (top-eigenvalues) in one "
        "call, else 1",
        "1",
        1,
        axis=8,
    )
    text: str = _column(
        "text of the objective: portable (over xp) or native (a framework's own functions)", default="portable", axis=7
    )
    mode: str = _column("outer-over-inner composition of the derivatives")
    execution: str = _column("eager, graph, jit, xla, inductor or symbolic")
    assembly: str = _column("how the result is put together: vmap, loop, chunked, stock, sparse")
    chunk: str = _column("rows at a time of a chunked method: a number or all", default="")
    estimator: str = _column("estimator of a trace or diagonal; rel_error is that of its estimate", default="")
    products: int | None = _column("Hessian-vector products of an estimator", "1")
    dtype: str = _column("floating-point type of data and result", axis=10)
    device: str = _column("where it was computed", axis=11)
    precision: str = _column(
        "of products of float32 arrays on a GPU: highest (all bits) or tf32 (factors of ten bits)",
        default="highest",
        axis=9,
    )
    host: str = _column(
        "machine that was asked for, where each of several runs everything (--hosts each), else empty",
        default="",
        axis=12,
    )
    round: int = _column("round of launches, counted from 1", "1")
    status: Status = _column("one of " + ", ".join(STATUSES))
    reason: str = _column("why, when the status is not ok", default="")
    fault: MaybeFault = _column("kind of fault: " + ", ".join(FAULTS) + "; empty where there is none", default="")
    judge: str = _column(
        "who decided: closed_form, objective, richardson-<bits> (finite differences; of a native text with backend, of "
        "a gradient in closed form with gradient), probes (random products) or entries (a sample)",
        default="",
    )
    rel_error: float | None = _column("Frobenius norm of the error over that of the judge's value, worst point", "1")
    max_error: float | None = _column("largest entry of the error over the judge's largest entry, worst point", "1")
    asymmetry: float | None = _column("Frobenius norm of H - H' over that of H (matrices only), worst point", "1")
    tolerance: float | None = _column("largest rel_error and max_error that is ok", "1")
    by_point: str = _column(
        "JSON: status, fault, rel_error and reason at the start and at each special point, where a problem has those",
        default="",
    )
    condition: float | None = _column(
        "how much errors of x and data are amplified in the Hessian, worst point, as far as it was needed",
        "1",
    )
    judge_bound: float | None = _column("the judge's own relative error bound", "1")
    iterations: int | None = _column("iterations of a method that iterates, at the start point", "1")
    value: str = _column("the result at the start point as JSON, up to 16 entries", default="")
    sketch: str = _column("eight random projections of the result at the start point as JSON", default="")
    prepare_s: float | None = _column("build, trace, lower, compile, at another point", "s")
    trace_s: float | None = _column("part of prepare_s: tracing, where it can be told apart", "s")
    lower_s: float | None = _column("part of prepare_s: lowering, where it can be told apart", "s")
    compile_s: float | None = _column("part of prepare_s: compiling, where it can be told apart", "s")
    detect_s: float | None = _column("finding the sparsity pattern (sparse-hessian), where it can be told apart", "s")
    color_s: float | None = _column("coloring the pattern, once what colors is loaded, likewise", "s")
    color_first_s: float | None = _column(
        "the first coloring of the process, which loads and compiles what colors; part of prepare_s", "s"
    )
    recover_s: float | None = _column(
        "part of a call: reading the values from the products, where operations are eager", "s"
    )
    colors: int | None = _column("products in one call of a sparse-hessian", "1")
    nnz: int | None = _column("entries of the pattern, both triangles", "1")
    nnz_missing: int | None = _column("entries that the pattern misses though they are not zero, as far as seen", "1")
    nnz_extra: int | None = _column("entries of the pattern that are always zero, where that is known", "1")
    picture: str = _column(
        "the pattern in small: lines of letters, one per color (harness.worker.patterns)", default=""
    )
    first_call_s: float | None = _column("first call at the start point", "s")
    min_s: float | None = _column("fastest sample, per call", "s")
    median_s: float | None = _column("median sample, per call", "s")
    q1_s: float | None = _column("first quartile of the samples, per call", "s")
    q3_s: float | None = _column("third quartile of the samples, per call", "s")
    fresh_s: float | None = _column(
        "least call at a point never seen before; where it is far above the others, the samples are such calls; "
        "empty where a call is longer than the time to sample (0.1 s, or 0.3 s with --rounds)",
        "s",
    )
    burst_s: float | None = _column(
        "per call, when the calls of a sample are begun in a row and only the last is waited for: inverse throughput; "
        "empty as fresh_s",
        "s",
    )
    event_s: float | None = _column("least seconds of a call by the GPU's own clock (torch: CUDA events)", "s")
    samples: int | None = _column("number of samples", "1")
    clean_samples: int | None = _column(
        "of these, those in which nobody took a core from the worker, as far as the system tells; where they suffice, "
        "median and quartiles are theirs alone",
        "1",
    )
    waited: float | None = _column(
        "time that the worker's threads waited for a core in the samples behind the figure, over their length; "
        "they wait for each other too; empty where the system does not tell",
        "1",
    )
    sleeps: float | None = _column(
        "how often threads of the worker went to sleep in a call, on the average over the samples behind the figure: "
        "each one has to be woken, which takes 1 to 20 µs; empty where the system does not tell",
        "1",
    )
    pace_s: float | None = _column(
        "least time of a fixed piece of work beside these samples: where it is longer than in others, the core was "
        "slower, for a reason outside this system",
        "s",
    )
    prepare_waited: float | None = _column("the same of prepare_s", "1")
    first_call_waited: float | None = _column("the same of first_call_s", "1")
    visit: int = _column(
        "visit in this round: a disturbed cell is measured again, up to three times, and in a run of one round what "
        "hangs on how fast threads are woken",
        "1",
        1,
    )
    loops: int | None = _column("calls per sample, as calibrated; fewer where a neighbor spoiled such long ones", "1")
    stop: str = _column(
        "why no further launch followed: settled (narrow interval over launches), decided (slower than the fastest "
        "for certain), or maximum; else empty",
        default="",
    )
    ratio_to_gradient: float | None = _column(
        "min_s over the gradient's, same problem, backend, execution and round", "1"
    )
    ratio_to_objective: float | None = _column(
        "min_s over the objective's, same problem, backend, execution and round", "1"
    )
    peak_host_bytes: int | None = _column("peak resident memory of the worker in this cell, framework included", "B")
    extra_host_bytes: int | None = _column(
        "peak resident memory of a call beyond that after preparing, in a process of its own (--memory)", "B"
    )
    peak_device_bytes: int | None = _column(
        "peak of the framework's GPU allocator in this cell; JAX cannot reset it, so only where it grew", "B"
    )
    disturbed: str = _column(
        "why the time is not the method's own (waiting for a core, fewer than three samples, a contradiction, other "
        "processes on the GPU); it is shown and never competes; empty where nothing is known against it",
        default="",
    )
    held_back: str = _column("what held the GPU back at the end of the cell (power cap, slowdowns)", default="")
    import_s: float | None = _column("import of the framework in this launch", "s")
    spent_s: float | None = _column("time in prepare and measured calls, warm-up and calibration included", "s")
    check_s: float | None = _column("time in the judge and the comparison", "s")
    version: str = _column("version of the framework", default="")
    launch: str = _column("launch (worker process) that did it", default="")
    measured_on: str = _column("host that did it, of a run on several machines (--scheduler), else empty", default="")
    fingerprint: str = _column(
        "of that host: a hash of processor, cores, memory, GPUs, linear algebra, driver and versions", default=""
    )
    log_tail: str = _column("last lines of the worker's output, where it failed", default="")
    cell: str = _column("key of the cell: a hash of its fields, the same in every run", default="")
    schema_version: int = _column("version of this table", "1", SCHEMA_VERSION)

    def as_dict(self) -> dict[str, Any]:
        """Plain data, in the order of the columns."""
        # `dataclasses.asdict` copies every value deeply, which took a third of a report's time.
        return {name: getattr(self, name) for name in _NAMES}


_NAMES = tuple(column.name for column in fields(Record))

RAW_FIELD, WITNESS_FIELD = "sample_seconds", "sample_witness"
"""Beside the record, a journal line keeps the raw samples (seconds per call) and what was seen beside them."""
WITNESS = ("loops", "waited_s", "cpu_s", "switches", "sleeps", "steal_s", "throttled_s", "others", "pace_s", "pace")
"""What is seen beside a sample: its calls, and the fields of `harness.machine.witness.Observation`."""


def columns() -> tuple[Field[Any], ...]:
    """The columns in order; `metadata` holds unit and meaning."""
    return fields(Record)


_DTYPES = {"int": "int64", "int | None": "Int64", "float | None": "float64"}


def dtype(column: Field[Any]) -> str:
    """The type of a column in tables, from its annotation: a missing integer stays an integer's column."""
    return _DTYPES.get(str(column.type), "object")


_AXES = [column for column in columns() if column.metadata["axis"]]

AXES = tuple(c.name for c in sorted(_AXES, key=lambda c: c.default is not None))
"""The axes of the grid in the order of a cell's fields: those that must be given first, then those with a default."""

DEFAULTS: Mapping[str, Any] = MappingProxyType({c.name: c.default for c in _AXES if c.default is not None})
"""Axis -> the value that goes without saying."""

# The next two are lists because pandas takes a tuple for one name.
CELL = [c.name for c in sorted(_AXES, key=lambda c: c.metadata["axis"])]
"""Key of a cell in tables: all axes, in the order that tables show."""

WAYS = ("backend", "method", "text")
"""The axes that tell competitors apart."""

CONTEST = [name for name in CELL if name not in WAYS]
"""What two results must share to be compared: all axes that are not the competitors' own."""


SHARED = [name for name in CELL if name not in ("operator", "method", "batch")]
"""What a cell and its yardstick have in common, beside the execution: a gradient is another method, of one point."""

ACCURATE: Mapping[str, float] = MappingProxyType({"float64": 1e-6, "float32": 1e-3})
"""Largest relative error of finite differences that compete. A verdict of `ok` forgives them what their formula is
known for, 2e-3 of a forward difference, say; whoever asks for the fastest Hessian means one that is right."""


def competes(record: Record) -> bool:
    """Whether a record's time takes part in its contest, unless it is disturbed: right, accurate and timed."""
    inexact = "difference" in record.mode or record.estimator
    rough = inexact and not (record.rel_error or 0.0) <= ACCURATE[record.dtype]
    return record.status == "ok" and record.min_s is not None and not rough


def beyond_defaults(cell: Any) -> dict[str, Any]:
    """The axes of a cell or record whose value does not go without saying."""
    return {name: getattr(cell, name) for name, usual in DEFAULTS.items() if getattr(cell, name) != usual}


def from_dict(data: Mapping[str, Any]) -> Record:
    """A record from journal data; unknown names (of a newer schema) are left out.

    Args:
        data: A record's fields by name; what is missing has its default, so that older runs can be read.

    Returns:
        The record.

    Raises:
        ValueError: The data was written by a newer schema.
    """
    if data.get("schema_version", 0) > SCHEMA_VERSION:
        raise ValueError(f"record of schema {data['schema_version']}, this hessbench reads up to {SCHEMA_VERSION}")
    return Record(**{name: data[name] for name in _NAMES if name in data})


def better(before: Record, again: Record) -> Record:
    """Which of two visits of a cell in one round counts, with the number of the later one.

    Args:
        before: The earlier record.
        again: The later one.

    Returns:
        The later one, unless both were right and the earlier one was disturbed less, or is the faster one of two that
        were disturbed alike.
    """
    if before.status == again.status == "ok" and before.min_s is not None and again.min_s is not None:
        # Of two that were held up, or that nobody is known to have held up, the faster one was held up less.
        less = (bool(before.disturbed), before.min_s) < (bool(again.disturbed), again.min_s)
        return replace(before, visit=again.visit) if less else again
    return again

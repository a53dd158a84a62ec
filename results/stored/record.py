"""The record: one row per planned cell and round, flat, frozen, versioned; every column with unit and meaning.

The dataclass below is the only place where columns are defined: the CSV's header, the README's table
and the report's definitions are all derived from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from types import MappingProxyType
from typing import Any

SCHEMA_VERSION = 1

STATUSES: Mapping[str, str] = MappingProxyType(
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
FAULTS: Mapping[str, str] = MappingProxyType(
    {
        "silently-wrong": "finite, of the right form, and not the right numbers",
        "asymmetric": "not symmetric, though second derivatives are",
        "derivative-nan": "NaN or infinite, though f is finite in the same framework",
        "value-nan": "NaN or infinite, and so is f in the same framework",
        "shape": "not the shape that the operator has",
        "dtype": "not the floating-point type that was asked for",
        "not-synchronized": "right, but the clock stopped before the result was there",
        "exception": "the framework raised",
    }
)
MEASURED = ("ok", "wrong", "unverifiable")


def _column(meaning: str, unit: str = "", default: Any = None) -> Any:
    return field(default=default, metadata={"meaning": meaning, "unit": unit})


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The outcome of one cell in one launch."""

    suite: str = _column("suite of the problem")
    problem: str = _column("problem, unique within its suite")
    n: int = _column("number of variables", "1")
    operator: str = _column(
        "what was computed: objective, gradient, hessian, hvp, multi-hvp, diagonal, batched-hessian or laplacian"
    )
    backend: str = _column("numpy, jax, torch, tensorflow, autograd, casadi, or a third party's")
    method: str = _column("named way of computing it, unique within the backend")
    batch: int = _column("vectors (multi-hvp) or points (batched-hessian, laplacian) in one call, else 1", "1", 1)
    text: str = _column(
        "text of the objective: portable (over xp) or native (a framework's own functions)", default="portable"
    )
    mode: str = _column("outer-over-inner composition of the derivatives")
    execution: str = _column("eager, graph, jit, xla, inductor or symbolic")
    assembly: str = _column("how the result is put together: vmap, loop, chunked, stock, sparse")
    chunk: str = _column("rows at a time of a chunked method: a number or all", default="")
    dtype: str = _column("floating-point type of data and result")
    device: str = _column("where it was computed")
    precision: str = _column(
        "of products of float32 arrays on a GPU: highest (all bits) or tf32 (factors of ten bits)", default="highest"
    )
    round: int = _column("round of launches, counted from 1", "1")
    status: str = _column("one of " + ", ".join(STATUSES))
    reason: str = _column("why, when the status is not ok", default="")
    fault: str = _column("kind of fault: " + ", ".join(FAULTS) + "; empty where there is none", default="")
    judge: str = _column(
        "who decided: closed_form, objective, richardson-<bits> (finite differences; of a native text with backend, of "
        "a gradient in closed form with gradient) or probes (random products)",
        default="",
    )
    rel_error: float | None = _column("Frobenius norm of the error over that of the judge's value, worst point", "1")
    max_error: float | None = _column("largest entry of the error over the judge's largest entry, worst point", "1")
    asymmetry: float | None = _column("Frobenius norm of H - H' over that of H (matrices only), worst point", "1")
    tolerance: float | None = _column("largest rel_error and max_error that is ok", "1")
    condition: float | None = _column("how much errors of x and data are amplified in the Hessian, worst point", "1")
    judge_bound: float | None = _column("the judge's own relative error bound", "1")
    value: str = _column("the result at the start point as JSON, up to 16 entries", default="")
    sketch: str = _column("eight random projections of the result at the start point as JSON", default="")
    prepare_s: float | None = _column("build, trace, lower, compile, at another point", "s")
    trace_s: float | None = _column("part of prepare_s: tracing, where it can be told apart", "s")
    lower_s: float | None = _column("part of prepare_s: lowering, where it can be told apart", "s")
    compile_s: float | None = _column("part of prepare_s: compiling, where it can be told apart", "s")
    first_call_s: float | None = _column("first call at the start point", "s")
    min_s: float | None = _column("fastest sample, per call", "s")
    median_s: float | None = _column("median sample, per call", "s")
    q1_s: float | None = _column("first quartile of the samples, per call", "s")
    q3_s: float | None = _column("third quartile of the samples, per call", "s")
    fresh_s: float | None = _column(
        "least call at a point never seen before; where it is far above the others, the samples are such calls", "s"
    )
    burst_s: float | None = _column(
        "per call, when the calls of a sample are begun in a row and only the last is waited for: inverse throughput",
        "s",
    )
    event_s: float | None = _column("least seconds of a call by the GPU's own clock (torch: CUDA events)", "s")
    samples: int | None = _column("number of samples", "1")
    loops: int | None = _column("calls per sample", "1")
    stop: str = _column(
        "why no further launch followed: settled (narrow interval over launches) or maximum; else empty", default=""
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
        "what held the GPU back at the end of the cell (power cap, slowdowns, other processes), where NVML tells",
        default="",
    )
    import_s: float | None = _column("import of the framework in this launch", "s")
    spent_s: float | None = _column("time in prepare and measured calls, warm-up and calibration included", "s")
    check_s: float | None = _column("time in the judge and the comparison", "s")
    version: str = _column("version of the framework", default="")
    launch: str = _column("launch (worker process) that did it", default="")
    log_tail: str = _column("last lines of the worker's output, where it failed", default="")
    cell: str = _column("key of the cell: a hash of its fields, the same in every run", default="")
    schema_version: int = _column("version of this table", "1", SCHEMA_VERSION)

    def as_dict(self) -> dict[str, Any]:
        """Plain data, in the order of the columns."""
        return {name: getattr(self, name) for name in _NAMES}


_NAMES = tuple(column.name for column in fields(Record))
"""`dataclasses.asdict` copies every value deeply, which took a third of a report's time."""

RAW_FIELD = "sample_seconds"
"""Beside the record, a journal line keeps the raw samples (seconds per call) under this name."""


def columns() -> tuple[Field[Any], ...]:
    """The columns in order; `metadata` holds unit and meaning."""
    return fields(Record)


def from_dict(data: Mapping[str, Any]) -> Record:
    """A record from journal data; unknown names (of a newer schema) are left out.

    Raises:
        ValueError: The data was written by a newer schema.
    """
    if data.get("schema_version", 0) > SCHEMA_VERSION:
        raise ValueError(f"record of schema {data['schema_version']}, this hessbench reads up to {SCHEMA_VERSION}")
    return Record(**{name: data[name] for name in _NAMES if name in data})


def markdown() -> str:
    """The columns as a Markdown table, for the README."""
    lines = ["| column | unit | meaning |", "|---|---|---|"]
    lines += [f"| `{c.name}` | {c.metadata['unit']} | {c.metadata['meaning']} |" for c in columns()]
    return "\n".join(lines)

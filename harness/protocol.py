"""What parent and worker say to each other: every message, in one place.

The parent writes one `Task` to the worker's standard input, as one line of JSON, and holds that pipe open; the worker
answers with messages on a pipe of its own, one line of JSON each, because frameworks print to standard output. Phases
arm the parent's deadlines. A normal conversation is

    parent: Task
    worker: Phase(import), Ready; for each cell CellStart, Phase(prepare), ..., Phase(measure), CellEnd; End

or, where the framework or the device is not there, Phase(import), Unavailable. A message that nobody knows, or a field
that it does not have, raises: a worker of another version must not be half understood.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from types import MappingProxyType
from typing import Any, Literal, TypeVar

from hessbench.harness.planning.cell import Cell
from hessbench.harness.planning.cell import from_dict as cell_from_dict
from hessbench.harness.planning.settings import Policy

T = TypeVar("T")
STARTED = ".started"
"""Suffix of the mark that a reference was begun; left behind, it says that the worker died of it."""

PhaseName = Literal["import", "prepare", "first_call", "check", "measure"]
Purpose = Literal["measure", "memory"]


class NotUnderstood(ValueError):
    """A line is no message of this protocol; the error says which part."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A cell that a worker is sent to.

    Attributes:
        cell: The cell.
        loops: Calls per sample of an earlier round, or None.
    """

    cell: Cell
    loops: int | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker is told: the switches of its process, and the cells to visit.

    Attributes:
        backend: Name of the backend.
        dtype: Floating-point type.
        device: Device, in hessbench's words.
        precision: Precision of products.
        policy: How long to look at one cell.
        seed: Seed of data and points.
        references: Folder of the references that workers of this run share.
        visits: The cells, in the order in which they are visited.
        sources: The user's own suites: name -> file.
        slowdown: Factor by which samples are stretched, a planted change.
        purpose: "measure", or "memory" for the memory pass.
    """

    backend: str
    dtype: str
    device: str
    precision: str
    policy: Policy
    seed: int
    references: str
    visits: tuple[Visit, ...]
    sources: Mapping[str, str] = field(default_factory=dict)
    slowdown: float = 1.0
    purpose: Purpose = "measure"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a cell. The names are columns of the record, beside the raw samples; None is what is not known."""

    status: str
    reason: str = ""
    fault: str = ""
    judge: str = ""
    rel_error: float | None = None
    max_error: float | None = None
    asymmetry: float | None = None
    tolerance: float | None = None
    condition: float | None = None
    judge_bound: float | None = None
    value: str = ""
    sketch: str = ""
    prepare_s: float | None = None
    trace_s: float | None = None
    lower_s: float | None = None
    compile_s: float | None = None
    first_call_s: float | None = None
    min_s: float | None = None
    median_s: float | None = None
    q1_s: float | None = None
    q3_s: float | None = None
    fresh_s: float | None = None
    burst_s: float | None = None
    event_s: float | None = None
    samples: int | None = None
    loops: int | None = None
    peak_host_bytes: int | None = None
    extra_host_bytes: int | None = None
    peak_device_bytes: int | None = None
    spent_s: float | None = None
    check_s: float | None = None
    disturbed: str = ""
    log_tail: str = ""
    sample_seconds: tuple[float, ...] = ()

    def columns(self) -> dict[str, Any]:
        """What belongs into the record: all but the raw samples."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name != "sample_seconds"}


@dataclass(frozen=True, slots=True)
class Phase:
    """Another deadline applies from here on."""

    phase: PhaseName
    key: str = ""


@dataclass(frozen=True, slots=True)
class Ready:
    """The framework is loaded.

    Attributes:
        import_s: Seconds of loading it.
        versions: Versions by package.
        devices: Devices that it sees.
        switches: What it says of its own switches.
        threads: Usable cores, and its own thread counts.
        unsupported: Methods that are refused even for the smallest problem, with the reason.
    """

    import_s: float
    versions: Mapping[str, str] = field(default_factory=dict)
    devices: Sequence[str] = ()
    switches: Mapping[str, str] = field(default_factory=dict)
    threads: Mapping[str, int] = field(default_factory=dict)
    unsupported: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unavailable:
    """The framework or the device cannot be used; nothing will be computed."""

    status: str
    reason: str


@dataclass(frozen=True, slots=True)
class CellStart:
    """A cell is begun."""

    key: str


@dataclass(frozen=True, slots=True)
class CellEnd:
    """A cell is done."""

    key: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class End:
    """All cells are done, or what is left needs a fresh worker."""


Message = Phase | Ready | Unavailable | CellStart | CellEnd | End

MESSAGES: Mapping[str, type[Any]] = MappingProxyType(
    {
        "phase": Phase,
        "ready": Ready,
        "unavailable": Unavailable,
        "cell_start": CellStart,
        "cell_end": CellEnd,
        "end": End,
    }
)
_KINDS = {message: kind for kind, message in MESSAGES.items()}


def encode(message: Message) -> bytes:
    """A worker's message as one line."""
    return json.dumps({"event": _KINDS[type(message)], **asdict(message)}).encode() + b"\n"


def decode(line: bytes) -> Message:
    """A worker's message from its line.

    Args:
        line: One line of JSON.

    Returns:
        The message.

    Raises:
        NotUnderstood: The line is no message, or has a field too many or too few.
    """
    data = _json(line)
    kind = data.pop("event", None)
    if kind not in MESSAGES:
        raise NotUnderstood(f"no message is called {kind!r}")
    if kind == "cell_end" and isinstance(data.get("outcome"), dict):
        raw = data["outcome"]
        data["outcome"] = _built(Outcome, {**raw, "sample_seconds": tuple(raw.get("sample_seconds", ()))})
    message: Message = _built(MESSAGES[kind], data)
    return message


def encode_task(task: Task) -> bytes:
    """A task as one line."""
    return json.dumps(asdict(task)).encode() + b"\n"


def decode_task(line: bytes) -> Task:
    """A task from its line.

    Args:
        line: One line of JSON.

    Returns:
        The task.

    Raises:
        NotUnderstood: The line is no task, or has a field too many or too few.
    """
    data = _json(line)
    try:
        policy = _built(Policy, data["policy"])
        visits = tuple(Visit(cell_from_dict(visit["cell"]), visit["loops"]) for visit in data["visits"])
    except (KeyError, TypeError) as error:
        raise NotUnderstood(f"a task lacks {error}") from None
    return _built(Task, {**data, "policy": policy, "visits": visits})


def _json(line: bytes) -> dict[str, Any]:
    try:
        data = json.loads(line)
    except ValueError as error:
        raise NotUnderstood(f"not JSON: {error}") from None
    if not isinstance(data, dict):
        raise NotUnderstood("not a JSON object")
    return data


def _built(kind: type[T], data: Mapping[str, Any]) -> T:
    try:
        return kind(**data)
    except TypeError as error:  # a field too many or too few
        raise NotUnderstood(str(error)) from None

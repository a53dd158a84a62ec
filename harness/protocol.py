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
from dataclasses import asdict, dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal, TypeVar

from hessbench.harness.planning.grid import Cell
from hessbench.harness.planning.grid import from_dict as cell_from_dict
from hessbench.harness.planning.settings import Policy
from hessbench.results.stored.record import MaybeFault, Status, columns
from hessbench.results.units import printable

T = TypeVar("T")
STARTED = ".started"
"""Suffix of the mark that a reference was begun; left behind, it says that the worker died of it."""

PhaseName = Literal["import", "prepare", "first_call", "check", "measure"]
Purpose = Literal["measure", "memory"]
Fact = Any
"""A value of a column, of the type that the record declares."""
COLUMNS = frozenset(column.name for column in columns())


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
        pace_s: What a fixed piece of work usually took in earlier launches (`harness.machine.pace`); None where
            unknown.
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
    pace_s: float | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a cell.

    Attributes:
        status: How it ended.
        reason: Why, where it is not ok.
        fault: Kind of fault, or the empty string.
        facts: What else is known, by column of the record; what is not there is not known.
        sample_seconds: Raw samples, seconds per call.
        sample_witness: What was seen beside each, in the order of `results.stored.record.WITNESS`.

    Raises:
        NotUnderstood: A fact is no column of the record.
    """

    status: Status
    reason: str = ""
    fault: MaybeFault = ""
    facts: Mapping[str, Fact] = field(default_factory=dict)
    sample_seconds: tuple[float, ...] = ()
    sample_witness: tuple[tuple[float | int | None, ...], ...] = ()

    def __post_init__(self) -> None:
        if strange := self.facts.keys() - COLUMNS:
            raise NotUnderstood(f"the record has no column {', '.join(sorted(strange))}")
        # Reasons come from exceptions, the log from whatever printed: neither may move a reader's cursor.
        object.__setattr__(self, "reason", printable(self.reason))
        if isinstance(log := self.facts.get("log_tail"), str):
            object.__setattr__(self, "facts", {**self.facts, "log_tail": printable(log)})

    def known(self, **facts: Fact) -> Outcome:
        """The outcome with further facts."""
        return replace(self, facts={**self.facts, **facts})


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

    status: Status
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
        samples = {name: _tuples(raw.get(name, ())) for name in ("sample_seconds", "sample_witness")}
        data["outcome"] = _built(Outcome, {**raw, **samples})
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


def _tuples(data: Any) -> Any:
    """Lists of JSON as the tuples that they were."""
    return tuple(_tuples(part) for part in data) if isinstance(data, list | tuple) else data


def _built(kind: type[T], data: Mapping[str, Any]) -> T:
    try:
        return kind(**data)
    except TypeError as error:  # a field too many or too few
        raise NotUnderstood(str(error)) from None

"""The request: everything that a run is asked for, typed and frozen; plain JSON in the manifest.

The command line and `hb.run` build the same: `Request().changed(backends=["jax"], seed=1)`. Commands that differ from
`run` begin with another base, a resumed run with the request that is stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal, cast, get_args

from hessbench.harness.machine import memory
from hessbench.harness.planning.grid import ALL, Selection
from hessbench.harness.planning.settings import DEFAULT, PRECISION, QUICK, Limits, Policy, Settings
from hessbench.harness.planning.user_files import Source, sources
from hessbench.harness.planning.words import Rounds
from hessbench.harness.usage import UsageError
from hessbench.suites.definition.problem import QUICK as QUICK_TIER

MEMORY_SHARE = 0.9
"""Of the machine's memory, what a worker may use unless a limit is given: the parent and the system need some too."""

FACETS = ("modes", "executions", "chunks")
"""Filters over the catalogue: who names one and no method means all methods that have it."""

SELECTED = tuple(entry.name for entry in fields(Selection))

Said = Iterable[str | int] | Rounds | Policy | Path | float | bool | None
"""A value that was given on the command line or in Python; None where nothing was said."""

Sharing = Literal["each", "share", ""]
"""What several machines do with a plan; the empty string where there is this one only."""

Changes = dict[str, Any]
"""Fields for `replace`, which checks their names and not their types."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a run is asked for.

    Attributes:
        selection: What to run.
        rounds: Least number of launches per backend.
        max_rounds: Most launches, for cells whose times do not settle.
        racing: Whether launches beyond the least go only where the order in a contest is open.
        precision: Times have settled when the ends of the median's interval are so close, relatively.
        memory: Whether every cell is weighed afterwards, in a worker of its own.
        seed: Seed of data, points and order.
        timeout_s: Seconds for each phase of a cell.
        memory_limit_bytes: Resident memory of a worker; None for 90 % of the machine's.
        policy: How long to look at one cell.
        workers: Launches at a time; more than one only where nothing is timed.
        sharing: Whether each of several machines runs everything, or they share it; empty for this machine.
        sources: The user's own suites by name.
        out: The run folder to make; None for one below `runs/`. Not stored: a folder that is moved stays the same run.

    Raises:
        UsageError: The seed is negative or no whole number, the timeout is not positive, or what several machines are
            to do with the plan is no word for it.
    """

    selection: Selection = field(default_factory=Selection)
    rounds: int = 1
    max_rounds: int = 6
    racing: bool = True
    precision: float = PRECISION
    memory: bool = False
    seed: int = 0
    timeout_s: float = 60.0
    memory_limit_bytes: int | None = None
    policy: Policy = DEFAULT
    workers: int = 1
    sharing: Sharing = ""
    sources: Mapping[str, Source] = field(default_factory=dict)
    out: Path | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.seed, int):
            raise UsageError(f"--seed {self.seed!r} is not a whole number; write 0 or more")
        if self.seed < 0:
            raise UsageError(f"--seed {self.seed} is negative; write 0 or more")
        if not isinstance(self.timeout_s, int | float) or not self.timeout_s > 0:
            raise UsageError(f"--timeout {self.timeout_s} is no time; write seconds, such as 60")
        if self.sharing not in get_args(Sharing):
            raise UsageError(f"--hosts {self.sharing!r} is neither each nor share; --host names machines")

    def changed(self, **said: Said) -> Request:
        """This request with what was said; order and repetition of names do not count.

        Args:
            **said: Fields of `Selection` and of `Request`. `sizes` takes ranges and tiers too, and replaces both;
                `rounds` is a `Rounds`. None means that nothing was said.

        Returns:
            The new request.
        """
        given = {name: value for name, value in said.items() if value is not None}
        lists = {name: _in_order(cast(Iterable[str | int], given.pop(name))) for name in SELECTED if name in given}
        # Who names sizes does not want those of a base: `--quick -n 1000` takes 1000 and nothing else.
        if "sizes" in lists:
            lists["ranges"] = tuple(size for size in lists["sizes"] if isinstance(size, str))
            lists["sizes"] = tuple(size for size in lists["sizes"] if not isinstance(size, str))
        # The usual methods have few modes and no chunks: a filter over them alone would leave next to nothing.
        if "methods" not in lists and any(name in lists for name in FACETS):
            lists["methods"] = (ALL,)
        if isinstance(rounds := given.get("rounds"), Rounds):
            given |= {"rounds": rounds.least, "max_rounds": rounds.most, "racing": False}
        selection = replace(self.selection, **cast(Changes, lists))
        return replace(self, selection=selection, **cast(Changes, given))

    def differs(self, stored: Request) -> str | None:
        """What is asked for here that is not in a stored request.

        Args:
            stored: The request of the run that is to go on.

        Returns:
            The first difference in words, or None.
        """
        here, there = self.to_json(), stored.to_json()
        names = (name for name in here if here[name] != there[name])
        return next((f"{name} is {there[name]} there, {here[name]} here" for name in names), None)

    def with_sources(self) -> Request:
        """This request with the paths and hashes of the user's files among its suites.

        Returns:
            The new request. A `UsageError` says where a file is not there, or two have the same name.
        """
        return replace(self, sources=sources(self.selection.suites))

    def settings(self) -> Settings:
        """How to measure it, on this machine."""
        limit, machine = self.memory_limit_bytes, memory.machine_limit()
        if limit is None and machine is not None:
            limit = int(MEMORY_SHARE * machine)
        return Settings(
            self.policy,
            self.rounds,
            self.max_rounds,
            self.seed,
            Limits(self.timeout_s, limit),
            self.precision,
            racing=self.racing,
            workers=self.workers,
            sources={name: source["path"] for name, source in self.sources.items()},
        )

    def to_json(self) -> dict[str, object]:
        """The request as the manifest's `configuration`: flat, with lists."""
        own = {name: value for name, value in asdict(self).items() if name not in ("selection", "out")}
        return {**{name: list(value) for name, value in asdict(self.selection).items()}, **own}


def from_json(configuration: Mapping[str, Any]) -> Request:
    """A request from the `configuration` of a manifest.

    An earlier version may lack a field, which then had no effect: the default.

    Returns:
        The request.

    Raises:
        UsageError: There is a field that this version does not know, so it cannot do what was asked for.
    """
    given = dict(configuration)
    known = {*SELECTED, *(entry.name for entry in fields(Request))} - {"selection", "out"}
    if unknown := sorted(given.keys() - known):
        raise UsageError(f"the manifest asks for {', '.join(unknown)}, which this hessbench does not know")
    selection = Selection(**{name: tuple(given.pop(name)) for name in SELECTED if name in given})
    policy = Policy(**given.pop("policy")) if "policy" in given else DEFAULT
    given.setdefault("racing", False)  # earlier versions measured every cell in all rounds
    if "rounds" in given:
        given.setdefault("max_rounds", given["rounds"])
    return Request(selection=selection, policy=policy, **given)


def _in_order(values: Iterable[str | int]) -> tuple[str | int, ...]:
    """Without repetition, numbers before words."""
    return tuple(sorted(set(values), key=lambda value: (isinstance(value, str), value)))


QUICK_LOOK = Request(Selection(ranges=(QUICK_TIER,)), rounds=1, max_rounds=1, policy=QUICK)
"""What `--quick` begins with: one round, short sampling, few sizes."""

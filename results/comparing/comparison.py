"""Two runs side by side: one row per cell with its verdict, and what else has changed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from hessbench.results.comparing import verdict
from hessbench.results.comparing.verdict import UNPAIRED, Verdict
from hessbench.results.stored.record import CELL, MACHINE
from hessbench.results.tables.machines import machines
from hessbench.results.tables.ranking import undisturbed

if TYPE_CHECKING:
    from hessbench.results.stored.run import StoredRun

MOVED = "the fastest samples agree, the medians do not"
CLOSE = 1.1
"""Medians that differ by more, while the least times agree, are pointed at: a minimum hides a change of the tail."""
NO_NEWS = {"unsupported", "interrupted"}
"""What did not run tells nothing of a change."""
_SIDES = ("a", "b")
SHOWN = 12
"""Digits of a hash."""


@dataclass(frozen=True)
class Comparison:
    """Two runs and what differs.

    Attributes:
        a: The baseline.
        b: What is compared with it.
        interleaved: Whether round i of one and round i of the other are a pair of launches in random order.
        screening: How many of the pairs are for screening.
        drift: Log ratio that this machine's stored runs of the same code may lie apart.
        allow_different: Compare times of different machines, too.
    """

    a: StoredRun
    b: StoredRun
    interleaved: bool = False
    screening: int = verdict.SCREENING
    drift: float = verdict.DRIFT
    allow_different: bool = False

    def __repr__(self) -> str:
        from hessbench.results.comparing.views import comparison_text

        return comparison_text(self)

    def _repr_html_(self) -> str:
        from hessbench.results.comparing.views import comparison_html

        return comparison_html(self)

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per cell of either run, worst news first.

        Columns: those of a cell, `verdict`, `ratio` (B over A), `low`, `high` (95 %), `pairs`, `p_value`, `q_value`,
        `a_min_s`, `b_min_s`, `a_median_s`, `b_median_s`, `a_status`, `b_status`, `note`.
        """
        a, b = (run.summary.assign(key=_keys(run)).set_index("key") for run in (self.a, self.b))
        joined = a.merge(b, how="outer", left_index=True, right_index=True, suffixes=("_a", "_b"))
        times = {side: launches(run.frame) for side, run in zip(_SIDES, (self.a, self.b), strict=True)}
        rows = [_facts(key, row) for key, row in joined.iterrows()]
        verdicts = self._verdicts(rows, times)
        found = pd.DataFrame([{**row, **asdict(v)} for row, v in zip(rows, verdicts, strict=True)])
        found["note"] = [self._note(row) for _, row in found.iterrows()]
        rank = {name: place for place, name in enumerate(verdict.VERDICTS)}
        return found.sort_values("verdict", key=lambda names: names.map(rank), kind="stable", ignore_index=True)

    def _verdicts(
        self, rows: list[dict[str, Any]], times: Mapping[str, Mapping[str, dict[int, float]]]
    ) -> list[Verdict]:
        outcomes = [_by_status(row["a_status"], row["b_status"]) for row in rows]
        if self.strangers and not self.allow_different:
            strange = Verdict(verdict.NOT_COMPARABLE, self.strangers)
            outcomes = [outcome or strange for outcome in outcomes]
        # Only what both sides measured is tested: the false discovery rate is held over these cells.
        timed = [row["cell"] for row, outcome in zip(rows, outcomes, strict=True) if outcome is None]
        sides = [(times["a"].get(key, {}), times["b"].get(key, {})) for key in timed]
        if self.interleaved:
            measured = iter(verdict.paired([_log_ratios(a, b, self.screening) for a, b in sides]))
        else:
            measured = iter([verdict.unpaired([*a.values()], [*b.values()], self.drift) for a, b in sides])
        return [next(measured) if outcome is None else outcome for outcome in outcomes]

    def _note(self, row: Any) -> str:
        notes = [row[name] for name in ("reason", "disturbed") if row[name]]
        moved = (row["b_median_s"] or math.nan) / (row["a_median_s"] or math.nan)
        if row["verdict"] == verdict.SAME and not 1 / CLOSE <= moved <= CLOSE and math.isfinite(moved):
            notes.append(MOVED)
        if row["ratio"] and not self.interleaved:
            notes.append(UNPAIRED)
        if row["ratio"] and self.strangers:
            notes.append(self.strangers)
        return "; ".join(notes)

    @cached_property
    def strangers(self) -> str:
        """In which way the machines of the two runs differ, or the empty string."""
        a, b = (_machines(run) for run in (self.a, self.b))
        # A host is compared with itself; machines that share a run are one side all together.
        pairs = [(a[name], b[name]) for name in a if name in b] or [(x, y) for x in a.values() for y in b.values()]
        said = (f"{x.get(name)} and {y.get(name)}" for x, y in pairs for name in MACHINE if x.get(name) != y.get(name))
        differ = dict.fromkeys(said)
        return f"different machines: {'; '.join(differ)}" if differ else ""

    @property
    def changes(self) -> list[tuple[str, Any, Any]]:
        """What differs in the environment, the seed and a person's own problems: name, A's, B's."""
        a, b = (_environment(run.manifest) for run in (self.a, self.b))
        ours, theirs = (_texts(run.manifest) for run in (self.a, self.b))
        both = ours.keys() & theirs.keys()  # what only one of them has run is no change
        a |= {name: ours[name] for name in ours if name in both}
        b |= {name: theirs[name] for name in theirs if name in both}
        return [(name, a.get(name), b.get(name)) for name in {**a, **b} if a.get(name) != b.get(name)]

    @property
    def counts(self) -> dict[str, int]:
        """Cells by verdict, worst news first."""
        found = self.table["verdict"].value_counts().to_dict()
        return {name: int(found[name]) for name in verdict.VERDICTS if name in found}


def _keys(run: StoredRun) -> list[str]:
    """The key of each row of a run's summary."""
    return [str(key) for key in run.frame.drop_duplicates(CELL)["cell"]]


def launches(frame: pd.DataFrame) -> dict[str, dict[int, float]]:
    """The least time of each launch that was ok and not disturbed, by cell key and round."""
    right = frame[undisturbed(frame)]
    found: dict[str, dict[int, float]] = {}
    for key, round_, seconds in zip(right["cell"], right["round"], right["min_s"], strict=True):
        found.setdefault(key, {})[int(round_)] = float(seconds)
    return found


def _log_ratios(a: Mapping[int, float], b: Mapping[int, float], screening: int) -> tuple[list[float], list[float]]:
    """Log ratios of the pairs that both sides have: of screening, of confirmation."""
    logs = {round_: math.log(b[round_] / a[round_]) for round_ in sorted(a.keys() & b.keys())}
    return (
        [value for round_, value in logs.items() if round_ <= screening],
        [value for round_, value in logs.items() if round_ > screening],
    )


def _facts(key: Any, row: Any) -> dict[str, Any]:
    """The cell's fields and both sides' figures of a joined row."""
    fields = {name: _either(row[f"{name}_a"], row[f"{name}_b"]) for name in (*CELL, "label")}
    held_up = [f"disturbed in {side.upper()}: {row[f'disturbed_{side}']}" for side in _SIDES if _text(row, side)]
    sides = {f"{side}_{name}": row[f"{name}_{side}"] for name in ("min_s", "median_s", "status") for side in _SIDES}
    known = {name: None if pd.isna(value) else value for name, value in sides.items()}
    return {"cell": key, **fields, **known, "disturbed": "; ".join(held_up)}


def _text(row: Any, side: str) -> bool:
    text = row[f"disturbed_{side}"]
    return isinstance(text, str) and text != ""


def _either(first: Any, second: Any) -> Any:
    value = second if pd.isna(first) else first
    return int(value) if isinstance(value, float) else value


def _by_status(a: str | None, b: str | None) -> Verdict | None:
    """The verdict where one side or both were not ok; None where times can be compared."""
    if a == b == "ok":
        return None
    if a is None or b is None:
        return Verdict(verdict.NOT_COMPARABLE, f"only in {'B' if a is None else 'A'}")
    if {a, b} & NO_NEWS:
        return Verdict(verdict.NOT_COMPARABLE, f"{a} in A, {b} in B")
    if a == "ok":
        return Verdict(verdict.NEW_FAILURE, f"{b} in B, ok in A")
    if b == "ok":
        return Verdict(verdict.FIXED, f"ok in B, {a} in A")
    return Verdict(verdict.NOT_COMPARABLE, f"{a} in A, {b} in B")


def _environment(manifest: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **manifest["versions"],
        **{name: value for name, value in manifest["machine"].items() if name != "threads"},
        **manifest["machine"].get("threads", {}),
        "seed": manifest.get("configuration", {}).get("seed", 0),
    }


def _texts(manifest: Mapping[str, Any]) -> dict[str, str]:
    """The beginnings of the hashes of a person's own problems: files, what those import, problems of a session."""
    found: dict[str, str] = {}
    for suite, source in manifest.get("configuration", {}).get("sources", {}).items():
        hashes = {"": source.get("sha256", ""), **source.get("modules", {})}
        texts = {f"{suite}: {name}" if name else suite: digest for name, digest in hashes.items()}
        found |= {f"sha256 of {name}": digest[:SHOWN] for name, digest in texts.items() if digest}
    return found


def _machines(run: StoredRun) -> dict[str, Mapping[str, Any]]:
    """The machines of a run by name; that of a run of one has none."""
    return {host["name"]: host["facts"] for host in machines(run.events)} or {"": run.manifest["machine"]}

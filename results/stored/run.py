"""A stored run as data: folder, manifest, records, the tidy frame, the summary.

Exports, charts and pages are made of this; what users hold is `results.run.Run`, which has them as methods.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hessbench.results.stored import store
from hessbench.results.stored.record import RAW_FIELD, Record

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class StoredRun:
    """A run folder.

    Attributes:
        directory: The run folder.
        manifest: Configuration, plan, environment.
    """

    directory: Path
    manifest: Mapping[str, Any]

    @property
    def events(self) -> Iterator[Mapping[str, Any]]:
        """The journal's events in order, read anew: with their raw samples they are most of a large run."""
        return store.read_journal(self.directory)

    @cached_property
    def _read(self) -> tuple[dict[tuple[str, int], Record], str]:
        """The records, and what is wrong with the journal."""
        damage: list[str] = []
        records = store.last_records(store.read_journal(self.directory, damage))
        said = store.in_one_sentence(damage)
        if said:
            warnings.warn(f"{self.directory}: {said}", stacklevel=4)
        return records, said

    @property
    def records(self) -> dict[tuple[str, int], Record]:
        """The records by (cell key, round)."""
        return self._read[0]

    @property
    def damage(self) -> str:
        """What is wrong with the journal, in one sentence; the empty string where nothing is."""
        return self._read[1]

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One tidy row per planned cell and round; the columns are those of `results.stored.record.Record`."""
        from hessbench.results.tables.tidy import tidy

        return tidy(self.manifest, self.records, store.weights(self.events), store.decided(self.events))

    @cached_property
    def summary(self) -> pd.DataFrame:
        """One row per cell over all its rounds; see `results.tables.summary`."""
        from hessbench.results.tables.summary import summary

        return summary(self.frame)

    @property
    def samples(self) -> dict[tuple[str, int], list[float]]:
        """Raw samples in seconds per call, by (cell key, round)."""
        ends = (event for event in self.events if event["event"] == "cell_end" and RAW_FIELD in event)
        found = {}
        for event in ends:
            key = event["record"]["cell"], event["record"]["round"]
            if (
                key in self.records and event["record"]["min_s"] == self.records[key].min_s
            ):  # of several visits this one
                found[key] = event[RAW_FIELD]
        return found

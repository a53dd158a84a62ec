"""The records as tables for other programs: tidy and wide CSV, and Parquet."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pandas as pd

from hessbench.results.stored.record import CONTEST, columns

if TYPE_CHECKING:
    from hessbench.results.stored.run import StoredRun

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMBERS = ("value", "sketch")
"""Texts that hold JSON numbers of our own, which a guard would spoil."""


def tidy_csv(run: StoredRun) -> str:
    """One row per planned cell and round, the columns of the record."""
    return csv_text(run.frame)


def wide_csv(run: StoredRun) -> str:
    """One row per contest; for every method its time in seconds where it is ok, and its outcome."""
    table = run.summary
    name = table["backend"] + "/" + table["method"]
    right, held_up = table["status"].eq("ok"), table["disturbed"].ne("")
    cells = table.assign(
        name=name, min_s=table["min_s"].where(right), status=table["status"].mask(right & held_up, "ok, disturbed")
    )
    index = pd.MultiIndex.from_frame(cells[CONTEST].drop_duplicates())
    wide = cells.pivot_table(index=CONTEST, columns="name", values=["min_s", "status"], aggfunc="first", dropna=False)
    # pivot_table sorts; contests and methods stay in the run's order.
    wide = wide.reindex(index)
    wanted = [(value, one) for one in dict.fromkeys(name) for value in ("min_s", "status")]
    wide = wide.reindex(columns=pd.MultiIndex.from_tuples(wanted)).reset_index()
    wide.columns = pd.Index([f"{pair[1]} {pair[0]}" if pair[1] else pair[0] for pair in wide.columns.to_list()])
    return csv_text(wide)


def csv_text(frame: pd.DataFrame) -> str:
    """The frame as CSV with a header; text that a spreadsheet would run as a formula gets a leading quote."""
    safe = frame.copy()
    for name in safe.select_dtypes(["object", "string"]):
        if name not in _NUMBERS:
            safe[name] = safe[name].map(_harmless)
    safe.columns = pd.Index([_harmless(name) for name in safe.columns])
    return safe.to_csv(index=False)


def _harmless(text: object) -> object:
    return f"'{text}" if isinstance(text, str) and text.startswith(_FORMULA) else text


def parquet(run: StoredRun) -> bytes:
    """The tidy rows with types; every field's metadata has its unit and meaning. Needs pyarrow."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(run.frame, preserve_index=False)
    known = {c.name: {name: c.metadata[name] for name in ("meaning", "unit")} for c in columns()}
    schema = pa.schema([field.with_metadata(known[field.name]) for field in table.schema], table.schema.metadata)
    stream = io.BytesIO()
    pq.write_table(table.cast(schema), stream)
    return stream.getvalue()

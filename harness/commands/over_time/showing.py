"""What `versions` prints, and the files that it writes."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hessbench.harness.commands.terminal import why_not_imported
from hessbench.results.stored.files import write_atomically
from hessbench.results.units import ratio
from hessbench.results.versions import tables, text
from hessbench.results.versions.history import faults, news
from hessbench.results.versions.times import Timed, change_points
from hessbench.results.versions.verified import Verified

MOST = 20
"""News between two versions that the terminal lists; the files have them all."""


def write_files(
    versions: Sequence[Verified],
    times: Sequence[Timed],
    left_out: Mapping[str, str],
    data: Mapping[str, Any],
    directory: Path,
) -> list[Path]:
    """Write versions.csv, .md, .json and .html.

    Args:
        versions: Verifications, oldest first.
        times: Times of the versions.
        left_out: Version -> why it is.
        data: For the JSON.
        directory: Where they go.

    Returns:
        The files; none where they cannot be written, which has been said.
    """
    contents = {
        "versions.csv": tables.csv_text(versions, times),
        "versions.json": json.dumps(data, indent=1) + "\n",
        "versions.md": text.markdown(versions, "#"),
    }
    try:
        from hessbench.results.page.pages.versions import page

        contents["versions.html"] = page(versions, times, left_out)
    except ImportError as error:
        print(f"note: no versions.html, which needs {why_not_imported(error, 'report')}", file=sys.stderr)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            write_atomically(directory / name, content)
    except OSError as error:
        print(f"hessbench: cannot write to {directory}: {error.strerror}", file=sys.stderr)
        return []
    return [directory / name for name in contents]


def show(versions: Sequence[Verified], times: Sequence[Timed]) -> None:
    """Print what has changed between neighbors, and how many faults there are."""
    backend = versions[0].backend
    for a, b, found in text.pairs(news(versions)):
        print(f"{backend} {a} to {b}: {text.in_numbers(found)}")
        rows = text.news_rows(found)
        for problem, what, before, now, methods in rows[:MOST]:
            print(f"  {what}: {problem}: {before}, then {now} ({methods})")
        if len(rows) > MOST:
            print(f"  and {len(rows) - MOST} more, in versions.md")
    for timed in change_points(times):
        print(f"{backend} {timed.version}: {timed.cell}: {timed.confirmed}, {ratio(timed.step)} of the version before")
    found_faults = faults(versions)
    still = sum(not fault.after for fault in found_faults)
    print(f"{backend}, {len(versions)} versions: {len(found_faults)} faults, {still} of them still there")

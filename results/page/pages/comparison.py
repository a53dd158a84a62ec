"""The page of a comparison: every cell of both runs with its verdict, and what has changed around them."""

from __future__ import annotations

from hessbench.results.comparing.comparison import Comparison
from hessbench.results.comparing.views import WORDS, line, sentence
from hessbench.results.page.render import page as rendered


def page(found: Comparison) -> str:
    """The comparison as one HTML file."""
    rows = [{"cells": line(row), "verdict": row["verdict"]} for row in found.table.to_dict("records")]
    return rendered(
        "comparison.html",
        {
            "title": "hessbench: comparison",
            "sentence": sentence(found),
            "rows": rows,
            "changes": found.changes,
            "words": WORDS,
            "a": found.a.manifest,
            "b": found.b.manifest,
            "calibration": (found.b.manifest.get("calibration") or {}).get("sentence"),
        },
    )

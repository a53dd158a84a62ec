"""Versions of frameworks, compared as far as hessbench needs it."""

from __future__ import annotations

import re


def older(installed: str, wanted: str) -> bool:
    """Whether a version "2.13.0+cpu" is older than one "2.3"; False where one of them is unknown."""
    numbers = [
        tuple(int(part) for part in re.findall(r"\d+", version.partition("+")[0])[:3])
        for version in (installed, wanted)
    ]
    return all(numbers) and numbers[0] < numbers[1]

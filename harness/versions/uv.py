"""uv, which finds releases and makes environments; and what its complaints mean, in one line.

It is asked, and never told where an index is: that is the person's own configuration.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from hessbench.harness.usage import UsageError

LIMIT_S = 1800.0
"""For one call of it: a framework of gigabytes on a slow line."""
NOT_THERE = "there is no such version"
UNREACHABLE = "the index of packages cannot be reached"
DISK_FULL = "the disk is full"
MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        r"[Nn]o space left on device|os error 28|Disk quota exceeded": DISK_FULL,
        r"network was disabled|Failed to fetch|Could not connect|error sending request|[Dd]ns error": UNREACHABLE,
        r"there (?:is|are) no versions? of|only .* is available and you require": NOT_THERE,
        r"was not found in the (?:package registry|provided package locations)": "no index has a package of that name",
    }
)
"""What is looked for in a complaint, the first that is found counts."""
_NUMPY = re.compile(r"depends on (numpy[<>=!~][^ ]+)")
_PYTHON = re.compile(r"Python version \(([\d.]+)\) does not satisfy Python([^ ]+)")
_WHEELS = re.compile(r"no wheels with a matching|no usable wheels|has no (?:compatible )?wheels|no binary distribution")
_TAGS = re.compile(r"You require ([^,]+), but we only found wheels for .+? with the following [^:]+: (.+)")


class Refused(Exception):
    """uv cannot do it; the message is one line, without a full stop."""


def executable() -> str:
    """Where uv is: what the extra has installed, else what is on the path.

    Returns:
        The path.

    Raises:
        UsageError: There is none.
    """
    try:
        from uv import find_uv_bin

        return str(find_uv_bin())
    except (ImportError, FileNotFoundError):
        found = shutil.which("uv")
    if found is None:
        raise UsageError("other versions are installed with uv, which is not there: pip install 'hessbench[versions]'")
    return found


def call(*arguments: str, requirements: Sequence[str] = ()) -> str:
    """Have uv do something.

    Args:
        *arguments: Its command line.
        requirements: Lines for its standard input.

    Returns:
        What it printed.

    Raises:
        Refused: It could not, or took too long.
    """
    command = [executable(), *arguments, "--no-python-downloads", "--no-progress", "--color", "never"]
    try:
        done = subprocess.run(
            command,
            input="\n".join(requirements),
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
            env=os.environ | {"UV_NO_CONFIG_WARNINGS": "1"},
        )
    except subprocess.TimeoutExpired:
        raise Refused(f"uv took longer than {LIMIT_S / 60:.0f} minutes") from None
    if done.returncode:
        raise Refused(meaning(done.stderr))
    return done.stdout


def meaning(complaint: str) -> str:
    """What uv complains of, in one line."""
    text = " ".join(complaint.split())
    if match := _PYTHON.search(text):
        return f"it needs Python {match[2].rstrip(',.')}, this is {match[1]}: try --python"
    if (match := _NUMPY.search(text)) and re.search(r"you require numpy[<>=]", text):
        return f"it needs {match[1].rstrip(',.')}, which is older than hessbench can use"
    if match := _TAGS.search(text):
        return f"it has no wheel for {match[1]}, only for {match[2]}: try --python".replace("`", "")
    if _WHEELS.search(text):
        return "it has no wheel for this Python and system: try --python"
    for pattern, said in MEANINGS.items():
        if re.search(pattern, text):
            return said
    causes = [line.strip().removeprefix("cause: ") for line in complaint.splitlines() if line.strip()]
    return next((line for line in causes[1:] or causes), "uv failed and does not say why")[:300]

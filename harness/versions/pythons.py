"""Which Python an environment is made with: the one that runs, one that is named, or another that is installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from hessbench.harness.usage import UsageError

NEWEST_MINOR = 20
"""Python 3.20 is the last that is looked for."""
OLDEST_MINOR = 11
"""hessbench runs on Python 3.11 and later."""
ANSWER_S = 20.0


def current() -> str:
    """The Python that runs, outside of its virtual environment."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    base = Path(sys.base_prefix) / "bin" / name
    return str(base) if base.exists() else sys.executable


def find(wanted: str) -> str:
    """An installed Python.

    Args:
        wanted: A version "3.12" or "3.12.1", or the path of an interpreter.

    Returns:
        The path of an interpreter.

    Raises:
        UsageError: There is none, or it is too old.
    """
    if not re.fullmatch(r"3(\.\d+){1,2}", wanted):
        if version_of(wanted) is None:
            raise UsageError(f"--python {wanted} does not answer; write a version such as 3.12, or an interpreter")
        return wanted
    likely = [path for path in (current(), *_candidates()) if ".".join(wanted.split(".")[:2]) in path]
    for path in likely:
        if f"{version_of(path)}.".startswith(f"{wanted}."):
            return path
    raise UsageError(f"Python {wanted} is not installed; there are {', '.join(installed())}")


@cache
def installed() -> dict[str, str]:
    """Version -> interpreter of every Python that hessbench can use: the one that runs first, then the oldest."""
    found: dict[str, str] = {}
    for path in (current(), *_candidates()):
        if version := version_of(path):
            found.setdefault(version, path)
    first, *others = found
    return {name: found[name] for name in (first, *sorted(others, key=_numbers)) if _is_new_enough(name)}


def _candidates() -> list[str]:
    """On the path, and where pyenv keeps them: its shims answer only for versions that are switched on."""
    names = [f"python3.{minor}" for minor in range(OLDEST_MINOR, NEWEST_MINOR + 1)]
    on_path = [path for name in names if (path := shutil.which(name))]
    home = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    return on_path + [str(path) for path in sorted(home.glob("3.*/bin/python"))]


def version_of(python: str) -> str | None:
    """The version "3.12.1" of an interpreter; None where it does not answer."""
    question = "import platform; print(platform.python_version())"
    try:
        done = subprocess.run(
            [python, "-I", "-c", question], capture_output=True, text=True, timeout=ANSWER_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])


def _is_new_enough(version: str) -> bool:
    return _numbers(version) >= (3, OLDEST_MINOR)

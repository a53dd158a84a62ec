"""Another Python, perhaps of another virtual environment: does it have hessbench, and which versions of what?"""

from __future__ import annotations

import json
import subprocess
from typing import TypedDict

from hessbench.harness.usage import UsageError
from hessbench.results.stored.record import SCHEMA_VERSION

ANSWER_S = 60.0
QUESTION = """
import json, platform
try:
    from hessbench.harness.machine import environment
except ImportError:
    import hessbench  # where there is none at all, this says so
    raise SystemExit("its hessbench is older than the package hessbench.harness") from None
from hessbench.results.stored.record import SCHEMA_VERSION
machine = environment.machine() | {"python": platform.python_version()}
print(json.dumps({"schema_version": SCHEMA_VERSION, "versions": environment.versions(), "machine": machine}))
"""


class Answer(TypedDict):
    """What another interpreter says of itself; the names are those of a manifest."""

    schema_version: int
    versions: dict[str, str]
    machine: dict[str, object]


def ask(python: str) -> Answer:
    """The schema version, the versions of packages and the machine as that interpreter sees them.

    Args:
        python: Path of the interpreter.

    Returns:
        `schema_version`, `versions` by package, and `machine`.

    Raises:
        UsageError: The interpreter cannot be started, has no hessbench, or one that speaks another schema.
    """
    try:
        found = subprocess.run(
            [python, "-P", "-c", QUESTION], capture_output=True, text=True, timeout=ANSWER_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UsageError(f"{python} does not answer: {getattr(error, 'strerror', None) or error}") from None
    if found.returncode:
        last = (found.stderr.strip().splitlines() or [f"exit code {found.returncode}"])[-1]
        raise UsageError(f"{python} has no working hessbench ({last}); install it there: {python} -m pip install .")
    answer: Answer = json.loads(found.stdout)
    if answer["schema_version"] != SCHEMA_VERSION:
        raise UsageError(
            f"hessbench of {python} writes schema version {answer['schema_version']}, this one reads {SCHEMA_VERSION}; "
            "install the same hessbench on both sides"
        )
    return answer

"""hessbench's own commands, carried out by the Python of an environment or with it: as a person types them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from hessbench.harness.planning import grid
from hessbench.harness.planning.grid import Selection
from hessbench.harness.planning.problems import problems_of
from hessbench.harness.planning.request import Request, Said
from hessbench.harness.usage import UsageError
from hessbench.harness.versions.environments import Environment
from hessbench.results.stored.releases import public
from hessbench.results.versions.reading import read_run
from hessbench.results.versions.verified import NotVerified, Verified

SUITES = ("traps", "canaries")
"""What is verified unless something else is asked for: the suites that are there for faults."""
_NUMBERS = (("sizes", "--size"), ("batches", "--batch"))
_SINGLE = (("seed", "--seed"), ("timeout_s", "--timeout"), ("memory_limit_bytes", "--memory-limit"))


GUARDED = (
    "import sys; from hessbench.harness.machine.guardian import guard; guard((1, 2)); "
    "from hessbench.harness.commands.cli import main; sys.exit(main(sys.argv[1:]))"
)
"""`hessbench`, ended when the process that asked is killed: a Dask worker can be, at any time."""


class Failed(Exception):
    """A command could not be carried out; the message is its last line."""


def check_request(asked: Mapping[str, Said]) -> Collection[str]:
    """See, before anything is installed, that versions can be asked.

    Args:
        asked: What the command line says of the request.

    Returns:
        A person's own files among the suites.

    Raises:
        UsageError: They cannot.
    """
    if asked.get("backends"):
        raise UsageError("the framework is the backend; leave out --backend")
    suites = asked.get("suites") or SUITES
    request = Request(Selection()).changed(**{**asked, "suites": suites}).with_sources()
    problems_of(request.selection)
    return request.sources


def words(asked: Mapping[str, Said]) -> list[str]:
    """What was said of a request, as the command line says it."""
    lists = [(name, f"--{flag}") for flag, name, _ in grid.options() if name != "backends"]
    said = [str(name) for name in several(asked.get("suites"))]
    for name, flag in (*lists, *_NUMBERS):
        if values := several(asked.get(name)):
            said.append(f"{flag}={','.join(map(str, values))}")
    return said + [f"{flag}={asked[name]}" for name, flag in _SINGLE if asked.get(name) is not None]


def several(value: Said) -> list[Any]:
    """What was said as a list; empty where nothing was, or a single thing."""
    return list(value) if isinstance(value, Iterable) and not isinstance(value, str) else []


def verified(environment: Environment, asked: Mapping[str, Said], out: Path, expected: Path | None = None) -> Verified:
    """Verify one version.

    Args:
        environment: It is in the cache.
        asked: What was said of the request.
        out: The run folder to make.
        expected: Folder of known faults in which what is found is noted; None where it is not.

    Returns:
        What was found.

    Raises:
        Failed: Nothing could be verified, or another version answered.
    """
    said = words({"suites": SUITES, **{name: value for name, value in asked.items() if value}})
    command = ["verify", *said, f"--backend={environment.backend}", "--json", f"--out={out}"]
    if expected is not None:
        command += ["--update-expected", f"--expected={expected}"]
    done = _carried_out(environment.python, command)
    if done.returncode not in (0, 1):
        raise Failed(_last_line(done))
    try:
        found = read_run(out, environment.backend)
    except NotVerified as error:
        raise Failed(str(error)) from None
    if found.version != public(environment.version):
        raise Failed(f"{found.version} answers in its place: does PYTHONPATH lead to another installation?")
    return found


def compared(a: Environment, b: Environment, asked: Mapping[str, Said], out: Path) -> list[dict[str, Any]]:
    """Measure two versions live, in pairs of launches.

    Args:
        a: The baseline.
        b: What is compared with it.
        asked: What was said of the request: what is timed.
        out: The folder to make.

    Returns:
        A dict per cell of `compare --json`: `verdict`, `ratio`, `low`, `high` and the cell.

    Raises:
        Failed: Nothing could be compared.
    """
    command = ["compare", "--live", *words(asked), f"--backend={a.backend}", "--json", f"--out={out}"]
    done = _carried_out(sys.executable, [*command, f"--a={a.python}", f"--b={b.python}"])
    if done.returncode not in (0, 1, 4):
        raise Failed(_last_line(done))
    cells: list[dict[str, Any]] = json.loads(done.stdout)["cells"]
    return cells


_running: set[subprocess.Popen[str]] = set()


def stop() -> None:
    """End what runs in other threads; each command cleans up after itself."""
    for process in list(_running):
        process.terminate()


def _carried_out(python: str, words: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, or until a person or `stop` ends it, or this process is killed."""
    command = [python, "-P", "-c", GUARDED, *words]
    alive, held = os.pipe()
    pipe = subprocess.PIPE
    try:
        with subprocess.Popen(
            command, stdin=alive, stdout=pipe, stderr=pipe, text=True, start_new_session=True
        ) as process:
            _running.add(process)
            try:
                out, err = process.communicate()
            except BaseException:
                process.terminate()
                process.wait()
                raise
            finally:
                _running.discard(process)
    finally:
        os.close(alive)
        os.close(held)
    return subprocess.CompletedProcess(command, process.returncode, out, err)


def _last_line(done: subprocess.CompletedProcess[str]) -> str:
    lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
    return lines[-1].removeprefix("hessbench: ")

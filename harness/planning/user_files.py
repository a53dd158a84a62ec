"""Suites that are a user's file: what they are called, what is in them, and whether they have changed.

The parent imports no user's file, which may import frameworks, print, hang or crash: a short process of its own reads
it and writes down what planning needs (`outline`). Workers load the file itself.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any, TypedDict

from hessbench import suites
from hessbench.harness.machine.guardian import guard
from hessbench.harness.usage import UsageError, unknown
from hessbench.suites.definition import files
from hessbench.suites.definition.model import Model
from hessbench.suites.definition.problem import FAR, QUICK, Problem, no_portable_text
from hessbench.suites.definition.size import Size

_FILE = re.compile(r"(.+\.py)(?::(.*))?")
PICKLE, OWN = "problems.pkl", "own"
"""The file in a run folder for problems of a Python session, and what their suite is called."""

LIMIT_S, PATIENCE_S = 180.0, 10.0
"""Seconds that an import may take, and those after which a person is told what they wait for."""

UP_TO = 256
"""Sizes for which the first look at a file asks every problem whether it takes them."""

BLOCK = 16
"""So many larger ones are asked about at once, where a problem may make an array of each; of huge ones one."""

QUIET = {"CUDA_VISIBLE_DEVICES": "-1", "JAX_PLATFORMS": "cpu", "TF_CPP_MIN_LOG_LEVEL": "3"}


class Source(TypedDict, total=False):
    """A suite that is a user's file.

    Attributes:
        path: The file, absolute or in the run folder.
        sha256: Hash of its content.
        modules: The same of modules that it imports from its folder or below, by their paths there.
    """

    path: str
    sha256: str
    modules: dict[str, str]


class Entry(TypedDict):
    """What planning needs of one problem of a file; the names are those of `Problem`.

    Attributes:
        takes: The sizes that it takes, as far as it was asked.
        native: The backends for which it has a native text.
        ends: Where the arrays of x end, at its first size.
        model: The same of outputs and loss, "" for a portable text of both; None where it is no model.
    """

    name: str
    sizes: list[int]
    quick_sizes: list[int]
    takes: list[int]
    rule: str
    tags: list[str]
    source: str
    native: list[str]
    portable: bool
    ends: list[int]
    model: list[str] | None


class Outline(TypedDict):
    """What another process finds in a file.

    Attributes:
        problems: An entry for each of its problems.
        modules: What it imports from its folder or below.
    """

    problems: list[Entry]
    modules: list[str]


def split(name: str) -> tuple[Path, str] | None:
    """The file and the problem (or "") of "folder/file.py:problem", or None where it is no file."""
    match = _FILE.fullmatch(name)
    return (Path(match[1]).absolute(), match[2] or "") if match else None


def _suite(path: Path) -> str:
    """What a file's suite is called; in a locale of ASCII, Python has no letters for some bytes of its name."""
    return os.fsencode(path.name).decode(errors="backslashreplace")


def label(name: str) -> str:
    """A suite's name as a part of a folder's name."""
    found = split(name)
    return f"{found[0].stem}{f'.{found[1]}' if found[1] else ''}" if found else name.replace("/", ".")


def sources(names: Iterable[str]) -> dict[str, Source]:
    """What the files among suites' names are, for the manifest.

    Returns:
        By suite the path, and the hashes of its content and of what it imports from its folder.

    Raises:
        UsageError: A file is not there or fails, or two have the same name.
    """
    found: dict[str, Source] = {}
    for name in names:
        if (parts := split(name)) is None:
            continue
        path = parts[0]
        suite = _suite(path)
        if suite in found and found[suite]["path"] != str(path):
            raise UsageError(f"two files are called {suite}; a run can have one of that name")
        found[suite] = {"path": str(path), "sha256": _digest(path)}
    for source in found.values():
        path = Path(source["path"])
        modules = _looked_at(path)["modules"]
        source["modules"] = {module: _digest(path.parent / module) for module in modules}
    return found


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None


def changed(stored: Mapping[str, Source]) -> str | None:
    """Which file of a stored run is not what it was, or None."""
    for name, source in stored.items():
        path = Path(source["path"])
        if not path.is_absolute():  # it lies in the run folder, and stays as it is
            continue
        if _digest(path) != source["sha256"]:
            return f"{name} has changed since"
        for module, digest in source.get("modules", {}).items():
            if _digest(path.parent / module) != digest:
                return f"{module}, which {name} imports, has changed since"
    return None


def problems(name: str) -> list[tuple[str, Problem]] | None:
    """What planning needs of the problems of "file.py" or "file.py:problem".

    Returns:
        Pairs of suite and problem, or None where the name is no file's. A `UsageError` says where the file is not
        there, fails, or has no such problem.
    """
    if (parts := split(name)) is None:
        return None
    path, wanted = parts
    found = {entry["name"]: _proxy(path, entry) for entry in outline(path)}
    suites.attach(_suite(path), found.values())
    return [(_suite(path), found[key]) for key in _chosen(path, wanted, found)]


def _chosen(path: Path, wanted: str, found: Collection[str]) -> Collection[str]:
    if wanted and wanted not in found:
        raise unknown(f"problem of {path.name}", wanted, found)
    return [wanted] if wanted else found


def _proxy(path: Path, entry: Entry) -> Problem:
    """A problem that knows what planning asks, and computes nothing."""

    def takes(n: int) -> bool:
        if n <= UP_TO:
            return n in entry["takes"]
        count = BLOCK if n < FAR else 1
        start = n // count * count
        asked = outline(path, range(start, start + count))
        return n in next(again["takes"] for again in asked if again["name"] == entry["name"])

    def nothing(*arguments: Any) -> Any:
        raise RuntimeError("this problem is in its file")

    objective = nothing if entry["portable"] else no_portable_text
    native = dict.fromkeys(entry["native"], "")
    return Problem(
        entry["name"],
        objective,
        tuple(entry["sizes"]),
        nothing,
        entry["source"],
        allowed=Size(entry["rule"], takes),
        quick_sizes=tuple(entry["quick_sizes"]),
        tags=tuple(entry["tags"]),
        native=native,
        arrays=lambda n: {str(end): (end - start,) for start, end in pairwise((0, *entry["ends"]))},
        model=None if entry["model"] is None else _proxy_model(entry["model"], nothing),
    )


def _proxy_model(texts: list[str], nothing: Callable[..., Any]) -> Model:
    half = nothing if "" in texts else None
    return Model(half, half, {backend: ("", "") for backend in texts if backend})


def outline(path: Path, sizes: range = range(1, UP_TO + 1)) -> list[Entry]:
    """What planning needs of a file's problems, found out in another process.

    Args:
        path: The file.
        sizes: What each of them is asked whether it takes.

    Returns:
        An entry for each. A `UsageError` says where the file fails or has no problems.
    """
    return _looked_at(path, sizes)["problems"]


def _looked_at(path: Path, sizes: range = range(1, UP_TO + 1)) -> Outline:
    return _outline(path, sizes, _digest(path))


@cache
def _outline(path: Path, sizes: range, digest: str) -> Outline:
    with tempfile.TemporaryDirectory(prefix="hessbench-") as folder:
        answer = Path(folder) / "outline.json"
        command = [
            sys.executable,
            "-P",
            "-m",
            "hessbench.harness.planning.user_files",
            str(path),
            str(sizes.start),
            str(sizes.stop),
            str(answer),
        ]
        alive, held = os.pipe()
        note = f"waiting for {path.name} to be imported, {LIMIT_S:g} s at most"
        waiting = threading.Timer(PATIENCE_S, print, [note], {"file": sys.stderr, "flush": True})
        waiting.daemon = True
        waiting.start()
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                timeout=LIMIT_S,
                env={**os.environ, **QUIET},
                stdin=alive,
                start_new_session=True,
            )
        except subprocess.TimeoutExpired:
            raise UsageError(f"{path.name} takes longer than {LIMIT_S:g} s to import") from None
        finally:  # its guardian ends what the file has started
            waiting.cancel()
            os.close(alive)
            os.close(held)
        if not answer.exists():
            last = next((f": {line.strip()}" for line in reversed(done.stderr.splitlines()) if line.strip()), "")
            raise UsageError(f"{path.name} ends the process that imports it (code {done.returncode}){last}")
        said = json.loads(answer.read_text())
    if "error" in said:
        raise UsageError(said["error"])
    found: Outline = said
    return found


def _write_outline(path: Path, sizes: range, answer: Path) -> None:
    guard(closed=(1, 2))
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # a file that reads standard input would wait for the parent's end
    try:
        entries = [_entry(problem, sizes) for problem in files.load(path)]
        said = json.dumps({"problems": entries, "modules": _imported(path)})
    except files.CannotLoad as error:
        said = json.dumps({"error": str(error)})
    answer.write_text(said)
    os._exit(0)  # what the file has imported or started may take its time to end


def _imported(path: Path) -> list[str]:
    """The modules of a person in the folder of their file or below, by their paths there."""
    loaded = [m for m in list(sys.modules.values()) if isinstance(m, ModuleType) and m.__name__ != "__main__"]
    names = [getattr(module, "__file__", None) for module in loaded if files.of_a_person(module)]
    folder, beside = path.parent.resolve(), {Path(name).resolve() for name in names if name} - {path.resolve()}
    return sorted(str(file.relative_to(folder)) for file in beside if file.is_relative_to(folder))


def _entry(problem: Problem, sizes: range) -> Entry:
    return {
        "name": problem.name,
        "sizes": list(problem.sizes),
        "quick_sizes": list(problem.sizes_in(QUICK, "cpu")),
        "takes": [n for n in sizes if problem.takes(n)],
        "rule": problem.rule,
        "tags": list(problem.tags),
        "source": problem.source,
        "native": list(problem.native),
        "portable": problem.portable,
        "ends": list(problem.ends(problem.sizes[0])),
        "model": None if problem.model is None else [*([""] * problem.model.portable), *problem.model.native],
    }


if __name__ == "__main__":
    _write_outline(Path(sys.argv[1]), range(int(sys.argv[2]), int(sys.argv[3])), Path(sys.argv[4]))

"""What of a person's own files travels to hosts, by content: the file, and what it opens beside it.

A process of its own loads the file, draws every problem at every size, evaluates it at the least, and notes which
files below the file's folder or below the working directory are opened or imported meanwhile. On the host they lie as
they lie here, below another root.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from hessbench.backends.numpy.namespace import namespace
from hessbench.harness.planning.user_files import LIMIT_S, QUIET
from hessbench.harness.usage import UsageError
from hessbench.results.stored.files import write_atomically
from hessbench.suites.definition import files
from hessbench.suites.definition.problem import draw

MOST = 256 << 20
"""Bytes of all files together: they pass through the scheduler."""
READING = ("r", "rb", "rt", None)


def gather(sources: Iterable[str]) -> dict[str, bytes]:
    """The files that workers need.

    Args:
        sources: Paths of a person's files, and of pickled problems.

    Returns:
        Content by absolute path.

    Raises:
        UsageError: A file cannot be read, or they are too large together.
    """
    paths = [Path(path).absolute() for path in sources]
    wanted = dict.fromkeys([*paths, *(beside for path in paths if path.suffix == ".py" for beside in opened_by(path))])
    try:
        total = sum(path.stat().st_size for path in wanted)
        if total > MOST:
            raise UsageError(
                f"the files of {paths[0].name} have {total / 1e6:.0f} MB, more than the {MOST >> 20} MB that are sent "
                "to hosts; put the data where every host finds it, under an absolute path"
            )
        return {str(path): path.read_bytes() for path in wanted}
    except OSError as error:
        raise UsageError(f"cannot read {error.filename}: {error.strerror}") from None


def opened_by(path: Path) -> list[Path]:
    """The files beside a person's file that it opens or imports; none where it fails, which workers will say."""
    with tempfile.TemporaryDirectory(prefix="hessbench-") as folder:
        answer = Path(folder) / "opened.json"
        command = [sys.executable, "-P", "-m", __name__, str(path), str(answer)]
        environment = {**os.environ, **QUIET}
        try:
            subprocess.run(
                command, capture_output=True, timeout=LIMIT_S, env=environment, stdin=subprocess.DEVNULL, check=False
            )
        except subprocess.TimeoutExpired:
            pass  # what it had opened until then is known
        return [Path(found) for found in json.loads(answer.read_text())] if answer.exists() else []


def _note(path: Path, answer: Path) -> None:
    """Load a file with an ear at what is opened, and write that down."""
    seen: dict[str, None] = {}

    def hear(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(arguments[0], str | bytes) and arguments[1] in READING:
            seen[os.path.abspath(os.fsdecode(arguments[0]))] = None

    def tell() -> None:
        imported = [getattr(module, "__file__", None) or "" for module in list(sys.modules.values())]
        roots = (path.parent, Path.cwd())
        found = [name for name in dict.fromkeys([*seen, *imported]) if name and _own(Path(name), roots)]
        write_atomically(answer, json.dumps([name for name in found if name not in (str(path), str(answer))]))

    sys.addaudithook(hear)
    with suppress(files.CannotLoad):
        problems = files.load(path)
        tell()
        for problem, n in sorted(((one, n) for one in problems for n in one.sizes), key=lambda pair: pair[1]):
            with suppress(Exception):  # data, start and f may be a person's own functions
                instance = draw(problem, n, 0)
                if n == min(problem.sizes) and problem.portable:
                    problem.objective(namespace(), instance.points[0], *instance.data)
            tell()
    os._exit(0)  # what the file has imported or started may take its time to end


def _own(path: Path, roots: Iterable[Path]) -> bool:
    """Whether a file is a person's, and not of what is installed."""
    installed = path.is_relative_to(sys.prefix) or "site-packages" in path.parts or "__pycache__" in path.parts
    ours = path.is_relative_to(Path(__file__).resolve().parents[3])
    return not installed and not ours and path.is_file() and any(path.is_relative_to(root) for root in roots)


def unpack(root: Path, content: Mapping[str, bytes]) -> None:
    """Write files below another root."""
    for name, data in content.items():
        path = below(root, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def below(root: Path, name: str) -> Path:
    """Where a file of the coordinator lies on a host."""
    return root / Path(name).relative_to(Path(name).anchor)


if __name__ == "__main__":
    _note(Path(sys.argv[1]), Path(sys.argv[2]))

"""Files that are whole or not there, and where what outlives a run is kept."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def cache_folder() -> Path:
    """Where what outlives a run is kept for this person: a machine's calibration, a library of the page."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hessbench"


def write_atomically(path: Path, content: str | bytes) -> None:
    """The file has either its old content or the whole new one, whatever happens."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(temporary, "wb") as stream:
            stream.write(content.encode(errors="backslashreplace") if isinstance(content, str) else content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):  # of a folder that cannot be written nothing can be taken away
            temporary.unlink()
        raise

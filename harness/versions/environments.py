"""One small environment per version, kept in the person's cache: whole, or not there.

It is made beside its place and moved there at the end, so that a full disk, a Ctrl-C or a power cut leave nothing half
written in the cache. `hessbench` itself comes in through a link to the code that runs, so that a cached environment
never runs an old one, and each checkout has environments of its own (uv links the files: they take no more space).
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path

from hessbench.harness.versions import frameworks, uv
from hessbench.harness.versions.releases import USUAL, Index
from hessbench.results.stored.files import cache_folder, write_atomically

CODE = Path(__file__).resolve().parents[2]
"""The folder of the package `hessbench` that runs."""
FACTS = "hessbench.json"
"""In an environment: its versions; the last file that is written."""
LOCK = "pylock.toml"
UNPACKED = 4
"""Bytes on the disk for a byte of wheel, at most, as seen of JAX (3.0) and TensorFlow (3.7)."""
IMPORT_S = 180.0
_ERROR_TYPE = re.compile(r"^[\w.]+: ")


@dataclass(frozen=True, slots=True)
class Environment:
    """A place in the cache for one version.

    Attributes:
        backend: Whose framework.
        version: Its version.
        base: The Python that it is made with.
        index: Where its packages come from.
    """

    backend: str
    version: str
    base: str
    index: Index = USUAL

    @property
    def folder(self) -> Path:
        """Where it is, or will be; of each Python, checkout and choice of wheels there is one."""
        told = [self.base, str(CODE), *self.index.find_links, *frameworks.requirements(self.backend, self.version)]
        key = hashlib.sha256(json.dumps(told).encode()).hexdigest()[:10]
        return cache() / f"{self.backend}-{self.version}-{key}"

    @property
    def python(self) -> str:
        """Its interpreter."""
        return str(self.folder / "bin" / "python")

    @property
    def made(self) -> bool:
        """Whether it is in the cache, whole: its Python may have been removed since."""
        try:
            return bool(self.packages) and Path(self.python).exists()
        except (OSError, ValueError, KeyError, TypeError):
            return False

    @property
    def packages(self) -> dict[str, str]:
        """Versions of all that is in it, by name."""
        return dict(json.loads((self.folder / FACTS).read_text(encoding="utf-8"))["packages"])


@dataclass(frozen=True, slots=True)
class Resolved:
    """What will be installed.

    Attributes:
        lock: The text of a `pylock.toml`.
        sizes: Wheel -> bytes to download, where an index says so.
    """

    lock: str
    sizes: dict[str, int]


def cache() -> Path:
    """The folder of all environments."""
    return cache_folder() / "versions"


def resolve(wanted: Environment) -> Resolved:
    """Find what is to be installed, without downloading any of it.

    Returns:
        The packages, locked. `uv.Refused` says why the version cannot be had.
    """
    lock = uv.call(
        *("pip", "compile", "-", "--quiet", "--no-header", "--only-binary", ":all:", "--format", LOCK),
        *("--python", wanted.base, *wanted.index.options()),
        requirements=frameworks.requirements(wanted.backend, wanted.version),
    )
    packages = tomllib.loads(lock).get("packages", [])
    return Resolved(lock, {f"{p['name']} {p.get('version', '')}": _bytes(p) for p in packages})


def _bytes(package: dict[str, object]) -> int:
    """Of several wheels that would do, the largest."""
    wheels = package.get("wheels", [])
    return max((int(wheel.get("size", 0)) for wheel in wheels), default=0) if isinstance(wheels, list) else 0


def make(wanted: Environment, resolved: Resolved) -> None:
    """Install it and try it; then it is in the cache.

    Args:
        wanted: The environment.
        resolved: What is installed.

    Raises:
        Refused: It cannot be installed or imported, or the disk is full.
    """
    folder = wanted.folder
    part = folder.with_name(f".{folder.name}.{os.getpid()}")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        sweep()
        _check_disk(folder.parent, resolved)
        _install(wanted, part, resolved)
        if not wanted.made:  # what is there is damaged
            shutil.rmtree(folder, ignore_errors=True)
        os.replace(part, folder)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST) and wanted.made:
            return  # somebody else was faster
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise uv.Refused(uv.DISK_FULL if full else f"{folder}: {error.strerror}") from None
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _check_disk(place: Path, resolved: Resolved) -> None:
    needed, free = UNPACKED * sum(resolved.sizes.values()), shutil.disk_usage(place).free
    if free < needed:
        said = f"it takes up to {needed / 1e9:.1f} GB below {place}, where {free / 1e9:.1f} GB are left"
        raise uv.Refused(f"{uv.DISK_FULL}: {said}")


def _install(wanted: Environment, part: Path, resolved: Resolved) -> None:
    uv.call("venv", "--quiet", "--relocatable", "--python", wanted.base, str(part))
    python = str(part / "bin" / "python")
    (part / LOCK).write_text(resolved.lock, encoding="utf-8")
    links = [option for link in wanted.index.find_links for option in ("--find-links", link)]
    # Compiled here, since a worker may not be allowed to (PYTHONDONTWRITEBYTECODE): its import takes thrice as long.
    uv.call(*("pip", "sync", "--quiet", "--compile-bytecode", "--python", python, *links, str(part / LOCK)))
    site = next((part / "lib").glob("python*/site-packages"))
    (site / "hessbench").symlink_to(CODE, target_is_directory=True)
    _try(python, wanted.backend)
    names = (entry.rpartition(" ") for entry in resolved.sizes)
    packages = {name: version for name, _, version in names}
    write_atomically(part / FACTS, json.dumps({"backend": wanted.backend, "packages": packages}, indent=1))


def _try(python: str, backend: str) -> None:
    """Import the framework once, by the backend's own way."""
    code = f"from hessbench import backends; backends.open({backend!r})"
    variables = {**os.environ, **_variables(backend)}
    try:
        done = subprocess.run(
            [python, "-P", "-c", code], capture_output=True, text=True, timeout=IMPORT_S, check=False, env=variables
        )
    except subprocess.TimeoutExpired:
        raise uv.Refused(f"it does not import within {IMPORT_S:g} s") from None
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise uv.Refused(f"it does not import: {_ERROR_TYPE.sub('', last)}")


def _variables(backend: str) -> dict[str, str]:
    from hessbench import backends

    return dict(backends.load(backend).environment("float64", "cpu"))


def sweep() -> None:
    """Take away what processes that are gone have left half made."""
    for part in cache().glob(".*"):
        owner = part.suffix.removeprefix(".")
        if owner.isdigit() and not _runs(int(owner)):
            shutil.rmtree(part, ignore_errors=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # somebody else's
    return True

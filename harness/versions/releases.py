"""Which releases there are: "0.8.0,0.8.2", "0.8..0.12" and "0.10.." as versions that an index has.

uv has no command that lists a package's versions. It resolves, though: the newest within limits, then the newest but
that one, and so on. That asks for what can be installed here, and leaves out what has no wheel for this Python.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.version import Version

from hessbench.harness.usage import UsageError
from hessbench.harness.versions import uv
from hessbench.results.stored.releases import order, ordered

MOST = 60
"""Releases of one range."""
_VERSION = r"v?\d+(?:\.\d+)*(?:[-_.]?(?:a|b|rc|alpha|beta|pre|post|dev)\d*)*(?:\+[a-z0-9.]+)?"
_RANGE = re.compile(rf"({_VERSION})?\.\.({_VERSION})?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Index:
    """Where releases are looked for, beside what uv is configured to.

    Attributes:
        find_links: Folders or pages with further wheels.
        pre_releases: Whether release candidates and nightlies count.
    """

    find_links: tuple[str, ...] = ()
    pre_releases: bool = False

    def options(self) -> list[str]:
        """As options of uv."""
        links = [part for link in self.find_links for part in ("--find-links", link)]
        return [*links, "--prerelease", "allow" if self.pre_releases else "if-necessary-or-explicit"]


USUAL = Index()


def index(find_links: Sequence[str], pre_releases: bool) -> Index:
    """Where a person wants releases to be looked for.

    Args:
        find_links: Folders, or addresses of pages, with further wheels.
        pre_releases: Whether release candidates and nightlies count.

    Returns:
        The index, with folders by their whole paths.

    Raises:
        UsageError: A folder is not there.
    """
    for link in find_links:
        if "://" not in link and not Path(link).is_dir():
            raise UsageError(f"--find-links {link}: there is no such folder")
    return Index(tuple(link if "://" in link else str(Path(link).resolve()) for link in find_links), pre_releases)


def versions(text: str) -> list[str]:
    """The parts of "0.8.0,0.10..0.12", each a version or a range.

    Returns:
        The parts.

    Raises:
        UsageError: A part is neither.
    """
    parts = [part for part in re.split(r"[,\s]+", text) if part]
    for part in parts:
        if not (re.fullmatch(_VERSION, part, re.IGNORECASE) or is_range(part)):
            raise UsageError(f"{part!r} is no version; write for example 0.8.0,0.9.2 or 0.8..0.12")
    if not parts:
        raise UsageError("no version is named; write for example 0.8.0,0.9.2 or 0.8..0.12")
    return parts


def is_range(part: str) -> bool:
    """Whether a part is a range, such as "0.8..0.12" or "0.10.."."""
    return part != ".." and re.fullmatch(_RANGE, part) is not None


def ends(part: str) -> tuple[str, str]:
    """The first and the last version of a range, as they are written; empty where it is open.

    Returns:
        Both.

    Raises:
        UsageError: It is no range, or runs backwards.
    """
    match = re.fullmatch(_RANGE, part)
    if match is None or part == "..":
        raise UsageError(f"{part!r} is no range of versions; write for example 0.8..0.12")
    first, last = match[1] or "", match[2] or ""
    if first and last and order(first) > order(last):
        raise UsageError(f"{part} runs backwards: {first} is the later version")
    return first, last


def between(package: str, part: str, python: str, index: Index) -> list[str]:
    """The releases of a range that can be installed with a Python, oldest first.

    Args:
        package: Name of the package.
        part: A range; its end "0.12" takes 0.12.1 too.
        python: The interpreter.
        index: Where they are looked for.

    Returns:
        The versions.

    Raises:
        Refused: There is none, or nobody can tell.
    """
    limits = _limits(*ends(part))
    found: list[str] = []
    while len(found) < MOST:
        try:
            newest = _newest(package, [*limits, *(f"!={version}" for version in found)], python, index)
        except uv.Refused as refused:
            if not found or str(refused) == uv.UNREACHABLE:
                raise
            break
        found.append(newest)
    return ordered(found)


def exact(package: str, version: str, python: str, index: Index) -> str:
    """A version as the index spells it. `uv.Refused` says why it cannot be had with that Python."""
    return _newest(package, [f"=={version}"], python, index)


def _newest(package: str, limits: Sequence[str], python: str, index: Index) -> str:
    resolved = uv.call(
        *("pip", "compile", "-", "--quiet", "--no-deps", "--no-header", "--no-annotate", "--only-binary", ":all:"),
        *("--python", python, *index.options()),
        requirements=[package + ",".join(limits)],
    )
    match = re.search(r"==(\S+)", resolved)
    if match is None:
        raise uv.Refused(uv.NOT_THERE)
    return match[1]


def _limits(first: str, last: str) -> list[str]:
    """As a package's specifiers. An end of fewer parts means all that begin with it: ..0.12 has 0.12.0.1."""
    limits = [f">={first.partition('+')[0]}"] if first else []
    if not last:
        return limits
    release = Version(last).release
    exact = len(release) > 2 or Version(last).is_prerelease or "+" in last
    if exact:
        return [*limits, f"<={last.partition('+')[0]}"]
    following = ".".join(map(str, (*release[:-1], release[-1] + 1)))
    return [*limits, f"<{following}.dev0"]

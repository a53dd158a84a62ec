"""Versions of a framework in their order, as the packages' index orders them (PEP 440)."""

from __future__ import annotations

from collections.abc import Iterable

from packaging.version import InvalidVersion, Version

OLDEST = Version("0.dev0")
"""Where a version that nobody can read stands: before all others."""


def order(version: str) -> Version:
    """What versions are sorted by; a build of one version ("2.13.0+cpu") follows the version itself."""
    try:
        return Version(version)
    except InvalidVersion:
        return OLDEST


def ordered(versions: Iterable[str]) -> list[str]:
    """The versions, oldest first, each once."""
    return sorted(set(versions), key=order)


def public(version: str) -> str:
    """A version as an index spells it, without its build: "2.13.0" of "2.13.0+cpu", "2.22.0rc0" of "2.22.0-rc0"."""
    try:
        return Version(version).public
    except InvalidVersion:
        return version.partition("+")[0]


def nearest(version: str, known: Iterable[str]) -> str | None:
    """Which of the known versions stands for one.

    Args:
        version: The version.
        known: Versions that something is known of.

    Returns:
        The version itself, else the nearest earlier one, else the nearest later one; None where none is known.
    """
    versions = ordered(known)
    if version in versions:
        return version
    earlier = [one for one in versions if order(one) <= order(version)]
    return earlier[-1] if earlier else next(iter(versions), None)

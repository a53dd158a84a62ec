"""From what was asked for to environments: sizes are said first, each version that is left out gets one line."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

from hessbench.harness.usage import UsageError
from hessbench.harness.versions import pythons, releases, uv
from hessbench.harness.versions.environments import Environment, Resolved, make, resolve
from hessbench.harness.versions.frameworks import package
from hessbench.harness.versions.releases import USUAL, Index
from hessbench.results.stored.releases import ordered

LARGE = 1_000_000_000
"""Bytes to download that nobody should be surprised by."""

Say = Callable[[str], None]


def say(line: str) -> None:
    """A line on standard error, at once."""
    print(line, file=sys.stderr, flush=True)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What versions are asked for.

    Attributes:
        backend: Whose framework.
        parts: Versions and ranges.
        python: A Python "3.12" or the path of one; None for the one that can have most of the versions.
        index: Where packages come from.
        yes: Whether a large download may begin.
    """

    backend: str
    parts: tuple[str, ...]
    python: str | None = None
    index: Index = USUAL
    yes: bool = False


@dataclass(frozen=True, slots=True)
class Gathered:
    """What can be had of it.

    Attributes:
        environments: Oldest version first; with `Resolved` where it is not in the cache yet.
        refused: Version -> why it is left out.
    """

    environments: tuple[tuple[Environment, Resolved | None], ...]
    refused: dict[str, str]


def gather(wanted: Wanted, tell: Say = say) -> Gathered:
    """Find the versions and a Python that has them; nothing is downloaded yet.

    Args:
        wanted: What is asked for.
        tell: Takes lines for people.

    Returns:
        Environments, made or to be made. One Python has them all, so that they differ in the framework alone.

    Raises:
        UsageError: No version can be had, or the download is large and nobody said yes.
    """
    base, offer = _best_offer(wanted)
    best = _resolved(wanted, base, offer)
    for version, reason in best.refused.items():
        tell(f"note: {wanted.backend} {version} is left out: {reason}")
    if not best.environments:
        reason = next(iter(best.refused.values()), "none was named")
        raise UsageError(f"no version of {wanted.backend} can be had: {reason}")
    if base != pythons.current() and not wanted.python:
        tell(f"note: made with {base}, which has more of these versions; --python chooses another")
    _ask(wanted, best, tell)
    return best


def _best_offer(wanted: Wanted) -> tuple[str, _Offer]:
    """The Python that has most of the versions: the one that runs, where another has no more."""
    first = pythons.find(wanted.python) if wanted.python else pythons.current()
    offers = {first: _offer(wanted, first)}
    perhaps_more = offers[first].refused or any(map(releases.is_range, wanted.parts))
    if perhaps_more and not wanted.python:
        offers |= {base: _offer(wanted, base) for base in pythons.installed().values() if base != first}
    base = max(offers, key=lambda one: len(offers[one].versions))
    return base, offers[base]


@dataclass(frozen=True, slots=True)
class _Offer:
    """What one Python can have: versions, and why not the others."""

    versions: tuple[str, ...]
    refused: dict[str, str]


def _offer(wanted: Wanted, base: str) -> _Offer:
    """Look, by the framework's own package alone, which is quick."""
    name = package(wanted.backend)
    found: set[str] = set()
    refused: dict[str, str] = {}
    for part in wanted.parts:
        try:
            if releases.is_range(part):
                found |= set(releases.between(name, part, base, wanted.index))
            elif not Environment(wanted.backend, part, base, wanted.index).made:
                found.add(releases.exact(name, part, base, wanted.index))
            else:
                found.add(part)
        except uv.Refused as reason:
            refused[part] = str(reason)
    return _Offer(tuple(ordered(found)), refused)


def _resolved(wanted: Wanted, base: str, offer: _Offer) -> Gathered:
    """With all that a version needs, which may be what is not to be had."""
    made: list[tuple[Environment, Resolved | None]] = []
    refused = dict(offer.refused)
    for version in offer.versions:
        one = Environment(wanted.backend, version, base, wanted.index)
        try:
            made.append((one, None if one.made else resolve(one)))
        except uv.Refused as reason:
            refused[version] = str(reason)
    return Gathered(tuple(made), refused)


def _ask(wanted: Wanted, found: Gathered, tell: Say) -> None:
    """Say how much is downloaded, where it is much, before it is."""
    sizes: dict[str, int] = {}
    for environment, resolved in found.environments:
        if resolved is not None and (own := sum(resolved.sizes.values())) >= LARGE / 2:
            tell(f"note: {wanted.backend} {environment.version} is {own / 1e9:.1f} GB of packages")
        sizes |= resolved.sizes if resolved is not None else {}
    total = sum(sizes.values())
    if total >= LARGE and not wanted.yes:
        raise UsageError(
            f"up to {total / 1e9:.1f} GB have to be downloaded, unless uv has them already; "
            "add --yes to go on, or name fewer versions"
        )


def ready(environment: Environment, resolved: Resolved | None) -> str:
    """Make an environment that is not in the cache.

    Args:
        environment: The environment.
        resolved: What goes into it; None where it is there.

    Returns:
        Why it cannot be had, or the empty string.
    """
    if resolved is None:
        return ""
    try:
        make(environment, resolved)
    except uv.Refused as refused:
        return str(refused)
    return ""


def offered(wanted: Wanted, tell: Say = say) -> list[Environment]:
    """The versions that an index has for one Python, the first and the last part among them.

    Args:
        wanted: What is asked for: two versions, and the range between them.
        tell: Takes lines for people.

    Returns:
        Environments, oldest version first, made or not.

    Raises:
        UsageError: The first or the last version cannot be had with any Python.
    """
    base, offer = _best_offer(wanted)
    for end in (wanted.parts[0], wanted.parts[-1]):
        if end in offer.refused:
            raise UsageError(f"{wanted.backend} {end} cannot be had: {offer.refused[end]}")
    if base != pythons.current() and not wanted.python:
        tell(f"note: made with {base}, which has more of these versions; --python chooses another")
    return [Environment(wanted.backend, version, base, wanted.index) for version in offer.versions]


class OneByOne:
    """Makes environments when they are needed, and asks before the first one where all of them would be large.

    Args:
        count: How many there will be at most.
        yes: Whether a large download may begin.
    """

    def __init__(self, count: int, yes: bool) -> None:
        self._count = count
        self._asked = yes

    def __call__(self, environment: Environment) -> str:
        """Why it cannot be had, or the empty string."""
        if environment.made:
            return ""
        try:
            resolved = resolve(environment)
            total = self._count * sum(resolved.sizes.values())
            if total >= LARGE and not self._asked:
                raise UsageError(f"up to {total / 1e9:.1f} GB may have to be downloaded; add --yes to go on")
            self._asked = True
            say(f"{environment.backend} {environment.version}: installing {len(resolved.sizes)} packages")
            make(environment, resolved)
        except uv.Refused as refused:
            return str(refused)
        return ""

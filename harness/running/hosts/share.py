"""Who does what: the parts of a plan that hosts take, one after the other, and give back when they are lost.

All that competes stays together: for anything timed a part is a problem at a size, or a whole problem where machines
differ, since times over n are compared too. What is only checked is dealt out by groups, because a launch imports one
framework, and by whole problems.
"""

from __future__ import annotations

import math
import random
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Literal

from hessbench.harness.planning.grid import HERE, Cell, Group
from hessbench.harness.planning.order import dealt, family

LEAST = 4
"""Contests at a time: fewer would import every framework again for next to nothing."""
WAIT_S = 0.5

Dealing = Literal["each", "timed", "checked"]
"""Every host has its own; contests are shared; launches are shared."""


@dataclass(frozen=True, slots=True)
class Part:
    """Cells that stay together.

    Attributes:
        cells: The cells.
        host: The only host for them; empty for any.
        fingerprint: The only fingerprint for them; empty for any.
    """

    cells: tuple[Cell, ...]
    host: str = HERE
    fingerprint: str = ""

    def suits(self, host: str, fingerprint: str) -> bool:
        """Whether a host may have it."""
        return self.host in (HERE, host) and self.fingerprint in ("", fingerprint)


def parts(cells: Sequence[Cell], dealing: Dealing, hosts: int, seed: int, alike: bool = True) -> list[Part]:
    """Cut a plan.

    Args:
        cells: The plan.
        dealing: How.
        hosts: How many there are at first.
        seed: Of the order.
        alike: Whether their fingerprints are the same.

    Returns:
        The parts in the order in which they are dealt.
    """
    found: dict[tuple[object, ...], list[Cell]] = {}
    if dealing == "checked":
        groups: dict[Group, list[Cell]] = {}
        for cell in cells:
            groups.setdefault(cell.group, []).append(cell)
        # What is too large is known where the smaller was tried, so a family is together at any rate.
        cut = (dealt(mine, max(1, hosts), attrgetter("suite", "problem"), family) for mine in groups.values())
        return [Part(tuple(part)) for launches in cut for part in launches if part]
    for cell in cells:
        found.setdefault((cell.host, cell.suite, cell.problem, *((cell.n,) if alike else ())), []).append(cell)
    made = [Part(tuple(mine), mine[0].host) for mine in found.values()]
    random.Random(seed).shuffle(made)
    return made


class Share:
    """The parts that are left; threads of hosts take them.

    Args:
        made: All parts.
        dealing: How many are taken at a time follows from it.
        hosts: Says how many hosts there are now.
        expected_s: How long a part may take.
    """

    def __init__(
        self,
        made: Sequence[Part],
        dealing: Dealing,
        hosts: Callable[[], int],
        expected_s: Callable[[Part], float] = lambda part: 0.0,
    ) -> None:
        self._left = list(made)
        self._dealing = dealing
        self._hosts = hosts
        self._expected_s = expected_s
        self._taken = 0
        self._changed = threading.Condition()

    def take(self, host: str, fingerprint: str, going_on: Callable[[], bool]) -> list[Part]:
        """Parts for a host; while others are at work, which may give some back, it waits.

        Args:
            host: Its name.
            fingerprint: Its fingerprint.
            going_on: Whether it is still there and wanted.

        Returns:
            The parts; none where there is nothing more for it.
        """
        with self._changed:
            while going_on():
                mine = [part for part in self._left if part.suits(host, fingerprint)]
                if mine:
                    if self._dealing == "checked":  # long ones first, so that hosts end together (Graham 1969)
                        mine.sort(key=self._expected_s, reverse=True)
                    chosen = mine[: self._portion(len(mine))]
                    self._left = [part for part in self._left if all(part is not one for one in chosen)]
                    self._taken += 1
                    return chosen
                if not self._taken:
                    return []
                self._changed.wait(WAIT_S)
        return []

    def _portion(self, waiting: int) -> int:
        """Large portions first, then smaller ones, so that hosts end together (guided self-scheduling)."""
        if self._dealing == "each":
            return waiting
        if self._dealing == "checked":
            return 1
        return max(LEAST, math.ceil(waiting / (2 * max(1, self._hosts()))))

    def give_back(self, rest: Collection[Part]) -> None:
        """A host is done with what it took; this much of it is not done."""
        with self._changed:
            self._taken -= 1
            self._left += [part for part in rest if part.cells]
            self._changed.notify_all()

    def has_for(self, host: str, fingerprint: str) -> bool:
        """Whether something is left that a host may do."""
        with self._changed:
            return any(part.suits(host, fingerprint) for part in self._left)

    @property
    def over(self) -> bool:
        """Whether nothing is left, and nobody is at work."""
        return not self._left and not self._taken

    @property
    def left(self) -> list[Part]:
        """What nobody has."""
        with self._changed:
            return list(self._left)

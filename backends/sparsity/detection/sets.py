"""Sets of variables by number, and which of them meet in second derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np

from hessbench.backends.contract.errors import Unsupported
from hessbench.backends.sparsity.pattern import IntArray, Pattern, distinct

EMPTY = 0
"""Number of the empty set; those of the single variables are 1..n."""

MOST = 1 << 27
"""Entries of a pattern, or members of sets made at once: some gigabytes of indices."""

AT_ONCE = 1 << 23
"""Entries that are sorted together."""

WIDE = 64
"""Unions that may have more members are remembered as unions: a sum over all variables that nothing is made of, as f
itself, is never written out, nor are the partial sums of a loop."""

MATRIX = 1 << 26
"""Up to so many entries n^2 they are marked in a Boolean matrix, which is faster than sorting."""


class TooDense(Unsupported):
    """The pattern does not fit into memory; the message says how dense it is, in one line."""


class Sets:
    """All sets that one evaluation of f makes; equal ones get one number.

    Args:
        n: Number of variables.
    """

    def __init__(self, n: int) -> None:
        self.n = n
        self._members: IntArray = np.arange(n)
        self._ends: IntArray = np.arange(-1, n + 1)  # set k has the members from ends[k] to ends[k + 1]
        self._ends[0] = 0
        self._weights = np.random.default_rng(0).integers(0, 2**63, n, dtype=np.uint64)
        self._known: dict[int, int] = dict(zip(self._weights.tolist(), range(1, n + 1), strict=True))
        self._count, self._used = n + 1, n
        self._most: IntArray = np.ones(n + 1, dtype=np.intp)  # members at most
        self._most[0] = 0
        self._parts: dict[int, IntArray] = {}  # of what is remembered as a union
        self._written: dict[int, int] = {}  # its number once it is written out
        self._crossed: list[IntArray] = []
        self._recorded = 0

    def size(self, numbers: IntArray) -> IntArray:
        """How many members sets have."""
        return self._ends[numbers + 1] - self._ends[numbers]

    def members(self, numbers: IntArray) -> tuple[IntArray, IntArray]:
        """The members of sets (k,), one set after the other, and to which of the k each belongs."""
        sizes = self.size(numbers)
        owner = np.repeat(np.arange(numbers.size), sizes)
        first = np.cumsum(sizes) - sizes
        return self._members[np.arange(owner.size) - first[owner] + self._ends[numbers][owner]], owner

    def unite(self, numbers: IntArray) -> IntArray:
        """The union of each row of sets.

        Args:
            numbers: Sets, (rows, k).

        Returns:
            Its number for each row, (rows,).
        """
        result = numbers.max(axis=1, initial=EMPTY)
        mixed = np.flatnonzero(np.any((numbers != EMPTY) & (numbers != result[:, None]), axis=1))
        if not mixed.size:
            return result
        if numbers.shape[1] == 2:
            pairs = np.sort(numbers[mixed], axis=1)
            keys, back = np.unique(pairs[:, 0] * self._count + pairs[:, 1], return_inverse=True)
            different = np.stack([keys // self._count, keys % self._count], axis=1)
        else:
            different, back = numbers[mixed], np.arange(mixed.size)
        wide = np.minimum(self._most[different].sum(axis=1), self.n) > WIDE  # so what is remembered always is wide
        found = np.empty(len(different), dtype=np.intp)
        found[~wide] = self._united(different[~wide])
        found[wide] = self._remembered(different[wide])
        result[mixed] = found[back]
        return result

    def _remembered(self, numbers: IntArray) -> IntArray:
        """New numbers for unions that are not written out."""
        nothing = np.zeros(0, dtype=np.intp)
        new = self._append(nothing, np.zeros(len(numbers) + 1, dtype=np.intp), np.arange(len(numbers)))
        for number, row in zip(new.tolist(), numbers, strict=True):
            self._parts[number] = distinct(row)
        self._most[new] = np.minimum(self._most[numbers].sum(axis=1), self.n)
        return new

    def _write_out(self, number: int) -> int:
        """The number of a set whose members are known, for that of a union."""
        if number not in self._parts:
            return number
        if number not in self._written:
            waiting, met, leaves = [number], {number}, [np.zeros(0, dtype=np.intp)]
            while waiting:
                parts = self._parts[waiting.pop()]
                inner = [part for part in parts[self._most[parts] > WIDE // 2].tolist() if part in self._parts]
                leaves.append(parts)
                waiting += set(inner) - met
                met.update(inner)
            members = distinct(self.members(distinct(np.concatenate(leaves)))[0])
            self._written[number] = int(self._add(members, np.array([0, members.size]))[0])
        return self._written[number]

    def _united(self, numbers: IntArray) -> IntArray:
        """The same where most rows hold different sets."""
        rows, k = numbers.shape
        if not rows:
            return np.zeros(0, dtype=np.intp)
        flat = numbers.reshape(-1)
        self._fits(int(self.size(flat).sum()))
        members, owner = self.members(flat)
        keys = distinct(owner // k * self.n + members)
        owner = keys // self.n
        return self._add(keys - owner * self.n, np.searchsorted(owner, np.arange(rows + 1)))

    def _add(self, members: IntArray, ends: IntArray) -> IntArray:
        """Numbers of sets that are not empty, given one after the other, each ascending: known or new."""
        weights = np.add.reduceat(self._weights[members], ends[:-1]).tolist()
        first: dict[int, int] = {}
        found = [self._known.get(weight, -1 - first.setdefault(weight, i)) for i, weight in enumerate(weights)]
        result = np.array(found, dtype=np.intp)
        fresh = np.flatnonzero(result == -1 - np.arange(result.size))
        result[fresh] = self._append(members, ends, fresh)
        again = np.flatnonzero(result < 0)
        result[again] = result[-1 - result[again]]
        for i in fresh.tolist():
            self._known[weights[i]] = int(result[i])
        wrong = self._differing(result, members, ends)  # two sets of one weight: next to never
        result[wrong] = self._append(members, ends, wrong)
        return result

    def _differing(self, numbers: IntArray, members: IntArray, ends: IntArray) -> IntArray:
        """Which of the sets are not those of these numbers."""
        sizes = np.diff(ends)
        unlike = self.size(numbers) != sizes
        alike = np.flatnonzero(~unlike)
        theirs, owner = self.members(numbers[alike])
        first = np.cumsum(sizes[alike]) - sizes[alike]
        mine = members[np.arange(owner.size) - first[owner] + ends[alike][owner]]
        unlike[alike[owner[mine != theirs]]] = True
        return np.flatnonzero(unlike)

    def _append(self, members: IntArray, ends: IntArray, which: IntArray) -> IntArray:
        """New numbers for some of the sets."""
        sizes = np.diff(ends)[which]
        total = int(sizes.sum())
        owner = np.repeat(np.arange(which.size), sizes)
        first = np.cumsum(sizes) - sizes
        self._members = _room(self._members, self._used + total)
        self._ends = _room(self._ends, self._count + which.size + 1)
        self._most = _room(self._most, self._count + which.size)
        self._members[self._used : self._used + total] = members[
            np.arange(total) - first[owner] + ends[:-1][which][owner]
        ]
        self._ends[self._count + 1 : self._count + which.size + 1] = self._used + np.cumsum(sizes)
        numbers = np.arange(self._count, self._count + which.size)
        self._most[numbers] = sizes
        self._count, self._used = self._count + which.size, self._used + total
        return numbers

    def _fits(self, entries: int) -> None:
        if entries > MOST:
            raise TooDense(
                f"sets with {entries:,} members arise for n = {self.n:,}, some variables meet nearly all others: the "
                f"Hessian is not sparse; use products (hvp) or hessian"
            )

    def cross(self, a: IntArray, b: IntArray) -> None:
        """Note that each variable of a set meets each of another; arrays of one shape."""
        a, b = np.minimum(a, b).reshape(-1), np.maximum(a, b).reshape(-1)
        used = a != EMPTY
        keys = distinct((a[used] << 32) | b[used])
        self._crossed.append(keys)
        self._recorded += keys.size
        if self._recorded > AT_ONCE:
            self._crossed = [distinct(np.concatenate(self._crossed))]
            self._recorded = -4 * self._crossed[0].size  # so that keeping them distinct stays cheap

    def pattern(self) -> Pattern:
        """The variables that meet; `TooDense` where there are too many.

        Returns:
            The pattern, symmetric.
        """
        a, b = self._crossings()
        sizes = self.size(a) * self.size(b)
        mark = _Matrix(self.n) if self.n**2 <= MATRIX else _Keys(self.n)
        parts = np.append(np.flatnonzero(np.diff(np.cumsum(sizes) // AT_ONCE, prepend=0)), a.size)
        for start, stop in zip(np.append(0, parts[:-1]), parts, strict=True):
            mark.pairs(*self._pairs(a[start:stop], b[start:stop]))
        return mark.pattern()

    def _crossings(self) -> tuple[IntArray, IntArray]:
        """The sets that meet, all of them written out, each pair once; the largest are tried first."""
        keys = distinct(np.concatenate([np.zeros(0, dtype=np.intp), *self._crossed]))
        a, b = keys >> 32, keys & (2**32 - 1)
        wide = np.flatnonzero(np.maximum(self._most[a], self._most[b]) > WIDE)
        for i in wide[np.argsort(-self._most[a[wide]] * self._most[b[wide]], kind="stable")].tolist():
            a[i], b[i] = self._write_out(int(a[i])), self._write_out(int(b[i]))
            if (least := int(self.size(a[i]) * self.size(b[i]))) > MOST:
                raise TooDense(
                    f"the Hessian has {least:,} entries or more of {self.n:,}^2 (density {least / self.n**2:.2g}), "
                    "more than fit into memory; use products (hvp), or hessian for smaller n"
                )
        keys = distinct((np.minimum(a, b) << 32) | np.maximum(a, b))
        return keys >> 32, keys & (2**32 - 1)

    def _pairs(self, a: IntArray, b: IntArray) -> tuple[IntArray, IntArray]:
        """All pairs of a member of a set with one of another."""
        rows, owner = self.members(a)
        widths = self.size(b)[owner]
        first = np.cumsum(widths) - widths
        which = np.repeat(np.arange(rows.size), widths)
        cols = self._members[np.arange(which.size) - first[which] + self._ends[b][owner][which]]
        return rows[which], cols


class _Matrix:
    """Entries as a Boolean matrix."""

    def __init__(self, n: int) -> None:
        self.marked = np.zeros((n, n), dtype=np.bool_)

    def pairs(self, rows: IntArray, cols: IntArray) -> None:
        self.marked[rows, cols] = True
        self.marked[cols, rows] = True

    def pattern(self) -> Pattern:
        rows, cols = np.nonzero(self.marked)
        return Pattern(self.marked.shape[0], rows, cols)


class _Keys:
    """Entries as sorted numbers."""

    def __init__(self, n: int) -> None:
        self.n = n
        self.kept: IntArray = np.zeros(0, dtype=np.intp)
        self.new: list[IntArray] = []

    def pairs(self, rows: IntArray, cols: IntArray) -> None:
        self.new.append(distinct(np.concatenate([rows * self.n + cols, cols * self.n + rows])))
        if sum(keys.size for keys in self.new) > max(AT_ONCE, self.kept.size):
            self._merge()

    def _merge(self) -> None:
        self.kept, self.new = distinct(np.concatenate([self.kept, *self.new])), []
        if self.kept.size > MOST:
            raise TooDense(
                f"the Hessian has more than {MOST:,} entries of {self.n:,}^2, more than fit into memory; use products "
                "(hvp), or hessian for smaller n"
            )

    def pattern(self) -> Pattern:
        self._merge()
        return Pattern.of_keys(self.n, self.kept)


def _room(array: IntArray, size: int) -> IntArray:
    """The array, or a copy twice as long where so many entries do not fit."""
    if size <= array.size:
        return array
    larger: Any = np.empty(max(size, 2 * array.size), dtype=array.dtype)
    larger[: array.size] = array
    return larger

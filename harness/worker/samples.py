"""Which samples count: those in which nobody else took a core from the call, and what is said where there are too few.

A sample is clean where its threads waited for a core for less than 1 % of its length, or where they waited for each
other only, since nobody else wanted a core (`harness.machine.witness`). The figure of a cell rests on its clean
samples; where they are too few, on all of them, and the cell is disturbed. `benchmarks/busy_neighbor.py` measures what
that catches.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from hessbench.harness.machine.witness import Observation, Witness
from hessbench.results.stored import pace, wakes
from hessbench.results.stored.record import WITNESS

STEAL_SHARE = 0.05
"""What a hypervisor may have taken, over all cores together and in ticks, so that it need not be this process's."""
SHARE = 0.01
"""Of its length, what the threads of a clean sample may have waited. Where a core was free, threads that do not hand
work to each other wait for less than 0.3 % (wake-ups of 3 to 50 µs, and the kernel's own work); beside a neighbor
samples have waited 5 % at least, for it keeps the core for a slice of some milliseconds."""
HANDED = 0.1
"""Of the calls of a sample: where a neighbor wants a core and more of them than that are handed to another thread, the
sample is not clean. Nine of ten samples of JAX took 1.0 to 1.6 times as long as alone below a tenth, beside one and two
spinning processes, and from there on 1.6 to 3.6 times where it was not even a third."""
ENOUGH, PART = 3, 0.25
"""So many samples are the fewest that a figure is taken from: of two nobody knows which is the odd one. And so large a
part must be clean: three of thirty may be so by an accident of the moments at which the witness looked (PyTorch beside
a spinning process: three of 15 seemed clean, and took 1.7 times as long as alone)."""
CONTRADICTION = 1.5
"""A first call or one at a new point does all that a sample of one call does, and more. Where it took so much less, the
samples were held up in a way that nobody saw."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample.

    Attributes:
        seconds: Per call.
        loops: Calls.
        seen: What the witness saw of it.
    """

    seconds: float
    loops: int
    seen: Observation | None = None

    @property
    def length_s(self) -> float:
        """Seconds of the whole sample."""
        return self.seconds * self.loops

    @property
    def clean(self) -> bool:
        """Whether nobody is known to have taken a core from it."""
        return self.seen is None or undisturbed(self.seen, self.length_s, self.loops)

    @property
    def crowded(self) -> bool:
        """Whether threads waited for each other on one core, and waking them is much of the time."""
        if self.seen is None or (self.seen.waited_s or 0.0) <= SHARE * self.length_s:
            return False
        return wakes.doubtful(self.length_s, self.seen.sleeps)

    @property
    def raw(self) -> tuple[float | int | None, ...]:
        """What the journal keeps beside the seconds, in the order of `WITNESS`."""
        return (self.loops, *(getattr(self.seen, name, None) for name in WITNESS[1:]))


class Stretch:
    """A stretch of time that begins now, and what the witness sees of it.

    Args:
        witness: The witness.
    """

    def __init__(self, witness: Witness) -> None:
        self._witness = witness
        self._before = witness.read()
        self._start = time.perf_counter()

    def end(self) -> Sample:
        """The stretch until now, as a sample of one call."""
        seconds = time.perf_counter() - self._start
        return Sample(seconds, 1, self._before.until(self._witness.read()))


def undisturbed(seen: Observation, length_s: float, calls: int = 1) -> bool:
    """Whether nobody took a core from a stretch of that length, as far as is known.

    Args:
        seen: What the witness saw.
        length_s: Seconds.
        calls: Calls in it.

    Returns:
        True also where the system tells nothing: that is said elsewhere.
    """
    if (seen.throttled_s or 0.0) > SHARE * length_s or (seen.steal_s or 0.0) > STEAL_SHARE * length_s:
        return False
    if seen.pace is not None and seen.pace > pace.SLOW:
        return False
    if seen.others == 0:
        return True
    if seen.others and (seen.sleeps or 0) > HANDED * calls:
        # Calls are handed to another thread, and that one is woken on a core that it shares with a neighbor: it need
        # not wait there to be late (JAX beside one spinning process: 20 µs became 44).
        return False
    if seen.waited_s is not None:
        return seen.waited_s <= SHARE * length_s
    return not seen.switches


def waited(samples: Sequence[Sample]) -> float | None:
    """The share of their length that threads waited in these samples; above 1 where several did at once."""
    return _per((sample.seen.waited_s, sample.length_s) for sample in samples if sample.seen)


def sleeps(samples: Sequence[Sample]) -> float | None:
    """How often threads went to sleep in a call of these samples, on the average; None where the system is silent."""
    return _per((sample.seen.sleeps, sample.loops) for sample in samples if sample.seen)


def _per(parts: Iterable[tuple[float | None, float]]) -> float | None:
    """What was seen over what it was seen in, of all that were told; None where nothing was."""
    told = [(seen, whole) for seen, whole in parts if seen is not None]
    return sum(seen for seen, _ in told) / sum(whole for _, whole in told) if told else None


@dataclass(frozen=True, slots=True)
class Figures:
    """What a cell's samples say.

    Attributes:
        facts: Order statistics of the samples that count, how many these are, the share of their length that was
            waited.
        disturbed: Why the figure cannot be trusted; empty where it can.
    """

    facts: dict[str, float | int | None]
    disturbed: str


def figures(samples: Sequence[Sample], first_call_s: float, fresh_s: float | None) -> Figures:
    """The figures of a cell, from its clean samples or, where they are too few, from all.

    Args:
        samples: All samples, one at least.
        first_call_s: Seconds of the first call.
        fresh_s: Least seconds of a call at a new point, where one was made.

    Returns:
        Figures and what disturbs them.
    """
    clean = [sample for sample in samples if sample.clean]
    enough = len(clean) >= max(ENOUGH, PART * len(samples))
    counted = clean if enough else list(samples)
    seconds = [sample.seconds for sample in counted]
    # A neighbor only ever makes a call slower, so the fastest sample may be any.
    least_s = min(sample.seconds for sample in samples)
    q1, median, q3 = (float(q) for q in np.quantile(seconds, (0.25, 0.5, 0.75)))
    facts: dict[str, float | int | None] = {
        "min_s": least_s,
        "q1_s": q1,
        "median_s": median,
        "q3_s": q3,
        "samples": len(samples),
        "clean_samples": len(clean),
        "waited": waited(counted),
        "sleeps": sleeps(counted),
        "pace_s": min((s.seen.pace_s for s in counted if s.seen and s.seen.pace_s is not None), default=None),
        "loops": samples[0].loops,
    }
    return Figures(facts, _disturbance(counted, enough, least_s, first_call_s, fresh_s))


def _disturbance(
    counted: Sequence[Sample], enough: bool, least_s: float, first_call_s: float, fresh_s: float | None
) -> str:
    if len(counted) < ENOUGH:
        return f"{len(counted)} sample{'s' if len(counted) > 1 else ''} only, of {least_s:.2g} s a call"
    if not enough:
        return held_up([sample for sample in counted if not sample.clean])
    if counted[0].loops == 1:  # calls one after the other may find threads awake, or in each other's way
        for what, seconds in (("the first call", first_call_s), ("a call at a new point", fresh_s)):
            if seconds is not None and seconds * CONTRADICTION < least_s:
                return f"{what} took {least_s / seconds:.2g} times less than the fastest sample"
    return ""


def held_up(samples: Sequence[Sample]) -> str:
    """What spoiled these samples, in words."""
    seen = [sample.seen for sample in samples if sample.seen]
    paces = [one.pace for one in seen if one.pace is not None]
    if paces and min(paces) > pace.SLOW:
        return pace.said(min(paces))
    if (share := waited(samples)) and share > SHARE:
        return f"waited for a core for {share:.0%} of the time"
    if sum(one.throttled_s or 0.0 for one in seen):
        return "a quota of processor time held it back"
    if sum(one.steal_s or 0.0 for one in seen):
        return "the hypervisor gave the cores to others"
    if sum(one.switches or 0 for one in seen):
        return "gave its core away in every sample"
    return "other processes took the cores that its threads hand work to"

"""Timing one prepared call: warm-up, calibration, samples. Raw values; nothing is averaged here.

Every call is waited for until its result is materialized, so a sample is latency, not throughput of a
queue (a harness that never waits for JAX reported 30 ms where 270 passed). Input points are cycled, so
that nothing can be cached or folded; and because a compiler can keep a program for every value it has met (seen:
TensorFlow's XLA with reverse over forward mode, 0.4 ms at known points and 0.3 s at new ones), a few calls are made
at points that nobody has seen. Where those are far slower, they are the samples. The numbers of measuring.md: a
sample lasts at least 0.2 ms and at least 100 timer ticks; warm-up is at least 3 calls and 0.1 s.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from hessbench.harness.machine.witness import Reading, Witness
from hessbench.harness.planning.settings import Policy
from hessbench.harness.worker.samples import ENOUGH, Sample

TICK = max(time.get_clock_info("perf_counter").resolution, 70e-9)
SAMPLE_FLOOR = max(100 * TICK, 2e-4)
UNLIKE, NOTICEABLE = 10.0, 1e-3
"""The first call at a point may take so many times the second one there, and so many seconds more; beyond that it did
something else than compute, which no cache of the processor explains and no busy neighbor (it slows both)."""

PAUSE_S = 1e-3
"""Between two samples where a neighbor takes the core."""

SPARE = 2
"""Samples beyond the fewest, where a neighbor has spoiled one or two of these: of a long call there are no more, and
another one costs less than another launch."""

LATE_TRIES = 3
"""A busy neighbor can make one copy slow, hardly three in a row."""

SLOW = 50 * SAMPLE_FLOOR
"""A call that is slower than this stays slower than a sample must be, however much it still warms up."""


def sample_floor(policy: Policy) -> float:
    """The least length of a sample, long enough that the most samples fill the time to look."""
    # Forty samples of 0.2 ms would see 8 ms of a machine whose mood changes over tenths of a second.
    return max(SAMPLE_FLOOR, policy.sampling_s / max(policy.max_samples, 1))


@dataclass(slots=True)
class Measurement:
    """What was seen.

    Attributes:
        first_call_s: Seconds of the very first call.
        samples: The samples, in their order.
        fresh_s: Least seconds of a call at a point that was never seen before.
        burst_s: Seconds per call when a sample's calls are begun one after the other and only the last is waited for.
        spent_s: Seconds in all of this, earlier calls, warm-up and calibration included.
    """

    first_call_s: float
    samples: list[Sample] = field(default_factory=list)
    fresh_s: float | None = None
    burst_s: float | None = None
    spent_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Delivery:
    """A result and how it came.

    Attributes:
        sample: The call, until its result was said to be there.
        value: The result on the host.
        hidden_s: Further seconds that the first copy to the host took and the second did not.
    """

    sample: Sample
    value: Any
    hidden_s: float

    @property
    def late(self) -> bool:
        """Whether most of the computation was still to come when the clock was stopped."""
        return self.hidden_s >= max(NOTICEABLE, self.sample.seconds / 2)


class Stopwatch:
    """Calls a prepared method on input points in turn and waits for each result.

    Args:
        call: The prepared call.
        synchronize: Returns when a result is materialized.
        inputs: Tuples of device arrays, used in turn.
        fresh: Further ones, each used once.
        slowdown: Factor by which samples are stretched: a planted change that a comparison must find.
        witness: Sees whether this process's threads had a core.
    """

    def __init__(
        self,
        call: Callable[..., Any],
        synchronize: Callable[[Any], None],
        inputs: Sequence[tuple[Any, ...]],
        fresh: Sequence[tuple[Any, ...]] = (),
        slowdown: float = 1.0,
        witness: Witness | None = None,
    ) -> None:
        self._witness = witness or Witness()
        self._call = call
        self._synchronize = synchronize
        self._inputs = list(inputs)
        self._fresh = list(fresh)
        self._slowdown = slowdown
        self._turn = 0

    def once(self, index: int) -> tuple[Sample, Any]:
        """One call at the point of that index, as a sample, and its result."""
        return self._sampled(self._inputs[index])

    def delivered(self, index: int, to_host: Callable[[Any], Any]) -> Delivery:
        """One call at the point of that index, and its result on the host.

        Who copies a result that is there to the host takes as long the second time; a backend that does not wait
        pays for the whole computation the first time.

        Args:
            index: Index of the point.
            to_host: Copies a result to the host.

        Returns:
            The result, how long the call took, and what the first copy took beyond the second.
        """
        sample, result = self.once(index)
        ready = time.perf_counter()
        value = to_host(result)
        copied = time.perf_counter()
        to_host(result)
        return Delivery(sample, value, (copied - ready) - (time.perf_counter() - copied))

    def late(self, seen: Sequence[Delivery], to_host: Callable[[Any], Any]) -> str:
        """Why the clock cannot be trusted: a result that is waited for, yet not there.

        Args:
            seen: Calls made so far, but the very first: it may have compiled. Further ones are made only where all
                of these were late.
            to_host: Copies a result to the host.

        Returns:
            The reason, or the empty string.
        """
        if not all(delivery.late for delivery in seen):
            return ""
        tries = []
        for _ in range(LATE_TRIES):
            tries.append(self.delivered(0, to_host))
            if not tries[-1].late:
                return ""
        hidden, waited = min((delivery.hidden_s, delivery.sample.seconds) for delivery in tries)
        return (
            f"a call returned after {waited * 1e3:.2g} ms, and its result took {hidden * 1e3:.2g} ms more to be there"
        )

    def _timed(self, arguments: tuple[Any, ...]) -> tuple[float, Any]:
        start = time.perf_counter()
        result = self._call(*arguments)
        self._synchronize(result)
        return self._stretched(start), result

    def _sampled(self, arguments: tuple[Any, ...]) -> tuple[Sample, Any]:
        before = self._witness.read()
        seconds, result = self._timed(arguments)
        return Sample(seconds, 1, before.until(self._witness.read())), result

    def at_fresh_points(self, deadline: float, longest: float) -> tuple[list[Sample], bool]:
        """The first calls at points never seen before: one at least, more in time.

        Args:
            deadline: After that no further point is visited...
            longest: ...unless new points cost far more than known ones: then not after that.

        Returns:
            These calls, and whether new points cost far more.
        """
        first: list[Sample] = []
        dear = bool(self._fresh)
        while self._fresh and (not first or time.perf_counter() < (longest if dear else deadline)):
            arguments = self._fresh.pop()
            first.append(self._sampled(arguments)[0])
            dear &= first[-1].seconds > NOTICEABLE + UNLIKE * self._timed(arguments)[0]
        return first, dear

    def loop(self, loops: int) -> float:
        """Seconds of so many calls, points taken in turn."""
        call, synchronize, order = self._call, self._synchronize, self._next(loops)
        start = time.perf_counter()
        for arguments in order:
            synchronize(call(*arguments))
        return self._stretched(start)

    def burst(self, loops: int) -> float:
        """Seconds of so many calls of which only the last result is waited for; devices compute in order."""
        # Its inverse is the throughput. It is also the truth of the clock: samples that are shorter than their share
        # of it were stopped before their results were there.
        call, order = self._call, self._next(loops)
        result = None
        start = time.perf_counter()
        for arguments in order:
            result = call(*arguments)
        self._synchronize(result)
        return self._stretched(start)

    def _next(self, loops: int) -> list[tuple[Any, ...]]:
        """The points of so many calls, taken in turn."""
        count = len(self._inputs)
        order = [self._inputs[(self._turn + i) % count] for i in range(loops)]
        self._turn = (self._turn + loops) % count
        return order

    def _stretched(self, start: float) -> float:
        """Seconds since the start, after idling for the planted share of them."""
        seconds = time.perf_counter() - start
        if self._slowdown > 1:
            end = start + seconds * self._slowdown
            while time.perf_counter() < end:
                pass
            seconds = time.perf_counter() - start
        return seconds

    def warm_up(self, policy: Policy, earlier: Sequence[float], deadline: float) -> float:
        """Call until warm, earlier calls but the very first counted; returns the seconds of the last call."""
        calls, spent = len(earlier) - 1, sum(earlier[1:])
        last = earlier[-1]
        while (calls < policy.warmup_calls or spent < policy.warmup_s) and time.perf_counter() < deadline:
            last = self.loop(1)
            calls, spent = calls + 1, spent + last
        return last

    def calibrate(self, once: float, floor: float) -> int:
        """Calls per sample so that a sample lasts at least `floor` seconds: doubled from a guess until seen to."""
        loops = max(1, int(floor / max(once, TICK) / 2))
        while self.loop(loops) < floor:
            loops *= 2
        return loops

    def sample(self, loops: int, before: Reading, led_in: bool = False) -> tuple[Sample, Reading]:
        """One sample of so many calls, and the reading at its end, with which the next one begins.

        Args:
            loops: Calls.
            before: The reading before them.
            led_in: Whether a call that is not timed goes before: of few calls the first one, which wakes threads and
                fills caches, would be most of the sample (seen: 20 µs a call of many, 120 of one alone).

        Returns:
            The sample, and the reading.
        """
        if led_in:
            self.loop(1)
        seconds = self.loop(loops)
        after = self._witness.read()
        return Sample(seconds / loops, loops, before.until(after)), after

    def measure(self, policy: Policy, earlier: Sequence[Sample], loops: int | None = None) -> Measurement:
        """Warm up, calibrate (unless `loops` is given) and take samples.

        Sampling goes on until there are enough clean samples and enough has been looked at, or until the budget ends;
        where none is clean, samples become shorter, so that they fit between two turns of a neighbor.

        Args:
            policy: How long to look.
            earlier: The calls made so far with `once`, the very first call first. Where one call takes long, those
                after the first are samples, and it needs no warming up.
            loops: The loop count of an earlier round, reused so that rounds are alike.

        Returns:
            The samples, and what was seen beside them.
        """
        begin = time.perf_counter()
        made = [sample.seconds for sample in earlier]
        deadline = begin + policy.budget_s
        seen = Measurement(made[0])
        again = self._long(made, policy)
        if again is not None:
            seen.samples += [*earlier[1:], *again]
            self._take(seen, policy, 1, begin)
        else:
            once = self.warm_up(policy, made, deadline)
            fresh, dear = self.at_fresh_points(deadline, begin + policy.longest_s)
            seen.fresh_s = min((sample.seconds for sample in fresh), default=None)
            if dear:
                seen.samples += fresh
            else:
                calibrated = loops or (1 if once > SLOW else self.calibrate(once, sample_floor(policy)))
                self._take(seen, policy, calibrated, deadline)
                burst = max(seen.samples[-1].loops, 2)
                if time.perf_counter() < deadline:
                    seen.burst_s = self.burst(burst) / burst
        seen.spent_s = sum(made) + time.perf_counter() - begin
        return seen

    def _long(self, made: Sequence[float], policy: Policy) -> list[Sample] | None:
        """Further calls of a method whose calls are long at known points, too; None where they are not."""
        if len(made) < 2 or min(made[1:]) <= max(policy.sampling_s, SLOW):
            return None
        if ENOUGH * min(made[1:]) > policy.longest_s:
            return []
        again = self.once(len(self._inputs) - 1)[0]
        return [again] if again.seconds * UNLIKE > min(made[1:]) else None

    def _take(self, seen: Measurement, policy: Policy, loops: int, deadline: float) -> None:
        """Take samples until they suffice or time is up."""
        start = time.perf_counter()
        reading = self._witness.read()
        clean = sum(sample.clean for sample in seen.samples)
        apart = sum(not sample.crowded for sample in seen.samples)
        calibrated = loops
        held_up = 0  # samples in a row that a neighbor spoiled
        while not self._enough(seen, clean, apart, policy, start, deadline):
            alone = (loops < calibrated or held_up > 0) and seen.samples[-1].seconds < SLOW
            sample, reading = self.sample(loops, reading, led_in=alone)
            seen.samples.append(sample)
            clean += sample.clean
            apart += not sample.crowded
            held_up = 0 if sample.clean else held_up + 1
            if held_up >= ENOUGH and loops > 1 and sample.length_s > SAMPLE_FLOOR:
                held_up, loops = 1, loops // 2
            if held_up:
                time.sleep(PAUSE_S)  # a neighbor computes meanwhile, and who comes back begins with a whole slice
                reading = self._witness.read()

    @staticmethod
    def _enough(seen: Measurement, clean: int, apart: int, policy: Policy, start: float, deadline: float) -> bool:
        """Whether another sample is not worth its time; so many are clean, and in so many threads were apart."""
        now, taken = time.perf_counter(), len(seen.samples)
        if taken < ENOUGH or (0 < clean < ENOUGH and taken < ENOUGH + SPARE):
            return taken > 0 and now + seen.samples[-1].length_s > start + policy.longest_s
        if clean == taken and apart < ENOUGH and now < start + policy.sampling_s + policy.patience_s:
            return False  # the system parts threads that share a core some time later, seldom at once
        if now > deadline and clean >= ENOUGH:
            return True
        if clean < taken and now > start + policy.sampling_s + policy.patience_s:
            return True  # a neighbor stays, and another launch may be luckier
        return (
            now > deadline + policy.patience_s
            or clean >= policy.max_samples
            or (clean >= policy.min_samples and now - start >= policy.sampling_s)
        )

"""Counting, not timing: what a stopwatch calls, when, and what it keeps."""

import pytest

from hessbench.harness.machine.witness import Reading
from hessbench.harness.planning.settings import DEFAULT, QUICK, Policy
from hessbench.harness.worker import samples, stopwatch
from hessbench.harness.worker.samples import ENOUGH, Sample
from hessbench.harness.worker.stopwatch import SAMPLE_FLOOR, Stopwatch

FAST = Policy(warmup_calls=3, warmup_s=0, min_samples=4, sampling_s=0, max_samples=6, budget_s=60)


class Clock:
    """Time that passes while somebody sleeps, and a little with every look: no neighbor makes it longer."""

    now = 0.0

    def perf_counter(self):
        self.now += 1e-7
        return self.now

    def sleep(self, seconds):
        self.now += seconds


clock = Clock()


@pytest.fixture(autouse=True)
def planted(monkeypatch):
    for module in (stopwatch, samples):
        monkeypatch.setattr(module, "time", clock)


class Calm:
    """A witness who saw nothing."""

    def read(self):
        return Reading({"1": 0}, 0.0, 0, 0, 0.0, None, 0)


class Recorder:
    """A call that remembers its arguments and takes a set time; and a device that must be waited for."""

    def __init__(self, seconds=1e-6):
        self.seconds, self.calls, self.waited = seconds, [], []

    def call(self, *arguments):
        self.calls.append(arguments)
        clock.sleep(self.seconds)
        return arguments

    def synchronize(self, result):
        self.waited.append(result)

    def watch(self, *inputs):
        return Stopwatch(self.call, self.synchronize, [(x,) for x in inputs], witness=Calm())


def assert_all_but_the_burst_is_waited_for(recorder):
    """A burst comes last, and waits for its last call."""
    *singly, last = recorder.waited
    assert singly == recorder.calls[: len(singly)]
    assert last == recorder.calls[-1]


def test_every_call_is_waited_for():
    recorder = Recorder()
    watch = recorder.watch("a", "b")
    watch.measure(FAST, [watch.once(0)[0], watch.once(1)[0]])
    assert_all_but_the_burst_is_waited_for(recorder)


def test_input_points_are_cycled():
    recorder = Recorder()
    watch = recorder.watch("a", "b", "c")
    watch.loop(2)
    watch.loop(5)
    assert [x for (x,) in recorder.calls] == ["a", "b", "c", "a", "b", "c", "a"]


def test_a_fast_call_is_looped_until_a_sample_is_long_enough():
    watch = Recorder().watch("a")
    seen = watch.measure(FAST, [watch.once(0)[0]])
    assert seen.samples[-1].loops > 1
    assert len(seen.samples) == FAST.min_samples


def test_the_most_samples_fill_the_time_to_look():
    policy = Policy(warmup_calls=2, warmup_s=0, min_samples=3, sampling_s=0.08, max_samples=8, budget_s=60)
    seen = Recorder(1e-3).watch("a").measure(policy, [Sample(1e-3, 1)])
    assert seen.samples[-1].loops >= 4
    assert sum(sample.length_s for sample in seen.samples) >= policy.sampling_s / 2


def test_calls_that_get_faster_while_warming_up_do_not_spoil_the_loop_count():
    durations = iter([0.02, 3e-4, 3e-4])

    def call(x):
        clock.sleep(next(durations, 1e-6))

    watch = Stopwatch(call, lambda result: None, [("a",)], witness=Calm())
    seen = watch.measure(FAST, [watch.once(0)[0], watch.once(0)[0]])
    assert seen.samples[-1].loops > 1


def test_a_slow_call_is_one_loop():
    watch = Recorder(5 * SAMPLE_FLOOR).watch("a")
    assert watch.measure(FAST, [watch.once(0)[0]]).samples[-1].loops == 1


def test_the_loop_count_of_an_earlier_round_is_reused():
    recorder = Recorder(2 * SAMPLE_FLOOR)
    watch = recorder.watch("a")
    seen = watch.measure(FAST, [Sample(1e-3, 1)], loops=3)
    assert seen.samples[-1].loops == 3
    assert len(recorder.calls) == FAST.warmup_calls + 3 * (len(seen.samples) + 1)  # and a burst


def test_of_a_burst_only_the_last_call_is_waited_for():
    recorder = Recorder()
    recorder.watch("a", "b").burst(5)
    assert len(recorder.calls) == 5
    assert recorder.waited == recorder.calls[-1:]


def test_a_clock_that_stops_too_early_is_shorter_than_its_burst():
    """A device with a queue: calls return at once, and a wait lasts as long as what is queued."""
    queue = []

    def wait(result):
        clock.sleep(2e-3 * len(queue))
        queue.clear()

    honest = Stopwatch(queue.append, wait, [("a",)], witness=Calm()).measure(FAST, [Sample(2e-3, 1)])
    assert 0.5 < honest.burst_s / min(sample.seconds for sample in honest.samples) < 2


@pytest.mark.parametrize("slowdown", [1.5, 3.0])
def test_a_planted_slowdown_stretches_samples_and_bursts(slowdown):
    watch = Stopwatch(lambda x: clock.sleep(5e-3), lambda result: None, [("a",)], slowdown=slowdown)
    assert watch.loop(2) >= 2 * slowdown * 5e-3
    assert watch.burst(2) >= 2 * slowdown * 5e-3


@pytest.mark.parametrize("seconds", [5e-3, 0.4], ids=["looped", "one call a sample"])
def test_a_planted_slowdown_is_in_every_figure(seconds):
    """A comparison that looks for it reads the least sample: one that was not stretched would hide it."""
    watch = Stopwatch(lambda x: clock.sleep(seconds), lambda result: None, [("a",), ("b",)], slowdown=1.5)
    seen = watch.measure(FAST, [watch.once(0)[0], watch.once(1)[0]])
    assert min(sample.seconds for sample in seen.samples) >= 1.5 * seconds


def test_samples_are_seconds_per_call():
    seen = Recorder(0.01).watch("a").measure(FAST, [Sample(0.01, 1)], loops=2)
    assert all(0.01 <= sample.seconds < 0.1 for sample in seen.samples)


def test_calls_beyond_the_budget_are_repeated_until_there_are_three_samples():
    recorder = Recorder(0.02)
    watch = recorder.watch("a", "b")
    earlier = [watch.once(0)[0], watch.once(1)[0]]
    seen = watch.measure(Policy(warmup_calls=2, warmup_s=0, sampling_s=0, budget_s=0.01), earlier)
    assert seen.samples[:1] == earlier[1:]
    assert len(seen.samples) == ENOUGH
    assert len(recorder.calls) == 1 + ENOUGH


def test_calls_too_long_for_three_samples_are_not_repeated():
    recorder = Recorder(0.05)
    watch = recorder.watch("a", "b")
    earlier = [watch.once(0)[0], watch.once(1)[0]]
    seen = watch.measure(Policy(warmup_calls=2, warmup_s=0, sampling_s=0, budget_s=0.01, longest_s=0.02), earlier)
    assert seen.samples == earlier[1:]
    assert len(recorder.calls) == 2


def test_the_first_call_is_never_a_sample():
    watch = Recorder().watch("a")
    seen = watch.measure(FAST, [Sample(123.0, 1), Sample(1e-6, 1)])
    assert seen.first_call_s == 123.0
    assert max(sample.seconds for sample in seen.samples) < 1


def test_there_is_always_a_sample():
    seen = Recorder(0.02).watch("a").measure(Policy(warmup_s=0, budget_s=0.001, longest_s=0.01), [Sample(0.02, 1)])
    assert len(seen.samples) == 1


def test_policies_follow_the_house_rules():
    assert (DEFAULT.warmup_calls, DEFAULT.warmup_s, DEFAULT.min_samples, DEFAULT.sampling_s) == (3, 0.1, 7, 0.3)
    assert QUICK.min_samples >= 3


class PerValue(Recorder):
    """A call that takes long at a point that it has not met, as if it compiled for it."""

    def call(self, *arguments):
        known = arguments in self.calls
        self.calls.append(arguments)
        clock.sleep(1e-6 if known else 0.02)
        return arguments


def test_a_method_that_compiles_for_every_value_is_timed_at_new_values():
    slow = PerValue()
    watch = Stopwatch(slow.call, slow.synchronize, [("a",), ("b",)], fresh=[("c",), ("d",), ("e",)], witness=Calm())
    seen = watch.measure(FAST, [watch.once(0)[0], watch.once(1)[0]])
    assert seen.samples[-1].loops == 1
    assert len(seen.samples) == 3
    assert min(sample.seconds for sample in seen.samples) == seen.fresh_s >= 0.02


def test_a_fresh_point_changes_nothing_for_an_honest_method():
    recorder = Recorder()
    watch = Stopwatch(recorder.call, recorder.synchronize, [("a",)], fresh=[("c",), ("d",)], witness=Calm())
    seen = watch.measure(FAST, [watch.once(0)[0]])
    assert len(seen.samples) == FAST.min_samples
    assert seen.fresh_s is not None
    assert_all_but_the_burst_is_waited_for(recorder)


class Lazy(Recorder):
    """Nobody waits: the result is computed when it is first copied to the host."""

    def __init__(self, seconds):
        super().__init__()
        self.cost = seconds
        self.copied = set()

    def call(self, *arguments):
        super().call(*arguments)
        return len(self.calls)

    def to_host(self, result):
        clock.sleep(0 if result in self.copied else self.cost)
        self.copied.add(result)
        return result


@pytest.mark.parametrize(("cost", "late"), [(0.0, False), (0.02, True)])
def test_a_result_that_comes_late_is_confirmed_by_further_calls(cost, late):
    lazy = Lazy(cost)
    watch = lazy.watch("a", "b")
    seen = [watch.delivered(i, lazy.to_host) for i in (0, 1)]
    assert [delivery.value for delivery in seen] == [1, 2]
    assert bool(watch.late(seen[1:], lazy.to_host)) == late
    assert (len(lazy.calls) > 2) == late


def test_one_late_result_of_several_is_a_busy_neighbor():
    lazy = Lazy(0.02)
    watch = lazy.watch("a", "b")
    seen = [watch.delivered(0, lazy.to_host), watch.delivered(1, lambda result: result)]
    assert watch.late(seen, lazy.to_host) == ""
    assert len(lazy.calls) == 2


class Neighborly(Calm):
    """A witness of a core that somebody else takes: what runs longer than a slice waits for another."""

    def __init__(self, slice_s):
        self.slice_s, self.waited = slice_s, 0
        self.last = clock.perf_counter()

    def read(self):
        now = clock.perf_counter()
        if now - self.last > self.slice_s:
            self.waited += int(1e9 * (now - self.last) / 2)
        self.last = now
        return Reading({"1": self.waited}, 0.0, 0, 0, 0.0, None, 1)


def test_samples_get_shorter_until_they_fit_between_two_turns_of_a_neighbor():
    policy = Policy(warmup_calls=2, warmup_s=0, min_samples=4, sampling_s=0, max_samples=6, budget_s=60)
    recorder = Recorder(1e-4)
    watch = Stopwatch(recorder.call, recorder.synchronize, [("a",)], witness=Neighborly(3e-3))
    seen = watch.measure(policy, [Sample(1e-4, 1)], loops=64)
    first, last = seen.samples[0], seen.samples[-1]
    assert (first.loops, first.clean) == (64, False)
    assert last.loops < 32
    assert sum(sample.clean for sample in seen.samples) == policy.min_samples


def test_the_call_that_wakes_everybody_is_no_part_of_a_short_sample():
    class Cold(Recorder):
        """The first call after a pause takes ten times as long."""

        warm_until = 0.0

        def call(self, *arguments):
            clock.sleep(1e-4 if clock.now < self.warm_until else 1e-3)
            self.warm_until = clock.now + 1e-5

    class Looking(Neighborly):
        """To look takes a while, too."""

        def read(self):
            clock.sleep(1e-4)
            return super().read()

    policy = Policy(warmup_calls=2, warmup_s=0, min_samples=4, sampling_s=0, max_samples=6, budget_s=60)
    watch = Stopwatch(Cold().call, lambda result: None, [("a",)], witness=Looking(3e-3))
    seen = watch.measure(policy, [Sample(1e-4, 1)], loops=64)
    assert seen.samples[-1].loops < 64
    assert min(sample.seconds for sample in seen.samples if sample.clean) < 1.1e-4


def test_a_long_call_gets_another_sample_for_one_that_a_neighbor_spoiled():
    recorder = Recorder(0.3)
    slices = iter([1.0, 1e-6])  # the first sample in which the second of these holds waits

    class Once(Neighborly):
        def read(self):
            self.slice_s = next(slices, 1.0)
            return super().read()

    policy = Policy(warmup_calls=2, warmup_s=0, min_samples=3, sampling_s=0.1, budget_s=0.5, patience_s=0.1)
    watch = Stopwatch(recorder.call, recorder.synchronize, [("a",)], witness=Once(1.0))
    seen = watch.measure(policy, [Sample(0.3, 1)], loops=1)
    assert sum(sample.clean for sample in seen.samples) == ENOUGH == len(seen.samples) - 1


def test_patience_with_a_neighbor_who_stays_has_an_end():
    policy = Policy(warmup_calls=2, warmup_s=0, min_samples=4, sampling_s=0, budget_s=0.02, patience_s=0.05)
    recorder = Recorder(1e-3)
    watch = Stopwatch(recorder.call, recorder.synchronize, [("a",)], witness=Neighborly(1e-6))
    seen = watch.measure(policy, [Sample(1e-3, 1)])
    assert len(seen.samples) >= ENOUGH
    assert not any(sample.clean for sample in seen.samples)


class Crowded(Calm):
    """A witness of threads that wake each other ten times in a sample, until some moment on one core."""

    def __init__(self, until_s):
        self.until_s, self.waited, self.sleeps = until_s, 0, 0

    def read(self):
        self.sleeps += 10
        self.waited += int(1e6 * (clock.now < self.until_s))
        return Reading({"1": self.waited}, 0.0, 0, self.sleeps, 0.0, None, 0)


@pytest.mark.parametrize(("parted_s", "apart"), [(0.03, ENOUGH), (9.0, 0)])
def test_threads_that_share_a_core_are_given_time_to_part(parted_s, apart):
    policy = Policy(warmup_calls=2, warmup_s=0, min_samples=4, sampling_s=0, max_samples=6, patience_s=0.1)
    recorder, start = Recorder(2e-5), clock.now
    watch = Stopwatch(recorder.call, recorder.synchronize, [("a",)], witness=Crowded(start + parted_s))
    seen = watch.measure(policy, [Sample(2e-5, 1)], loops=10)
    assert all(sample.clean for sample in seen.samples)
    assert sum(not sample.crowded for sample in seen.samples) == apart
    assert clock.now - start < 0.2

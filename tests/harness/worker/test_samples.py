"""Which samples count, and what is said of a cell: from observations that are made up."""

import pytest

from hessbench.harness.machine.witness import Observation
from hessbench.harness.worker.samples import ENOUGH, SHARE, Sample, figures, undisturbed, waited
from hessbench.results.stored.pace import SLOW

CALM = Observation(0.0, 1.0, 0, 0, 0.0, None, 0)


def seen(waited_s=0.0, switches=0, steal_s=0.0, throttled_s=None, others=1, pace=None, sleeps=0):
    return Observation(waited_s, 0.0, switches, sleeps, steal_s, throttled_s, others, None, pace)


def sample(seconds, observed=CALM, loops=1):
    return Sample(seconds, loops, observed)


@pytest.mark.parametrize(
    ("observed", "clean"),
    [
        (seen(waited_s=0.99 * SHARE), True),
        (seen(waited_s=1.01 * SHARE), False),
        (seen(waited_s=2.0, others=0), True),  # its threads waited for each other
        (seen(waited_s=2.0, others=None), False),
        (seen(waited_s=None, switches=0), True),
        (seen(waited_s=None, switches=3), False),
        (seen(waited_s=None, switches=3, others=0), True),
        (seen(waited_s=None, switches=None, steal_s=None, others=None), True),  # nothing is known
        (seen(steal_s=0.06, others=0), False),
        (seen(throttled_s=0.5, others=0), False),
        (seen(pace=1.3, others=0), False),
        (seen(pace=SLOW, others=0), True),
        (seen(sleeps=1), False),  # handed to a thread that shares its core
        (seen(sleeps=1, others=0), True),
    ],
)
def test_clean_is_what_nobody_took_a_core_from(observed, clean):
    assert undisturbed(observed, 1.0) == clean


def test_the_figures_are_those_of_the_clean_samples_and_the_least_of_all():
    held_up = [sample(5.0, seen(waited_s=3.0)), sample(0.5, seen(steal_s=0.4))]
    found = figures([*held_up, *(sample(seconds) for seconds in (1.2, 1.0, 1.1))], 3.0, None)
    assert (found.facts["min_s"], found.facts["median_s"]) == (0.5, 1.1)  # a neighbor only makes it slower
    assert (found.facts["samples"], found.facts["clean_samples"]) == (5, 3)
    assert found.facts["waited"] == 0.0
    assert not found.disturbed


def test_how_often_threads_slept_is_told_per_call():
    told = [sample(1.0, seen(sleeps=count), loops=4) for count in (1, 2, 9)]
    assert figures(told, 1.0, None).facts["sleeps"] == 1.0
    assert figures([sample(1.0, None)] * ENOUGH, 1.0, None).facts["sleeps"] is None


@pytest.mark.parametrize(
    ("observed", "crowded"),
    [
        (seen(waited_s=1e-5, sleeps=10, others=0), True),
        (seen(waited_s=0.0, sleeps=10, others=0), False),
        (seen(waited_s=1e-5, sleeps=1, others=0), False),  # waking is little of it
        (seen(waited_s=None, sleeps=10), False),
        (None, False),
    ],
)
def test_crowded_is_a_sample_whose_threads_wake_each_other_on_one_core(observed, crowded):
    assert sample(2e-5, observed, loops=10).crowded == crowded


@pytest.mark.parametrize(("sleeps", "clean"), [(2, True), (8, False)])
def test_a_call_that_is_handed_over_now_and_then_spoils_no_sample(sleeps, clean):
    assert undisturbed(seen(sleeps=sleeps), 1.0, calls=40) == clean


def test_a_few_clean_samples_of_many_are_no_figure():
    held_up = [sample(1.0, seen(waited_s=0.5))]
    assert figures(held_up * 12 + [sample(1.0)] * ENOUGH, 1.0, None).disturbed
    assert not figures(held_up * 9 + [sample(1.0)] * ENOUGH, 1.0, None).disturbed


@pytest.mark.parametrize(
    ("observed", "reason"),
    [
        (seen(waited_s=0.5), "waited for a core for 50% of the time"),
        (seen(pace=1.44), "the core was 1.4 times slower than usual"),
        (seen(steal_s=0.5), "the hypervisor gave the cores to others"),
        (seen(throttled_s=0.5), "a quota of processor time held it back"),
        (seen(waited_s=None, switches=2), "gave its core away in every sample"),
    ],
)
def test_too_few_clean_samples_are_said_with_what_spoiled_the_others(observed, reason):
    found = figures([sample(1.0, observed)] * 5 + [sample(1.0)] * (ENOUGH - 1), 1.0, None)
    assert found.disturbed == reason
    assert found.facts["min_s"] == 1.0


def test_two_samples_are_no_figure():
    assert figures([sample(2.0), sample(2.0)], 2.0, None).disturbed == "2 samples only, of 2 s a call"


@pytest.mark.parametrize(("first", "fresh", "loops"), [(0.5, None, 1), (9.0, 0.5, 1)])
def test_a_first_or_a_fresh_call_that_is_far_faster_contradicts_the_samples(first, fresh, loops):
    found = figures([sample(1.0, loops=loops)] * 5, first, fresh)
    assert "took 2 times less than the fastest sample" in found.disturbed


def test_calls_in_a_row_may_be_slower_than_single_ones():
    assert not figures([sample(1.0, loops=10)] * 5, 0.5, 0.5).disturbed


def test_a_system_that_tells_nothing_has_no_share():
    blind = seen(waited_s=None, switches=None, others=None)
    assert waited([sample(1.0, blind)]) is None
    assert figures([sample(1.0, blind)] * 5, 1.0, None).facts["waited"] is None

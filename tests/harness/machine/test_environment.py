"""What is noted of the machine, and how workers share it."""

import pytest

from hessbench.harness.machine import environment


@pytest.mark.parametrize(("launches", "set_by_person"), [(1, {}), (2, {}), (2, {"OMP_NUM_THREADS": "3"}), (99, {})])
def test_workers_at_a_time_divide_the_cores_and_leave_what_a_person_has_set(launches, set_by_person):
    added = environment.shared_out(launches, set_by_person)
    assert not added.keys() & set_by_person.keys()
    assert added.keys() == (set() if launches == 1 else set(environment.POOLS) - set_by_person.keys())
    assert all(1 <= int(value) <= max(1, environment.usable_cores() / launches) for value in added.values())

"""A known fault of a framework explains what looks like it, and nothing else."""

import pytest

import hessbench as hb
from hessbench import backends
from hessbench.backends.contract.namespace import VOCABULARY

DECLARED = [
    pytest.param(fault, method, id=f"{name}-{method.name}-{fault.text[:20]}")
    for name in backends.BUILT_IN
    for method in backends.load(name).methods
    for fault in method.faults
]


@pytest.mark.parametrize(("fault", "method"), DECLARED)
def test_it_is_told_through_its_operations_only(fault, method):
    for status in fault.outcomes:
        assert fault.text not in method.known("ok", "", frozenset(VOCABULARY))
        if fault.operations:
            others = frozenset(VOCABULARY) - set(fault.operations)
            assert fault.text not in method.known(status, "", others)
            assert fault.says or fault.text in method.known(status, "", frozenset(fault.operations))
        else:
            assert fault.says, "neither operations nor looks: it would explain everything"
            assert fault.text not in method.known(status, "entry (0, 0) is off by 1", frozenset(VOCABULARY))


def test_what_calls_no_linear_algebra_is_not_excused_by_it():
    """f drops its derivative by itself; forward mode of PyTorch has nothing to do with it."""
    found = hb.check(
        lambda xp, x: xp.sum(x**3) + float(x[0]) ** 2, [1.0, 2.0], backends="torch", methods="jacfwd-jacfwd-eager"
    )
    assert found.loc[0, "status"] in ("wrong", "error")
    assert "known of this method" not in found.loc[0, "reason"]


def test_a_linear_function_in_tf_hessians_is_explained():
    found = hb.check(lambda xp, x: xp.sum(x), [1.0, 2.0], backends="tensorflow", methods="hessians-graph")
    assert found.loc[0, "status"] == "error"
    assert found.loc[0, "reason"].endswith("(known of this method: raises for a linear f, whose gradient has no graph)")

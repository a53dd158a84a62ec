"""What is particular to PyTorch's tensors."""

import numpy as np
import pytest

import hessbench as hb

X = np.array([0.3, -0.4])


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("method", ["jacrev-grad-eager", "func-hessian-eager", "autograd-hessian-eager"])
def test_zeros_that_forward_mode_knows_to_be_such_are_zeros(dtype, method):
    pytest.importorskip("torch")
    found = hb.hessian(lambda xp, x: xp.sum(xp.abs(x)), X, backend="torch", method=method, dtype=dtype)
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, np.zeros((2, 2)))


def test_they_are_judged_as_any_result():
    pytest.importorskip("torch")
    rows = hb.check(lambda xp, x: xp.sum(xp.abs(x)), X, backends="torch", methods="func-hessian-eager")
    assert list(rows["status"]) == ["ok"]

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


@pytest.mark.parametrize(
    ("compute", "method"),
    [
        (hb.hessian, "jacrev-grad-inductor"),
        (hb.sparse_hessian, "sparse-vjp-inductor"),
    ],
)
def test_what_inductor_makes_of_index_select_is_refused(compute, method):
    """It was zero, without a word, where products are mapped over directions."""
    pytest.importorskip("torch")
    f = lambda xp, x, i: xp.sum(xp.take(x, i) ** 4)  # noqa: E731
    with pytest.raises(hb.UsageError, match="index_select"):
        compute(f, np.ones(3), np.array([0, 0, 2]), backend="torch", method=method)

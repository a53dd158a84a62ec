"""Each kind of fault is named by what it does to the numbers."""

import numpy as np
import pytest

from hessbench.harness.judging.diagnosis import diagnose

RNG = np.random.default_rng(11)
JACOBIAN = RNG.standard_normal((12, 6))
GAUSS_NEWTON = JACOBIAN.T @ JACOBIAN
CURVATURE = np.diag([-9.0, 2.0, 0.3, -4.0, 1.0, 0.5])
H = GAUSS_NEWTON + 6 * CURVATURE
ELSEWHERE = H + 0.1 * np.diag(RNG.standard_normal(6))


def changed(change):
    h = H.copy()
    change(h)
    return h


def _zero_second(h):
    h[2] = 0
    h[:, 2] = 0


def _off_diagonal(h):
    h[0, 3] *= 1 + 1e-6
    h[3, 0] *= 1 + 1e-6


def _transposed_block(h):
    h[:2, 3:5] = h[:2, 3:5].T.copy()
    h[3:5, :2] = h[:2, 3:5].T


def _upper_garbage(h):
    h[np.triu_indices(6, 1)] *= 1.5


def tf32(h):
    return h * (1 + 3e-4 * np.sign(RNG.standard_normal(h.shape)))


FAULTS = [
    (changed(_off_diagonal), "right on the diagonal; 2 of 36 entries are off"),
    (changed(_transposed_block), "the right numbers in wrong places"),
    (changed(_upper_garbage), "right in the lower triangle only"),
    (changed(_upper_garbage).T, "right in the upper triangle only"),
    (changed(_zero_second), "zero for variable 2, as if f did not depend on that"),
    (np.zeros_like(H), "zero everywhere"),
    (2 * H, "2 times the right one"),
    (H / 2, "0.5 times the right one"),
    (1.000001 * H, "1.000001 times the right one"),
    (H.astype(np.float32).astype(float), "every entry is a float32 number"),
    (H * (1 + 1e-7 * RNG.standard_normal(H.shape)), "rounding of float32"),
    (tf32(H), "rounding of TF32"),
    (GAUSS_NEWTON, "positive semidefinite where the right one is not (a Gauss-Newton matrix"),
    (ELSEWHERE, "the value at another point"),
]


@pytest.mark.parametrize(("result", "name"), FAULTS, ids=[name[:40] for _, name in FAULTS])
def test_a_fault_is_named(result, name):
    assert diagnose(result, H, {"the value at another point": ELSEWHERE}).startswith(name)


def test_noise_of_no_kind_has_no_name():
    assert diagnose(H + 0.1 * RNG.standard_normal(H.shape), H, {}) == ""


@pytest.mark.parametrize("shape", [(), (5,), (3, 4), (3, 4, 4)])
def test_every_shape_of_result_can_be_looked_at(shape):
    truth = RNG.standard_normal(shape)
    assert diagnose(3 * truth, truth, {}) == ("3 times the right one" if truth.ndim else "")
    assert isinstance(diagnose(truth + RNG.standard_normal(shape), truth, {}), str)


@pytest.mark.parametrize("scale", [1e-310, 1e-170, 1e155, 1e300])
def test_a_fault_is_named_however_large_its_numbers(scale):
    """Squares of such numbers are zero or infinite, and zero is no more than zero."""
    others = {"the value at another point": ELSEWHERE * scale}
    assert diagnose(2 * H * scale, H * scale, others) == "2 times the right one"
    assert diagnose(0 * H, H * scale, others) == "zero everywhere"


@pytest.mark.parametrize(
    "wrong", [1.001, np.diag([1.001, 1.0, 1.0]), np.diag([1.0001, 1.0002, 1.0003, 1.0004, 1.0005])]
)
def test_a_few_errors_or_all_to_one_side_are_not_called_rounding(wrong):
    assert "rounding" not in diagnose(np.asarray(wrong), np.eye(len(wrong)) if np.ndim(wrong) else np.ones(()), {})


@pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
def test_of_one_number_nothing_is_said_that_holds_of_every_number(shape):
    assert diagnose(np.full(shape, 0.9), np.full(shape, 0.93), {}) == ""

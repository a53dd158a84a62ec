"""The certified answers of NIST StRD: external numbers for f, its gradient and the Jacobian inside its Hessian."""

import numpy as np
import pytest

from hessbench import suites
from hessbench.suites.published.nist import curves, exponentials
from hessbench.suites.published.nist.data import CERTIFIED, DATA

MODELS = {**curves.MODELS, **exponentials.MODELS}


@pytest.fixture(params=CERTIFIED)
def case(request):
    name = request.param
    return suites.load("nist")[name], CERTIFIED[name], np.array(CERTIFIED[name].parameters), DATA[name]


def test_the_residual_sum_of_squares_is_the_certified_one(case):
    problem, certified, x, data = case
    assert problem.objective(np, x, *data) == pytest.approx(certified.residual_sum_of_squares, rel=1e-9)


def test_the_certified_parameters_are_a_minimum(case):
    """The gradient vanishes to the digits that are printed, and the Hessian is positive definite."""
    problem, _, x, data = case
    hessian = problem.hessian(x, *data)
    step = np.linalg.solve(hessian, problem.gradient(x, *data))
    assert np.max(np.abs(step / x)) <= 1e-9
    scale = 1 / np.sqrt(np.diagonal(hessian))
    assert np.linalg.eigvalsh(scale[:, None] * hessian * scale)[0] > 0


def test_standard_deviations_are_the_certified_ones(case):
    """s^2 inv(J'J) has the squares of the parameters' standard deviations on its diagonal."""
    problem, certified, x, data = case
    jacobian = MODELS[problem.name](x, data[0]).first
    freedom = jacobian.shape[1] - x.size
    s = np.sqrt(certified.residual_sum_of_squares / freedom)
    assert s == pytest.approx(certified.residual_deviation, rel=1e-9)
    _, r = np.linalg.qr(jacobian.T)
    deviations = s * np.linalg.norm(np.linalg.inv(r), axis=1)
    np.testing.assert_allclose(deviations, certified.deviations, rtol=1e-6)

"""Estimators against their own theory, over many seeds; what is biased is caught and named, what is unlucky is not."""

import importlib.util

import numpy as np
import pytest

from hessbench import backends, suites
from hessbench.backends.contract.estimators import ESTIMATORS, Estimate
from hessbench.backends.numeric.reference import Reference
from hessbench.harness.judging.curvature.estimates import verdict
from hessbench.harness.judging.references import References
from hessbench.harness.planning.grid import Cell
from hessbench.harness.worker.case import Case
from hessbench.suites.definition.problem import draw

N, SEEDS = 40, 400
TRACES = [name for name, one in ESTIMATORS.items() if one.formula and "diag" not in name]
DIAGONALS = [name for name in ESTIMATORS if "diag" in name]


def matrix(decay, n=N):
    """Eigenvalues decay**i in a random basis."""
    q = np.linalg.qr(np.random.default_rng(1).standard_normal((n, n)))[0]
    return q @ np.diag(decay ** np.arange(n)) @ q.T


def estimates(name, h, products, seeds=SEEDS):
    formula = ESTIMATORS[name].formula
    return np.stack(
        [formula(np, lambda v: v @ h, Estimate(name, products, seed).draw(len(h))) for seed in range(seeds)]
    )


def judged(name, h, result, products, operator="trace"):
    cell = Cell("own", "matrix", len(h), operator, "numpy", "m", "float64", "cpu")
    known = Reference(h, np.zeros_like(h), "closed_form")
    return verdict(cell, Estimate(name, products), np.asarray(result), known, 1.0)


@pytest.mark.parametrize("decay", [1.0, 0.7])
@pytest.mark.parametrize("name", TRACES)
def test_estimates_of_a_trace_are_unbiased(name, decay):
    h = matrix(decay)
    found = estimates(name, h, 12)
    assert abs(found.mean() - np.trace(h)) <= 5 * found.std() / np.sqrt(SEEDS) + 1e-12


@pytest.mark.parametrize("name", DIAGONALS)
def test_estimates_of_a_diagonal_are_unbiased(name):
    h = matrix(0.9)
    found = estimates(name, h, 12)
    assert np.all(np.abs(found.mean(axis=0) - np.diagonal(h)) <= 5.5 * found.std(axis=0) / np.sqrt(SEEDS))


@pytest.mark.parametrize("scale", [1e-30, 1e-21, 1e18, 1e30])
@pytest.mark.parametrize("name", ["xtrace", "xdiag"])
def test_an_estimate_is_as_large_as_its_matrix_in_float32(name, scale):
    """Squares of the inverse of R left the range of float32."""
    h, probes = matrix(0.9).astype(np.float32), Estimate(name, 12).draw(N).astype(np.float32)
    one, other = (ESTIMATORS[name].formula(np, lambda v, c=c: v @ h * np.float32(c), probes) / c for c in (1, scale))
    np.testing.assert_allclose(other, one, rtol=1e-3, atol=1e-3 * np.max(np.abs(one)))


def test_deflation_beats_hutchinson_on_decaying_spectra():
    h = matrix(0.7)
    error = {name: np.abs(estimates(name, h, 24, 40) - np.trace(h)).mean() for name in TRACES}
    assert error["xtrace"] < error["hutch++"] < error["hutchinson-normal"] / 3


def test_hutchinson_errs_as_its_variance_says():
    h, m = matrix(0.9), 16
    spread = estimates("hutchinson-normal", h, m).std()
    assert 0.85 <= spread / np.sqrt(2 * np.sum(h * h) / m) <= 1.15


@pytest.mark.parametrize("name", TRACES)
def test_nobody_is_called_biased_who_is_unlucky(name):
    h = matrix(0.8)
    for seed in range(100):
        estimate = Estimate(name, 9, seed)
        result = ESTIMATORS[name].formula(np, lambda v: v @ h, estimate.draw(N))
        cell = Cell("own", "matrix", N, "trace", "numpy", "m", "float64", "cpu")
        known = Reference(h, np.zeros_like(h), "closed_form")
        assert verdict(cell, estimate, np.asarray(result), known, 1.0).status != "wrong"


def test_one_part_in_a_hundred_is_a_bias_at_ten_thousand_products():
    h = 2 * np.eye(200) + 0.05 * matrix(1.0, 200)
    name, products = "hutchinson-rademacher", 10**4
    right = ESTIMATORS[name].formula(np, lambda v: v @ h, Estimate(name, products).draw(len(h)))
    assert judged(name, h, right, products).status == "ok"
    found = judged(name, h, 1.01 * right, products)
    assert (found.status, found.fault) == ("wrong", "biased")


def test_a_small_bias_is_seen_beside_the_same_probes():
    h = matrix(0.8)
    right = ESTIMATORS["xtrace"].formula(np, lambda v: v @ h, Estimate("xtrace", 12).draw(N))
    found = judged("xtrace", h, 1.0001 * right, 12)
    assert found.fault == "silently-wrong"
    assert "of the same probes" in found.reason


def test_too_few_products_and_too_many_are_one_line():
    h = matrix(1.0)
    right = ESTIMATORS["hutchinson-normal"].formula(np, lambda v: v @ h, Estimate("hutchinson-normal", 1).draw(N))
    found = judged("hutchinson-normal", h, right, 1)
    assert found.status == "unverifiable"
    assert "too few" in found.reason
    assert "more than n = 40" in Estimate("xtrace", 64).why_not(N)
    assert "take fewer (-m40-), or an exact method" in Estimate("xtrace", 64).why_not(N)
    assert "needs 3 products" in Estimate("hutch++", 2).why_not(N)
    assert not Estimate("hutch++", 3).why_not(N)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_fewer_products_are_advised_only_where_an_estimator_takes_so_few(name):
    for n in (1, 2, 3):
        said = Estimate(name, n + 1).why_not(n)
        assert ("take fewer" in said) == (not Estimate(name, n).why_not(n))
        assert "an exact method" in said


@pytest.mark.parametrize("only", ["xtrace", pytest.param("", marks=[pytest.mark.slow, pytest.mark.variant])])
@pytest.mark.parametrize("name", ["jax", "torch"])
def test_every_estimator_is_right_in_its_framework(engine, name, only):
    backend, instance, references = engine(name), draw(suites.load("quick")["quadratic"], 100, batch=2), References()
    methods = [
        method
        for method in backends.load(name).methods
        if method.estimate and only in method.name and all(map(importlib.util.find_spec, method.requires))
    ]
    for method in methods:
        batch = 2 if method.operator == "laplacian" else 1
        cell = Cell("quick", "quadratic", 100, method.operator, name, method.name, "float64", "cpu", batch=batch)
        with backend.scope():
            found = Case(backend, cell, instance, references).check()
        few = method.estimate.estimator == "xdiag"  # whose bound has no use for a flat spectrum
        assert found.status == ("unverifiable" if few else "ok"), (method.name, found.reason)
    assert len({method.estimate.estimator for method in methods}) == (1 if only else len(ESTIMATORS))

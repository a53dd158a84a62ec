"""The verdict on planted matrices: what is caught, by what name, and what is left alone."""

import hypothesis.extra.numpy as hnp
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from hessbench.backends.contract.operators import OPERATORS
from hessbench.backends.numeric.reference import Reference
from hessbench.harness.judging.accuracy import DIFFERENCES, HEADROOM, JUDGE_FLOOR, NOT_FINITE, USUAL, judge, worst
from hessbench.harness.judging.references import References
from hessbench.harness.judging.verdict import Question, judged
from hessbench.harness.planning.grid import Cell
from hessbench.suites.definition.problem import Problem, draw

EPS = np.finfo(np.float64).eps


def matrix(n=6):
    a = np.random.default_rng(0).standard_normal((n, n))
    return a + a.T


def verdict(result, value=None, bound=0.0, dtype="float64", accuracy=1.0, operator=None):
    value = matrix() if value is None else value
    reference = Reference(value, np.full_like(value, bound), "closed_form")
    operator = operator or ("hessian" if value.ndim == 2 else "gradient")
    return judge(np.asarray(result), reference, dtype, accuracy, OPERATORS[operator])


def changed(entry, change):
    h = matrix()
    h[entry] = change(h[entry])
    return h


FAULTS = {
    "off-diagonal pair": lambda: (lambda h: h)(np.where(np.eye(6)[::-1] == 1, matrix() * (1 + 1e-6), matrix())),
    "lower triangle only": lambda: changed((4, 1), lambda v: v * (1 + 1e-6)),
    "upper triangle only": lambda: changed((1, 4), lambda v: v * (1 + 1e-6)),
    "transposed block": lambda: (h := matrix(), h.__setitem__((slice(0, 3), slice(3, 6)), h[0:3, 3:6].T.copy()))[0],
    "NaN": lambda: changed((2, 2), lambda v: np.nan),
    "infinity": lambda: changed((2, 2), lambda v: -np.inf),
    "float32 leak": lambda: matrix().astype(np.float32),
    "float32 rounding in float64": lambda: matrix().astype(np.float32).astype(np.float64),
    "TF32 rounding": lambda: matrix() * (1 + 3e-4),
    "zeros": lambda: 0 * matrix(),
    "shape": lambda: matrix()[:, :5],
    "flattened": lambda: matrix().ravel(),
    "negated": lambda: -matrix(),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_wrong(fault):
    found = verdict(FAULTS[fault]())
    assert found.status == "wrong"
    assert found.reason


SINGLE = np.finfo(np.float32).eps
BELOW_SINGLE = ("off-diagonal pair", "lower triangle only", "upper triangle only")
"""A millionth is 8 eps of float32, and right methods are seen to be off by 33: nobody can tell."""


@pytest.mark.parametrize("fault", [name for name in FAULTS if not name.startswith("float32")])
def test_in_float32_a_planted_fault_is_wrong_unless_it_is_below_its_precision(fault):
    found = verdict(np.asarray(FAULTS[fault]()).astype(np.float32), dtype="float32")
    assert found.status == ("ok" if fault in BELOW_SINGLE else "wrong")
    assert found.status == "wrong" or 1e-6 < found.tolerance < 1e-4


@pytest.mark.parametrize(
    ("factor", "status"), [(USUAL / 2, "ok"), (USUAL * 3, "unverifiable"), (HEADROOM * 2, "wrong")]
)
@pytest.mark.parametrize(("dtype", "eps"), [("float32", SINGLE), ("float64", EPS)])
def test_between_what_rounding_does_and_what_is_surely_wrong_nothing_is_said(dtype, eps, factor, status):
    found = verdict((matrix() * (1 + factor * eps)).astype(dtype), dtype=dtype)
    assert found.status == status
    assert ("surely wrong only beyond" in found.reason) == (status == "unverifiable")


def test_rounding_is_ok():
    noise = matrix() * (1 + 8 * EPS)
    assert verdict((noise + noise.T) / 2).status == "ok"


def test_small_values_are_not_forgiven():
    """The trap of scaling by max(1, |x|): 1e-5 would pass for 9e-5."""
    assert verdict(np.array([1e-5]), np.array([9e-5])).status == "wrong"


def test_a_right_answer_of_zero_is_compared_absolutely():
    assert verdict(np.zeros((3, 3)), np.zeros((3, 3))).status == "ok"
    assert verdict(np.full((3, 3), 1e-6), np.zeros((3, 3))).status == "wrong"


def test_huge_values_are_compared_too():
    """Norms overflow there, and a comparison with NaN is never true."""
    assert verdict(np.diag([2e200, 2e200]), np.diag([1e200, 1e200])).status == "wrong"
    assert verdict(np.diag([1e200, 1e200]), np.diag([1e200, 1e200])).status == "ok"


def test_a_small_block_is_not_hidden_by_a_large_one():
    found = verdict(np.diag([1e13, 0.0]), np.diag([1e13, 1.0]))
    assert (found.status, found.reason[:10]) == ("wrong", "small row:")
    assert verdict(np.diag([1e13, 1.0]), np.diag([1e13, 1.0])).status == "ok"


def test_differences_are_not_accused_of_a_zero_beside_a_large_entry():
    """They divide the rounding of f by steps: 2.4e-11 of the largest entry was called wrong in the row of a zero."""
    off = np.diag([1e13, 10.0])
    assert verdict(off, np.diag([1e13, 0.0]), accuracy=0.5).status == "ok"
    assert verdict(np.diag([1e13, 1e10]), np.diag([1e13, 0.0]), accuracy=0.5).status == "wrong"


def test_tf32_rounding_is_caught_in_float32():
    h = (matrix() * (1 + 3e-4)).astype(np.float32)
    assert verdict(h, dtype="float32").status == "wrong"


def test_asymmetry_is_named():
    assert verdict(changed((0, 1), lambda v: v + 1)).reason.startswith("not symmetric: entry (0, 1)")


def test_the_worst_entry_is_named():
    h = changed((3, 3), lambda v: v + 1)
    assert verdict(h).reason.startswith("entry (3, 3) is off by 1.000e+00")


def test_a_judge_that_cannot_tell_says_so():
    assert verdict(matrix(), bound=1.0).status == "unverifiable"
    assert verdict(matrix(), np.full((6, 6), np.nan)).status == "unverifiable"


def test_a_judges_bound_widens_the_tolerance():
    h = matrix()
    slightly_off = h + 1e-7
    assert verdict(slightly_off).status == "wrong"
    assert verdict(slightly_off, bound=1e-6).status == "ok"


def test_float32_finite_differences_cannot_be_verified():
    assert verdict(matrix().astype(np.float32), dtype="float32", accuracy=0.5).status == "unverifiable"


def test_the_tolerance_follows_from_dtype_and_method():
    assert verdict(matrix()).tolerance == pytest.approx(USUAL * EPS + JUDGE_FLOOR, rel=0.01)
    assert verdict(matrix(), accuracy=0.5).tolerance == pytest.approx(DIFFERENCES * EPS**0.5, rel=0.01)


def test_the_tolerance_follows_the_problems_condition():
    reference = Reference(matrix(), np.zeros((6, 6)), "closed_form")
    off = matrix() * (1 + 1e3 * USUAL * EPS)
    strict, lenient = (judge(off, reference, "float64", 1.0, OPERATORS["hessian"], lambda c=c: c) for c in (1.0, 5e3))
    assert (strict.status, lenient.status) == ("wrong", "ok")
    assert lenient.tolerance == pytest.approx(5e3 * USUAL * EPS, rel=0.1)


def test_nobody_asks_for_the_condition_of_what_is_right_anyway():
    asked = []
    reference = Reference(matrix(), np.zeros((6, 6)), "closed_form")
    found = judge(matrix(), reference, "float64", 1.0, OPERATORS["hessian"], lambda: asked.append(1) or 50.0)
    assert found.status == "ok"
    assert not asked


def test_the_worst_point_decides():
    good, bad = verdict(matrix()), verdict(-matrix())
    together = worst([good, bad, good])
    assert together.status == "wrong"
    assert together.rel_error == bad.rel_error


@given(hnp.arrays(np.float64, (4, 4), elements=st.floats(-1e3, 1e3)), st.floats(1e-6, 1.0))
def test_any_symmetric_matrix_is_ok_against_itself_and_wrong_when_scaled(h, factor):
    h = h + h.T
    assert verdict(h, h).status == "ok"
    if np.any(np.abs(h) > 1e-3):
        assert verdict(h * (1 + factor), h).status == "wrong"


def test_vectors_of_a_product_need_not_be_symmetric():
    v = np.arange(6.0).reshape(2, 3) + 1
    assert verdict(v, v, operator="multi-hvp").status == "ok"
    assert verdict(v, v, operator="multi-hvp").asymmetry is None


def test_every_part_of_a_stack_is_judged_on_its_own_scale():
    """A wrong Hessian of a small sample must not hide behind a large one."""
    stack = np.stack([1e12 * matrix(), matrix()])
    wrong = stack.copy()
    wrong[1] *= 1 + 1e-6
    found = verdict(wrong, stack, operator="batched-hessian")
    assert found.status == "wrong"
    assert found.reason.startswith("[1] entry")
    assert verdict(stack, stack, operator="batched-hessian").status == "ok"


def test_every_matrix_of_a_stack_must_be_symmetric():
    stack = np.stack([matrix(), changed((0, 1), lambda v: v + 1)])
    found = verdict(stack, np.stack([matrix(), matrix()]), operator="batched-hessian")
    assert found.reason.startswith("[1] not symmetric: entry (0, 1)")
    assert found.asymmetry > 0


def test_a_stack_of_the_wrong_length_is_named():
    assert verdict(np.ones(3), np.ones(4), operator="laplacian").reason == "shape (3,), expected (4,)"


def test_nan_is_wrong_where_the_right_value_is_zero():
    found = verdict(np.full((2, 2), np.nan), np.zeros((2, 2)), bound=1e-14)
    assert (found.status, found.fault) == ("wrong", "derivative-nan")


@pytest.mark.parametrize("bound", [1.0, np.inf])
def test_nan_is_no_fault_where_the_judge_does_not_know_better(bound):
    """|x|^1.5 has no finite second derivative at 0, and differences find some number there with a bound as large."""
    found = verdict(np.full((6, 6), np.nan), bound=bound * np.max(np.abs(matrix())))
    assert (found.status, found.fault) == ("unverifiable", "")
    assert "the judge cannot tell" in found.reason


HUGE = np.array([[-3e39, 2e30], [2e30, 1e32]])
"""Of which float32 has no first entry."""


def test_infinity_is_no_fault_where_the_right_value_rounds_to_it():
    with np.errstate(over="ignore"):
        rounded = HUGE.astype(np.float32)
    found = verdict(rounded, HUGE, dtype="float32")
    assert (found.status, found.fault) == ("unverifiable", "")
    assert "beyond the range of float32" in found.reason


@pytest.mark.parametrize(
    "wrong",
    [
        np.array([[np.inf, 2e30], [2e30, 1e32]]),  # the other sign
        np.array([[np.nan, 2e30], [2e30, 1e32]]),
        np.array([[-np.inf, 2e30], [2e30, np.inf]]),  # one more
        np.array([[-np.inf, 2e38], [-2e38, 1e32]]),  # and the others are no better
    ],
)
def test_infinity_excuses_nothing_else(wrong):
    assert verdict(wrong.astype(np.float32), HUGE, dtype="float32").status == "wrong"


def test_a_closed_form_that_is_not_finite_is_said_to_be_so_and_not_the_objective():
    found = verdict(matrix(), value=np.full((6, 6), np.nan))
    assert (found.status, found.reason) == ("unverifiable", "the closed form gives NaN or infinity at x")
    nowhere = Reference(np.full((6, 6), np.nan), np.zeros((6, 6)), "richardson")
    assert judge(matrix(), nowhere, "float64", 1.0, OPERATORS["hessian"]).reason == NOT_FINITE


@pytest.mark.parametrize(("dtype", "least"), [("float32", 1.4e-45), ("float64", 4.94e-324)])
def test_where_numbers_lose_their_digits_nobody_is_accused(dtype, least):
    """Between denormal numbers lies the smallest one, and frameworks may make zeros of them."""
    truth = np.array([26.6, 53.3]) * least
    for found, status in ((truth.astype(dtype), "ok"), (np.zeros(2, dtype), "unverifiable")):
        told = verdict(found, truth, dtype=dtype, operator="gradient")
        assert told.status == status, told.reason
        assert ("loses its digits" in told.reason) == (status == "unverifiable")
    normal = 1e6 * np.finfo(dtype).tiny * np.ones(2)
    assert verdict(np.zeros(2, dtype), normal, dtype=dtype, operator="gradient").fault == "silently-wrong"


def steep(xp, x):
    """The larger one of x[0] and 0, rounded off, which overflows in float64 from 7e-4 on, and not in the judge."""
    return xp.log1p(xp.exp(1e6 * x[0])) / 1e6 + x[1] ** 2


def test_nobody_is_judged_at_the_point_beside_x_where_f_overflows():
    problem = Problem("steep", steep, (2,), lambda n, rng: np.array([0.0, 1.0]), "here", timed=False)
    seed = next(seed for seed in range(50) if draw(problem, 2, seed).points[1][0] > 1e-3)
    instance, right = draw(problem, 2, seed), np.diag([2.5e5, 2.0])
    nothing = np.full((2, 2), np.nan)

    def is_finite(x):
        with np.errstate(over="ignore"):
            return bool(np.isfinite(steep(np, x)))

    cell = Cell("suite", "steep", 2, "hessian", "jax", "hessian-jit", "float64", "cpu")
    for results, status, fault in (([right, nothing], "ok", ""), ([nothing, nothing], "wrong", "derivative-nan")):
        found = judged(Question(cell, 1.0, instance, is_finite), results, References())
        assert (found.status, found.fault) == (status, fault)


def edge(xp, x):
    """f(x) = sum x_i^4 up to x_0 = 1, NaN beyond."""
    return xp.sum(x**4) + 0 * xp.sqrt(1 - x[0])


@pytest.mark.parametrize("closed", [True, False])
def test_nobody_is_judged_at_the_point_beside_x_where_f_has_no_value(closed):
    """Neither by differences nor by a closed form, which has none there either."""

    def hessian(x):
        return np.diag(12 * x**2) if x[0] < 1 else np.full((2, 2), np.nan)

    form = {"hessian": hessian} if closed else {}
    problem = Problem("edge", edge, (2,), lambda n, rng: np.array([0.999, 0.5]), "here", timed=False, **form)
    seed = next(seed for seed in range(50) if draw(problem, 2, seed).points[1][0] > 1)
    instance = draw(problem, 2, seed)
    results = [np.diag(12 * x**2) for x in instance.points[:-1]]
    cell = Cell("suite", "edge", 2, "hessian", "jax", "hessian-jit", "float64", "cpu")
    found = judged(Question(cell, 1.0, instance), results, References())
    assert (found.status, found.reason) == ("ok", "")

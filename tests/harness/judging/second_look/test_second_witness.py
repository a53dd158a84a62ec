"""Where f is a framework's own text: who is accused, and who is not, because nobody says what the judge says."""

import numpy as np
import pytest

from hessbench import backends
from hessbench.harness.judging.evaluation.terms import Terms
from hessbench.harness.judging.evaluation.values import NumpyText, Values
from hessbench.harness.judging.references import References
from hessbench.harness.judging.verdict import Question, judged
from hessbench.harness.planning.grid import Cell
from hessbench.suites.definition.problem import Problem, draw

SUM = np.array([1.0, 1.3, 1.6])


def cubes(x):
    """f(x) = sum w_i x_i^3."""
    return np.sum(SUM * x**3)


def median(x):
    """f(x) = m + m^2 / 2 of the median m."""
    return np.median(x) + np.median(x) ** 2 / 2


def values(own, start):
    """A text that only its framework can evaluate."""
    return Values(backends.open("numpy", "float64", "cpu"), lambda xp, x: own(x), np.array(start), ())


def verdict(own, judge, start, hessian):
    """The verdict on a Hessian at one point, where a framework computes `own` and the judge `judge`."""
    problem = Problem("f", NumpyText(judge), (3,), lambda n, rng: np.array(start), "here", spread=0.0, judge_text=judge)
    cell = Cell("suite", "f", 3, "hessian", "autograd", "hessian-eager", "float64", "cpu", text="native")
    instance = draw(problem, 3, points=1)
    text = values(own, instance.points[0])
    return judged(Question(cell, 1.0, instance, text=text), [np.array(hessian)], References())


POINT = [0.7, 1.1, -0.4]
RIGHT = np.diag(6 * SUM * POINT)


@pytest.mark.parametrize(
    ("spoiled", "fault"),
    [
        (RIGHT * 1.01, "silently-wrong"),
        (RIGHT + 0.1 * np.eye(3)[:, [1, 2, 0]], "asymmetric"),
        (np.where(RIGHT.max() == RIGHT, np.nan, RIGHT), "derivative-nan"),
    ],
)
def test_a_fault_has_its_second_witness(spoiled, fault):
    found = verdict(cubes, cubes, POINT, spoiled)
    assert (found.status, found.fault) == ("wrong", fault)
    assert "agrees with the judge" in found.reason


def test_the_right_hessian_needs_no_witness():
    assert verdict(cubes, cubes, POINT, RIGHT).status == "ok"


def test_nobody_is_wrong_where_a_namesake_is_another_function():
    found = verdict(cubes, lambda x: np.sum(SUM * np.abs(x) ** 3), POINT, RIGHT)
    assert (found.status, found.fault) == ("unverifiable", "")
    assert "no second witness" in found.reason


def test_nobody_is_wrong_where_only_the_axes_have_derivatives():
    found = verdict(median, median, [0.5, 0.5, 0.5], np.diag([0.0, 1.0, 0.0]))
    assert found.status == "unverifiable"
    assert "along a random direction" in found.reason


def remainders(x):
    """f(x) = sum (1 mod x_i)^2 / 2."""
    return np.sum(np.mod(1.0, x) ** 2) / 2


def test_nobody_is_wrong_where_f_jumps_between_the_steps_of_judge_and_witness():
    tiny = 1e-9 * np.array([0.7, 1.1, 0.4])
    slopes = -np.floor(1 / tiny)
    assert verdict(remainders, remainders, tiny, np.diag(slopes**2)).status == "unverifiable"


def hinged(x):
    """f(x) = sum w_i (1 + |x_i| x_i), whose curvature jumps at zero, in float64."""
    return np.sum(SUM * (1 + np.abs(x) * x).astype(np.float64))


def test_nobody_is_wrong_where_f_bends_next_to_x():
    tiny = 1e-9 * np.array([0.7, 1.1, 0.4])
    assert verdict(hinged, hinged, tiny, np.diag(2 * SUM)).status != "wrong"


def shrunk(x):
    """f(x) = sum of y + y^2 / 2 over y = x - tanh(x), which beside zero is zero in all its digits."""
    y = x - np.tanh(x)
    return np.sum(SUM * (y + y * y / 2))


def test_nobody_is_wrong_where_values_lose_what_a_derivative_keeps():
    tiny = 1e-9 * np.array([0.414, 0.474, 0.61])
    assert verdict(shrunk, shrunk, tiny, np.diag(2 * SUM * tiny)).status != "wrong"
    assert verdict(shrunk, shrunk, tiny, np.diag(SUM)).status == "wrong", "what no witness says"


def gelu(x):
    """f(x) = sum w_i (y + y^2 / 2) where y is nearly x Phi(x), and zero in all its digits far to the left."""
    y = x / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))
    return np.sum(SUM * (y + y * y / 2))


@pytest.mark.parametrize(("rounding", "status"), [(2e-10, "unverifiable"), (1e-4, "wrong"), (np.nan, "wrong")])
def test_nobody_is_wrong_by_the_rounding_of_terms_that_f_has_lost(rounding, status):
    left = np.full(3, -37.43)
    assert verdict(gelu, gelu, left, np.diag([0.0, 0.0, rounding])).status == status


def single(x):
    """f(x) = sum w_i (1 + x_i)^2 in float32, which beside zero stays where it is when x moves."""
    y = x.astype(np.float32)
    return np.float64(np.sum(SUM.astype(np.float32) * (1 + y) ** 2))


def alone(own, start, result, operator="hessian", special=None):
    """The verdict on a result at one point, the start or a special one, where nobody has another text of f."""
    text = values(own, start)
    points = {} if special is None else {"there": tuple(special)}
    problem = Problem("f", text, (3,), lambda n, rng: np.array(start), "here", spread=0.0, special_points=points)
    cell = Cell("suite", "f", 3, operator, "autograd", "method", "float64", "cpu", text="native")
    *_, (_, _, instance) = draw(problem, 3, points=1).groups()
    return judged(Question(cell, 1.0, instance, text=text), [np.array(result)], References())


@pytest.mark.parametrize("start", [POINT, [7e-10, 1.1e-9, 4e-10], [0.0, 0.0, 0.0]])
def test_nobody_is_wrong_where_the_framework_computes_in_float32(start):
    right = np.diag(2 * SUM)
    assert alone(single, start, right).status != "wrong"
    assert alone(single, start, right * (1 + 1e-7)).status != "wrong"
    # Next to zero steps that see anything miss that f may bend there; a NaN is one all the same.
    assert alone(single, start, right * 1.5).status == ("wrong" if start == POINT else "unverifiable")
    assert alone(single, start, right * np.nan).fault == "derivative-nan"


def kinked(x):
    """f(x) = sum w_i (|x_i| + 2 x_i + x_i^2) in float32."""
    y = x.astype(np.float32)
    return np.float64(np.sum(SUM.astype(np.float32) * (np.abs(y) + 2 * y + y * y)))


def test_nobody_is_wrong_next_to_a_kink_that_float32_hides():
    tiny = [7e-10, 1.1e-9, 4e-10]
    assert alone(kinked, tiny, 3 * SUM, "gradient").status != "wrong"
    assert alone(kinked, tiny, np.diag(2 * SUM)).status != "wrong"


def flat(x):
    """f(x) = sum w_i min(x_i^2, 100) in float32, flat where x is large."""
    return np.float64(np.sum(SUM.astype(np.float32) * np.minimum(x.astype(np.float32) ** 2, np.float32(100))))


def test_a_cast_is_seen_at_an_ordinary_point_where_f_is_flat_at_a_special_one():
    large = (30.0, -21.3, 12.0)
    assert alone(flat, POINT, np.diag([1e-7, 0.0, 0.0]), special=large).status == "unverifiable"
    assert alone(flat, POINT, np.diag(SUM), special=large).status == "wrong"


def stairs(x):
    """f(x) = sum of the integer parts of 400 numbers that x moves, and of their squares."""
    y = np.floor(np.linspace(-9, 9, 400) + x[0] - x[1] * x[2])
    return np.sum(y + y * y / 2)


@pytest.mark.parametrize(("own", "narrow"), [(single, True), (flat, True), (cubes, False), (stairs, False)])
def test_a_cast_is_told_from_what_jumps(own, narrow):
    assert values(own, POINT).casts is narrow


@pytest.mark.parametrize("share", [0.0, -1.0, 1.0, 100.0])
@pytest.mark.parametrize("offset", [1e12, 1e14])
def test_beside_a_large_offset_a_native_text_acquits_nobody(offset, share):
    """The noise of 1e12 hides the second derivatives of the exponentials; of the offset itself there is none."""

    def energy(x):
        return np.float64(offset + np.sum(np.exp(x)))

    told = verdict(energy, energy, POINT, share * np.diag(np.exp(POINT)))
    assert told.status == "unverifiable"
    assert "too wide to tell right from wrong" in told.reason


def test_a_native_text_that_is_constant_up_to_rounding_has_zero_derivatives():
    def constant(x):
        return np.sum(np.sin(x) ** 2 + np.cos(x) ** 2)

    assert verdict(constant, constant, POINT, 1e-16 * np.eye(3)).status == "ok"


BFLOAT_BITS = 16


def bfloat16(x):
    """Rounded to the eight significant bits of bfloat16, which NumPy does not have."""
    bits = np.ascontiguousarray(x, dtype=np.float32).view(np.uint32).astype(np.int64)
    return (((bits + (1 << (BFLOAT_BITS - 1))) >> BFLOAT_BITS) << BFLOAT_BITS).astype(np.uint32).view(np.float32)


@pytest.mark.parametrize("narrow", [lambda x: x.astype(np.float16), bfloat16], ids=["float16", "bfloat16"])
@pytest.mark.parametrize("smooth", [0.0, 1.0])
def test_nobody_is_wrong_where_half_precision_makes_steps(narrow, smooth):
    """Differences see the steps, a framework's derivatives pass through the cast as if it were none."""

    def steps(x):
        return np.sum(np.sin(narrow(x).astype(np.float64))) + smooth * cubes(x)

    right = np.diag(-np.sin(POINT)) + smooth * RIGHT
    for hessian in (right, right + 1e-3 * np.eye(3)[:, [1, 2, 0]]):
        told = verdict(steps, steps, POINT, hessian)
        assert told.status == "unverifiable", told
    assert values(steps, POINT).casts


def test_a_sum_of_integer_parts_is_no_half_precision():
    assert not values(lambda x: np.sum(np.floor(1e3 * x)) + cubes(x), POINT).casts
    assert not values(cubes, POINT).casts


def test_steps_of_float32_are_no_variation():
    """Of a value near 3 they are 2e-7; far out, where f is flat, its derivatives have terms of the value's size."""

    def flat(x):
        y = x.astype(np.float32)
        return np.float64(np.sum(np.float32(1) + np.float32(1e-7) * np.sin(y) + np.exp(-y * y), dtype=np.float32))

    far = np.array([30.0, -21.3, 12.0])
    assert Terms(values(flat, POINT), far, ()).size(2, True) > 1e-3
    assert Terms(values(lambda x: 1e-7 * np.sum(np.sin(x)), POINT), far, ()).size(2, True) < 1e-7

"""Nobody is accused falsely, and nobody excused falsely: right results that look odd, and faults beside them.

A sample of `benchmarks/innocents.py`, which tries a thousand functions; and what people's inputs have shown.
"""

from dataclasses import replace

import numpy as np
import pytest

import hessbench as hb
from hessbench.backends.numeric import hyper_dual
from hessbench.backends.numeric.reference import reference
from hessbench.harness.judging import random_products
from hessbench.harness.judging.evaluation.narrow import narrow_noise
from hessbench.harness.judging.evaluation.terms import Terms
from hessbench.harness.judging.references import References
from hessbench.harness.judging.verdict import Question, judged
from hessbench.harness.planning.grid import Cell
from hessbench.harness.python.reading.at_point import problem_at
from hessbench.suites.definition.problem import draw
from tests.harness.judging import odd_functions

SEEDS = range(3)
TRIALS = [(kind, seed) for kind in odd_functions.KINDS for seed in SEEDS]
EXACT, DIFFERENCES = 1.0, 0.5


def drawn(f, x):
    return draw(problem_at(f, np.asarray(x), None, ()), len(x))


def verdict(instance, result, operator="hessian", accuracy=EXACT, references=None):
    cell = Cell("own", instance.problem.name, instance.n, operator, "numpy", "method", "float64", "cpu")
    return judged(Question(cell, accuracy, instance), [np.asarray(result, dtype=float)], references or References())


@pytest.mark.parametrize(("kind", "seed"), TRIALS)
def test_right_results_are_not_called_wrong_and_wrong_ones_are_not_ok(kind, seed):
    odd = odd_functions.draw(kind, seed)
    instance, references = drawn(odd.f, odd.x), References()
    gradient, hessian = odd_functions.truth(odd)
    for operator, right in (("gradient", gradient), ("hessian", hessian)):
        told = verdict(instance, right, operator, references=references)
        assert told.status != "wrong", told.reason
        if told.status == "ok" and np.any(right):
            assert verdict(instance, 1.5 * right + 0.5, operator, references=references).status != "ok"


@pytest.mark.parametrize(("kind", "seed"), TRIALS)
def test_exact_differentiation_in_float64_is_not_called_wrong(kind, seed):
    odd = odd_functions.draw(kind, seed)
    instance = drawn(odd.f, odd.x)
    result = hyper_dual.hessian(lambda y: odd.f(hyper_dual.namespace(), y), odd.x)
    told = verdict(instance, result)
    assert told.status != "wrong", told.reason


@pytest.mark.parametrize(("kind", "seed"), [trial for trial in TRIALS if trial[0] != "bend"])
def test_the_bound_covers_the_error(kind, seed):
    odd = odd_functions.draw(kind, seed)
    for operator, right in zip(("gradient", "hessian"), odd_functions.truth(odd), strict=True):
        found = reference(operator, odd.f, odd.x, ())
        assert np.all(~(np.abs(found.value - right) > found.bound + 2.0**-53 * np.abs(right)))


def energy(offset):
    """As total energies in chemistry: the noise is that of the offset, the value is not."""
    return lambda xp, x: (-offset + xp.sum(xp.sin(x))) + offset


POINT = np.array([1.0, 2.0, 0.5])


@pytest.mark.parametrize("offset", [76026.7652, 1e6, 1e10, 1e14])
def test_an_energy_with_an_offset(offset):
    instance, right = drawn(energy(offset), POINT), np.diag(-np.sin(POINT))
    assert verdict(instance, right).status in ("ok", "unverifiable")
    assert verdict(instance, 1.01 * right).status in ("wrong", "unverifiable")
    zero = verdict(instance, np.zeros((3, 3)), accuracy=DIFFERENCES)
    assert zero.status != "ok"
    if offset == 1e14:
        assert zero.status == "unverifiable"
        assert zero.reason.startswith("f carries noise of 0.0")


def test_the_noise_of_an_energy_of_many_variables_is_in_the_bounds_of_random_products():
    x = np.linspace(0.5, 1.5, 400)
    instance = drawn(energy(1e8), x)
    right = -np.sin(x) * instance.direction
    assert verdict(instance, right, "hvp").status == "ok"
    probes = random_products.probe("hvp", instance, 0)
    assert np.all(np.abs(probes.contract(right) - probes.value) <= probes.bound)
    assert np.max(probes.bound) > 1e-10 * np.max(np.abs(probes.value))


def test_a_huge_point_is_no_excuse():
    """Differences of f = |x| at 1e200 see nothing of 1e-201."""
    instance = drawn(lambda xp, x: 1e200 * xp.sqrt(xp.sum((x / 1e200) ** 2)), [3e200, 4e200])
    assert verdict(instance, np.zeros((2, 2)), accuracy=DIFFERENCES).status == "wrong"


def logistic(xp, x):
    u = x[0]
    for _ in range(60):
        u = 3.9 * u * (1 - u)
    return u


@pytest.mark.parametrize("operator", ["gradient", "hessian"])
@pytest.mark.parametrize("start", [0.3, 0.7379, 0.123456])
def test_chaos_is_no_noise_in_which_everything_is_zero(start, operator):
    """Derivatives of 1e10 were called noise, and with them all others `ok`, were they right or a hundred times that."""
    instance, references = drawn(logistic, [start]), References()
    right = getattr(hyper_dual, operator)(lambda y: logistic(np, y), np.array([start], dtype=np.longdouble))
    assert verdict(instance, right, operator, references=references).status != "wrong"
    for factor in (0, 1.5, 100):
        assert verdict(instance, factor * right, operator, references=references).status != "ok"


CAST = np.array([0.3, -0.8, 1.1])


def cast_inside(xp, x):
    single = xp.astype(x, xp.float32)
    return xp.astype(xp.sum(xp.exp(single) * single), x.dtype) + xp.sum(x * x)


def uncast(xp, x):
    return xp.sum(xp.exp(x) * x) + xp.sum(x * x)


def in_closed_form(f):
    instance = drawn(f, CAST)
    right = {"gradient": lambda x: np.exp(x) * (x + 1) + 2 * x, "hessian": lambda x: np.diag(np.exp(x) * (x + 2) + 2)}
    return replace(instance, problem=replace(instance.problem, **right)), right


@pytest.mark.parametrize("operator", ["gradient", "hessian"])
@pytest.mark.parametrize("judged_text", [cast_inside, uncast])
def test_what_a_cast_in_f_loses_is_no_fault_of_a_method_where_a_closed_form_judges(operator, judged_text):
    instance, right = in_closed_form(judged_text)
    known, text = right[operator](CAST), None if judged_text is cast_inside else cast_inside
    cell = Cell("own", "f", 3, operator, "numpy", "method", "float64", "cpu")

    def told(result):
        return judged(Question(cell, EXACT, instance, text=text), [result], References())

    assert told(known).status == "ok"
    rounded = told(known * (1 + 1e-7))
    assert rounded.status == "unverifiable"
    assert "computes in less than float64 inside (its values carry noise of" in rounded.reason
    assert told(known * 1.01).status == "wrong"
    assert verdict(in_closed_form(uncast)[0], known * (1 + 1e-7), operator).status == "wrong"


def test_who_returns_the_dtype_that_f_returns_is_not_called_wrong():
    instance, right = in_closed_form(uncast)
    cell = Cell("own", "f", 3, "hessian", "numpy", "method", "float64", "cpu")
    result = right["hessian"](CAST).astype(np.float32)
    told = judged(Question(cell, EXACT, instance, narrow="float32"), [result], References())
    assert told.status == "unverifiable"
    assert "returns float32 where x is float64, and so does its derivative" in told.reason
    assert judged(Question(cell, EXACT, instance), [result], References()).fault == "dtype"


def bend(xp, x):
    return 10 * xp.maximum(x[0], 0 * x[0]) ** 2 + x[1] ** 2


@pytest.mark.parametrize("curvature", [0.0, 10.0, 20.0])
def test_where_f_bends_nobody_is_right(curvature):
    told = verdict(drawn(bend, [0.0, 2.0]), np.diag([curvature, 2.0]))
    assert told.status == "unverifiable"
    assert told.reason == "f bends at x (0 on one side, 20 on the other)"


def test_where_f_bends_the_gradient_is_known():
    instance = drawn(bend, [0.0, 2.0])
    assert verdict(instance, [0.0, 4.0], "gradient").status == "ok"
    assert verdict(instance, [0.1, 4.0], "gradient").status == "wrong"
    assert verdict(instance, [1e-4, 4.0], "gradient", accuracy=2 / 3).status == "unverifiable"


def test_a_kink_has_no_gradient():
    told = verdict(drawn(lambda xp, x: xp.sum(xp.abs(x)), [0.0, 1.0]), [0.0, 1.0], "gradient")
    assert told.status == "unverifiable"
    assert told.reason == "f has a kink at x (slope -1 on one side, 1 on the other)"


def turned(xp, x):
    c, s = xp.cos(x[0]), xp.sin(x[0])
    a, b = c * x[1] - s * x[2], s * x[1] + c * x[2]
    return a * a + b * b - x[1] * x[1] - x[2] * x[2]


def test_zero_up_to_the_rounding_of_its_terms_is_right():
    instance = drawn(turned, [0.3, -0.8, 1.1])
    rounding = np.array([2.5e-16, -1e-16, 0.0])
    assert verdict(instance, rounding, "gradient").status == "ok"
    assert verdict(instance, rounding + 1e-9, "gradient").status == "wrong"
    assert verdict(instance, np.diag(rounding)).status == "ok"


def test_terms_that_cancel_to_the_last_digit_have_a_size_all_the_same():
    """At 1e5 rounding of x says nothing of how large the terms of a derivative are: they are of order one."""
    instance, rounding = drawn(lambda xp, x: xp.sum(xp.sin(x) ** 2 + xp.cos(x) ** 2), [1e5, 2e5]), np.diag([2e-16, 0])
    assert verdict(instance, rounding).status == "ok"
    assert verdict(instance, rounding + np.diag([1e-9, 0])).status == "wrong"


def test_what_differences_cannot_see_is_no_reason_to_call_them_ok():
    """Beside 1e15 differences see no derivative of order one, and any result was as good as another."""
    x = np.array([0.4, -0.7, 0.2])
    instance, references = drawn(lambda xp, x: 1e15 + xp.sum(xp.exp(x) * x), x), References()
    for result in (np.zeros((3, 3)), np.diag(np.exp(x) * (x + 2)), -np.eye(3)):
        assert verdict(instance, result, accuracy=DIFFERENCES, references=references).status == "unverifiable"


def test_a_step_function_has_the_derivative_zero():
    """Rounded to 1e-8 f looks smooth from afar; a method that says zero is right, and one that smooths is not."""
    instance = drawn(lambda xp, x: xp.floor(xp.sum(xp.sin(x)) * 1e8) / 1e8, [0.31, 0.2])
    for operator, shape in (("gradient", 2), ("hessian", (2, 2))):
        assert verdict(instance, np.zeros(shape), operator).status != "wrong"


def test_a_product_with_variables_of_other_sizes_is_known():
    """Along v both variables move as far as the one of 1e-12 allows; the Hessian's steps are its own."""
    x = np.array([1e-12, 0.2])
    instance = drawn(lambda xp, x: xp.sum(xp.sqrt(x)), x)
    right = -0.25 * x**-1.5 * instance.direction
    assert verdict(instance, right, "hvp").status == "ok"
    assert verdict(instance, 1.001 * right, "hvp").status == "wrong"


@pytest.mark.parametrize("seed", [35, 41])
def test_a_ripple_of_1e7_is_seen_by_the_gradient_too(seed):
    odd = odd_functions.draw("ripple", seed)
    right, _ = odd_functions.truth(odd)
    found = reference("gradient", odd.f, odd.x, ())
    assert np.all(np.abs(found.value - right) <= found.bound + 2.0**-53 * np.abs(right))


def test_a_point_that_nobody_asked_for_and_where_f_is_infinite_does_not_count():
    start = np.array([0.3, -0.7])
    away = drawn(energy(0.0), start).points[1] - start
    slope = -2 * away / (away @ away)  # so that the logarithm's argument is -1 there
    instance = drawn(lambda xp, x: xp.log(1 + xp.sum(xp.asarray(slope) * (x - xp.asarray(start)))), start)
    cell = Cell("own", "f", 2, "hessian", "numpy", "method", "float64", "cpu")
    results = [-np.outer(slope, slope), np.full((2, 2), np.nan)]
    assert judged(Question(cell, EXACT, instance), results, References()).status == "ok"
    results[0] = 1.01 * results[0]
    assert judged(Question(cell, EXACT, instance), results, References()).status == "wrong"


def test_the_other_point_is_as_near_as_a_tiny_x_asks_for():
    """A wall of 1e-6 at x = 1e-6: 1e-2 away another branch, or an exponential that overflows, is met."""
    instance = drawn(lambda xp, x: xp.sum(1 / (1 + xp.exp(-x / 1e-6))), np.array([1e-6, 0.0, -2e-6]))
    assert np.all(np.abs(instance.points[1] - instance.points[0]) <= 1e-6)


def test_a_fault_at_the_other_point_says_where():
    instance = drawn(energy(0.0), POINT)
    cell = Cell("own", "f", 3, "hessian", "numpy", "method", "float64", "cpu")
    right = [np.diag(-np.sin(point)) for point in instance.points[:2]]
    told = judged(Question(cell, EXACT, instance), [right[0], 1.01 * right[1]], References())
    assert told.reason.startswith("at a point beside x: entry")
    told = judged(Question(cell, EXACT, instance), [1.01 * right[0], right[1]], References())
    assert told.reason.startswith("entry")


def test_differences_that_cannot_see_the_answer_are_not_wrong():
    """The second derivative of expm1 at -20 is 2e-9, and its value -1; at -40 extended precision does not see it."""
    for x, exact in ((-20.0, "ok"), (-40.0, "unverifiable")):
        instance = drawn(lambda xp, x: xp.sum(xp.expm1(x)), [x])
        assert verdict(instance, [[np.exp(x)]]).status == exact
        assert verdict(instance, [[0.0]], accuracy=DIFFERENCES).status in ("ok", "unverifiable")
        assert verdict(instance, [[0.0]]).status == {"ok": "wrong"}.get(exact, exact)


def test_a_derivative_that_holds_at_one_point_only_excuses_nobody():
    """sin(x) / x with its value at 0 put in: every exact method says 0 there, and -1/3 is right."""
    instance = drawn(lambda xp, x: xp.sum(xp.where(x == 0, 1.0 + 0 * x, xp.sin(x) / xp.where(x == 0, 1.0, x))), [0.0])
    assert verdict(instance, [[-1 / 3]]).status == "ok"
    assert verdict(instance, [[0.0]]).status == "wrong"


def test_a_gradient_beside_a_pole_has_a_second_opinion():
    gap = 1e-8
    instance = drawn(lambda xp, x: 1 / (x[0] - (1.0 + gap)) ** 2, [1.0])
    u = 1.0 - (1.0 + gap)
    assert verdict(instance, [-2 / u**3], "gradient").status == "ok"
    assert verdict(instance, [-2.01 / u**3], "gradient").status != "ok"


@pytest.mark.parametrize("damage", [b"", b"PK nonsense", None])
def test_a_reference_that_was_damaged_on_disk_is_asked_for_anew(tmp_path, damage):
    instance, right = drawn(turned, [0.3, -0.8, 1.1]), np.zeros((3, 3))
    assert verdict(instance, right, references=References(tmp_path)).status == "ok"
    (kept,) = tmp_path.glob("*-hessian-*.npz")
    whole = kept.read_bytes()
    kept.write_bytes(whole[: len(whole) // 2] if damage is None else damage)
    assert verdict(instance, right, references=References(tmp_path)).status == "ok"
    assert kept.read_bytes()[:4] == whole[:4]


CELLS = 100_000
KNOTS = np.cos(np.linspace(0, 4, CELLS + 1))
SUMS = np.concatenate([[0], np.cumsum((KNOTS[1:] + KNOTS[:-1]) / 2 * (4 / CELLS))])


def table(xp, x):
    """A table of slopes, linear between them, integrated: f has a curvature in each of its cells."""
    width, place = 4 / CELLS, x[0] * (CELLS / 4)
    k = xp.astype(xp.floor(place), xp.int64)
    low, high, start = (float(values[int(k) + i]) for values, i in ((KNOTS, 0), (KNOTS, 1), (SUMS, 0)))
    inside = (place - xp.floor(place)) * width
    return start + low * inside + (high - low) / width * inside**2 / 2 + x[1] * x[1] * x[0]


def test_the_gradient_of_a_fine_table_is_not_called_wrong():
    """Differences see its neighbors too, and Taylor's remainder does; exact differentiation of the text does not."""
    x = np.array([1.2345, 0.7])
    place = x[0] * CELLS / 4
    k = int(place)
    slope = KNOTS[k] + (KNOTS[k + 1] - KNOTS[k]) * (place - k)
    told = verdict(drawn(table, x), [slope + x[1] ** 2, 2 * x[0] * x[1]], "gradient")
    assert told.status in ("ok", "unverifiable")
    assert verdict(drawn(table, x), [1.001 * slope + x[1] ** 2, 2 * x[0] * x[1]], "gradient").status == "wrong"


def test_zero_next_to_nothing_is_no_cast():
    """A product that is zero at x has values of 1e-16 beside it: their rounding is no noise of float32."""
    x = [0.0, 1e-5, 3.0, 2.0]
    assert narrow_noise(lambda xp, x: xp.prod(x), np.array(x), ()) == 0
    assert narrow_noise(lambda xp, x: xp.sum(xp.astype(xp.sin(x), xp.float32) * x), np.array([0.4, 0.5]), ()) > 1e-9


def test_a_ripple_is_no_term_that_cancels():
    """Noise of a derivative was looked for at distances over which it changes its sign."""
    terms = Terms(lambda xp, x: xp.sum(xp.cos(2 * xp.pi * 1e3 * x)), np.array([12345.678, 0.1]), ())
    size = float(np.abs(terms.exact(2, np.array([12345.678, 0.1]), np.ones(2), np.ones(2), np.float64)))
    assert not terms.excuse(2, 1.0, "float64", size)


def test_what_linear_algebra_loses_is_no_fault():
    """A kernel of condition 1e9: float64 has its gradient to 4e-9, which data that are rounded do not explain."""

    def gaussian_process(xp, x, t):
        d = t[:, None] - t[None, :]
        kernel = xp.exp(-0.5 * (d / xp.exp(x[0])) ** 2) + xp.exp(x[1]) * xp.eye(6)
        return 0.5 * xp.linalg.slogdet(kernel)[1] + 0.5 * xp.sum(xp.sin(t) * xp.linalg.solve(kernel, xp.sin(t)))

    found = hb.check(gaussian_process, [1.5, -20.0], np.linspace(0, 1, 6), operator="gradient", backends="numpy")
    assert not (found["status"] == "wrong").any(), found["reason"].tolist()


@pytest.mark.parametrize("edge", [1e-2, 1e-4, 1e-6])
@pytest.mark.parametrize("native", [False, True])
def test_a_matrix_that_is_not_positive_definite_any_more_ends_f_as_zero_ends_a_logarithm(edge, native):
    """f = (edge + x0)^1.5, which NumPy and PyTorch raise for where others give NaN: differences are taken beside it."""
    matrix = np.array([[1.0, 1.0], [1.0, 1.0 + edge]])

    def portable(xp, x):
        return xp.linalg.cholesky(xp.asarray(matrix) + xp.asarray([[0.0, 0.0], [0.0, 1.0]]) * x[0])[1, 1] ** 3

    def of_torch(x):
        import torch

        return torch.linalg.cholesky(torch.tensor(matrix) + torch.tensor([[0.0, 0.0], [0.0, 1.0]]) * x[0])[1, 1] ** 3

    found = hb.check(of_torch if native else portable, np.zeros(1), backends="torch")
    assert set(found["status"]) == {"ok"}, found["reason"].tolist()
    instance = drawn(portable, np.zeros(1))
    assert verdict(instance, [[0.75 / np.sqrt(edge)]]).status == "ok"
    assert verdict(instance, [[0.76 / np.sqrt(edge)]]).status == "wrong"


def test_differences_whose_steps_follow_f_stay_on_this_side_of_where_linear_algebra_raises():
    def f(xp, x):
        matrix = xp.asarray([[1.0, 1.0], [1.0, 1.01]]) + xp.asarray([[0, 0], [0, 1]]) * x[0]
        return xp.linalg.cholesky(matrix)[1, 1] ** 3

    found = hb.hessian(f, np.zeros(1), backend="numpy", method="richardson-eager")
    assert found == pytest.approx(np.array([[7.5]]), rel=1e-8)
    found = hb.hvp(f, np.zeros(1), np.ones(1), backend="numpy", method="hvp-richardson-eager")
    assert found == pytest.approx(np.array([7.5]), rel=1e-8)
    with pytest.raises(Exception, match="not positive definite"):
        hb.hessian(f, np.full(1, -0.5), backend="numpy", method="richardson-eager")


def test_a_matrix_that_is_not_positive_definite_at_x_either_has_no_value():
    found = reference("hessian", lambda xp, x: xp.linalg.cholesky(xp.eye(2) * x[0])[0, 0], np.array([-1.0]), ())
    assert np.isnan(found.value).all()

"""How far to go: steps that suit f, and what must not be passed over on the way."""

import numpy as np
import pytest

from hessbench import suites
from hessbench.backends.numeric.differences import gradient
from hessbench.backends.numeric.reference import reference
from hessbench.backends.numeric.scales import ladder, scales
from hessbench.suites.definition.problem import draw


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble])
def test_steps_are_powers_of_two_in_the_working_precision(dtype):
    x = np.array([0.3, -1.9, 700.0], dtype=dtype)
    h = scales(lambda points: np.sum(np.exp(points / 700), axis=1), x)
    assert h.dtype == dtype
    assert np.all(np.frexp(h)[0] == 0.5)


def test_x_and_its_neighbors_are_exact():
    x = np.array([0.1, 1 / 3, 1.7, -12.3])
    h, levels = ladder(x.astype(np.longdouble))
    for k in range(levels):
        assert np.all((x + h / 2**k) - x == h / 2**k)


def test_lost_digits_are_not_taken_for_another_function_close_to_x():
    """(1 - cos x) / x^2 near 0: rounding errors a million times larger than its values show."""
    problem = suites.load("traps")["versine_small"]
    instance = draw(problem, 2)
    x = instance.points[0]
    value, _ = gradient(lambda points: np.array([problem.objective(np, y) for y in points]), x)
    assert np.max(np.abs(value - problem.gradient(x))) <= 1e-7


def pole(t, width):
    return 1 / (t + width)


def ripple(t, width):
    return np.sin((t + width) / (2 * width))


def peak(t, width):
    return np.exp(-(((t + width) / width) ** 2))


def bend(t, width):
    return np.maximum(t + width, 0 * t) ** 2


SECOND = {
    pole: lambda w: 2 / w**3,
    ripple: lambda w: -np.sin(0.5) / (2 * w) ** 2,
    peak: lambda w: 2 / w**2 * np.exp(-1),
    bend: lambda w: 2.0,
}
"""Second derivatives at t = 0."""


EVERY_DAY = [
    *range(10),
    *(pytest.param(seed, marks=[pytest.mark.slow, pytest.mark.precision]) for seed in range(10, 100)),
]
"""Ten draws of each kind; the others are slow, since all that float64 does not settle is done in extended precision."""


@pytest.mark.parametrize("term", SECOND)
@pytest.mark.parametrize("seed", EVERY_DAY)
def test_what_is_hidden_near_x_is_found_or_said_to_be_unknown(term, seed):
    """Whatever is added along a random direction, with a width between 1e-4 and 1."""
    rng = np.random.default_rng(seed)
    x, a, b = rng.uniform(-1, 1, (3, 3))
    width, size = 10 ** rng.uniform(-4, 0), 10 ** rng.uniform(-4, 0)
    height = size / abs(SECOND[term](width))
    found = reference("hessian", lambda xp, y: xp.exp(xp.sum(b * y)) + height * term(xp.sum(a * (y - x)), width), x, [])
    truth = np.exp(b @ x) * np.outer(b, b) + height * SECOND[term](width) * np.outer(a, a)
    assert np.all(np.abs(found.value - truth) <= found.bound + 1e-12 * np.max(np.abs(truth)))


DOMAINS = {
    "quadratic": lambda x: x @ x,
    "cubic": lambda x: np.sum(x**3),
    "exponential": lambda x: np.sum(np.exp(x)),
    "logarithm": lambda x: np.sum(np.log(x)),
    "coupled": lambda x: (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2,
}


@pytest.mark.parametrize("name", DOMAINS)
@pytest.mark.parametrize("dtype", [np.float64, np.longdouble])
@pytest.mark.parametrize("x", [[1.0, 2.0], [0.5, 0.125], [3.0, 5.0]])
def test_what_is_known_near_x_is_not_asked_for_far_away(name, dtype, x):
    """A loop in f that ends only where x > 0 did not end: f was asked for at x - 8."""
    x = np.array(x, dtype=dtype)

    def f(points):
        assert np.all(points > 0), points
        return np.array([DOMAINS[name](point) for point in points], dtype=dtype)

    assert np.all(scales(f, x) <= x / 2)

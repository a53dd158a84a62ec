"""Traps: every closed form against the function in 150 digits, and every control right on every framework.

The functions below are written a second time, for mpmath and by the mathematics, not by the treacherous text. A
removable singularity is a branch here, a tie or a modulus is the smooth function that it stands for.
"""

import json
import subprocess
import sys

import mpmath as mp
import numpy as np
import pytest

from hessbench import backends, suites
from hessbench.suites.definition.problem import closed_form, draw

TRAPS = suites.load("traps")
STEP, DIGITS = 1e-40, 150
FRAMEWORKS = ("torch", "jax", "tensorflow")


def matrix(x):
    m = round(len(x) ** 0.5)
    return mp.matrix([x[i * m : (i + 1) * m] for i in range(m)])


def symmetric(x):
    return (matrix(x) + matrix(x).T) / 2


def vector(a):
    return mp.matrix([mp.mpf(float(v)) for v in a])


def dot(a, b):
    return mp.fsum(u * v for u, v in zip(a, b, strict=True))


def squared(x):
    return dot(x, x)


def norm(x):
    return mp.sqrt(squared(x))


def quadratic_form_of_inverse(k, b, y):
    return dot(vector(y), mp.lu_solve(k, vector(b)))


def cube_trace(x):
    a = symmetric(x)
    cube = a * a * a
    return cube[0, 0] + cube[1, 1]


def gp_likelihood(theta, distances, y, eye):
    m = len(y)
    weights = [mp.exp(-2 * t) for t in theta]
    k = mp.matrix(m, m)
    for a in range(m):
        for b in range(m):
            exponent = mp.fsum(w * mp.mpf(float(d[a, b])) for w, d in zip(weights, distances, strict=True))
            k[a, b] = mp.exp(-exponent / 2) + mp.mpf(float(eye[a, b])) * mp.mpf(0.1)
    lower = mp.cholesky(k)
    z = mp.lu_solve(lower, vector(y))
    return squared(z) / 2 + mp.fsum(mp.log(lower[i, i]) for i in range(m))


def repeated(x, indices):
    t = [x[i] for i in indices]
    return mp.fsum(v**3 for v in t) + dot(t[:-1], t[1:])


def sinc(x):
    return mp.fsum(mp.sin(v) / v if v else mp.mpf(1) for v in x)


def cross(a, b):
    return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]


def rotation(w, v, c, matrix_of_cross):
    del matrix_of_cross
    v, angle = [mp.mpf(float(u)) for u in v], norm(w)
    if not angle:
        return dot(c, v)
    axis = [u / angle for u in w]
    turned = [
        v[i] * mp.cos(angle) + cross(axis, v)[i] * mp.sin(angle) + axis[i] * dot(axis, v) * (1 - mp.cos(angle))
        for i in range(3)
    ]
    return dot([mp.mpf(float(u)) for u in c], turned)


def softplus(x):
    return mp.fsum(mp.log1p(mp.exp(v)) if v < 0 else v + mp.log1p(mp.exp(-v)) for v in x)


def logsumexp(x):
    return mp.log(mp.fsum(mp.exp(v) for v in x))


def signed(x):
    """|x_i| x_i on the side where x_i is."""
    return mp.fsum(abs(v) * v for v in x)


FUNCTIONS = {
    "det_at_identity": lambda x: mp.det(matrix(x)),
    "det_regular": lambda x: mp.det(matrix(x)),
    "det_singular": lambda x: dot(x[:3], cross(x[3:6], x[6:])),
    "det_composed": lambda x: dot(x[:3], cross(x[3:6], x[6:])),
    "slogdet_regular": lambda x: mp.log(mp.det(matrix(x))),
    "solve_regular": lambda x, b, y: quadratic_form_of_inverse(matrix(x), b, y),
    "inverse_trace": lambda x: mp.fsum((matrix(x) ** -1)[i, i] for i in range(3)),
    "cholesky_solve": lambda x, y: quadratic_form_of_inverse(symmetric(x), y, y),
    "cholesky_log_det": lambda x: mp.log(mp.det(symmetric(x))) / 2,
    "gp_likelihood": gp_likelihood,
    "eigenvalues_repeated": cube_trace,
    "eigenvalues_distinct": cube_trace,
    "trace_of_cube": cube_trace,
    "product_one_zero": mp.fprod,
    "product_two_zeros": mp.fprod,
    "product_composed": mp.fprod,
    "powers_at_zero": lambda x, p: x[0] + x[1] ** 2 + x[2] ** 3,
    "powers_composed": lambda x: x[0] + x[1] ** 2 + x[2] ** 3,
    "repeated_indices": repeated,
    "linear": lambda x, c: dot(x, c),
    "constant": lambda x, c: mp.fsum(c),
    "unused_variables": lambda x: x[0] ** 3,
    "where_dead_branch": lambda x: mp.fsum(mp.sqrt(v) if v > 0 else v * v for v in x),
    "where_double": lambda x: mp.fsum(mp.sqrt(v) if v > 0 else v * v for v in x),
    "sinc_where": sinc,
    "sinc_double_where": sinc,
    "sinc_parabola": sinc,
    "rotation_first_order": rotation,
    "rotation_second_order": rotation,
    "norm_squared": squared,
    "norm_fourth": lambda x: squared(x) ** 2,
    "kernel_of_distance": lambda x, c: mp.exp(-squared([u - v for u, v in zip(x, c, strict=True)]) / 2),
    "angle_squared": squared,
    "power_of_square": lambda x, p: mp.fsum(abs(v) ** 3 for v in x),
    "absolute_cubed": lambda x: mp.fsum(abs(v) ** 3 for v in x),
    "absolute_squared": squared,
    "absolute_times": signed,
    "positive_cubed": lambda x: mp.fsum(max(v, 0) ** 3 for v in x),
    "rectified_difference": squared,
    "squares_of_extremes": squared,
    "product_of_extremes": lambda x: x[0] * x[1],
    "softplus_naive": softplus,
    "softplus_folded": softplus,
    "softplus_where": softplus,
    "log_sigmoid_naive": lambda x: -softplus([-v for v in x]),
    "sigmoid_naive": lambda x: mp.fsum(1 / (1 + mp.exp(-v)) for v in x),
    "logsumexp_naive": logsumexp,
    "logsumexp_shifted": logsumexp,
    "logaddexp_far_apart": lambda x: logsumexp(x[:2]) + logsumexp(x[2:]),
    "logaddexp_equal": lambda x: logsumexp(x[:2]) + logsumexp(x[2:]),
    "tanh_saturated": lambda x: mp.fsum(mp.tanh(v) for v in x),
    "tanh_tiny": lambda x: mp.fsum(mp.tanh(v) for v in x),
    "log1p_expm1_tiny": lambda x: mp.fsum(mp.log1p(v) * mp.expm1(v) for v in x),
    "hypotenuse_huge": norm,
    "hypotenuse_tiny": norm,
    "hypotenuse_scaled": lambda x, s: norm(x),
    "versine_small": lambda x: mp.fsum((1 - mp.cos(v)) / v**2 for v in x),
    "versine_tiny": lambda x: mp.fsum((1 - mp.cos(v)) / v**2 for v in x),
    "argument_beside_cut": lambda x: mp.atan2(x[1], x[0]),
    "badly_scaled": lambda x, d: mp.fsum(mp.mpf(float(w)) * v * v for w, v in zip(d, x, strict=True)) / 2,
    "large_offset": lambda x: mp.mpf(10) ** 8 + (x[0] * x[1]) ** 2 + (x[1] * x[2]) ** 2,
    "fast_sine": lambda x: mp.fsum(mp.sin(10**4 * v) for v in x),
    "degenerate": lambda x: x[0] ** 2 + x[0] * x[1] ** 2 - x[1] ** 4,
}
SCALES = {"hypotenuse_huge": 1e200, "hypotenuse_tiny": 1e-200, "hypotenuse_scaled": 1e-200}
"""Of x, where it is not about 1: the step is in proportion."""


def differences(f, x, step):
    """Gradient and Hessian by central differences; with 150 digits and a step of 1e-40 about 60 digits are right."""
    n = len(x)

    def at(*moves):
        y = list(x)
        for i, sign in moves:
            y[i] += sign * step
        return f(y)

    gradient = [(at((i, 1)) - at((i, -1))) / (2 * step) for i in range(n)]
    hessian = np.zeros((n, n))
    for i in range(n):
        for j in range(i, n):
            corners = at((i, 1), (j, 1)) - at((i, 1), (j, -1)) - at((i, -1), (j, 1)) + at((i, -1), (j, -1))
            hessian[i, j] = hessian[j, i] = float(corners / (4 * step**2))
    return np.array([float(g) for g in gradient]), hessian


def instance_of(name):
    problem = TRAPS[name]
    return draw(problem, problem.sizes[0])


def test_every_trap_has_a_function_in_many_digits():
    assert set(FUNCTIONS) == set(TRAPS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_closed_forms_are_right_to_the_last_digits(name):
    instance = instance_of(name)
    with mp.workdps(DIGITS):
        x = [mp.mpf(float(v)) for v in instance.points[0]]
        step = mp.mpf(STEP) * SCALES.get(name, 1)
        gradient, hessian = differences(lambda y: FUNCTIONS[name](y, *instance.data), x, step)
    for operator, exact in (("gradient", gradient), ("hessian", hessian)):
        given = closed_form(instance, operator, instance.points[0])
        assert given.shape == exact.shape
        assert np.all(np.isfinite(given))
        if given.any() or name in SCALES:
            np.testing.assert_allclose(given, exact, rtol=1e-12, atol=3e-15 * np.max(np.abs(exact)))
        else:  # what is left is the error of the step
            assert np.max(np.abs(exact)) < 1e-60


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_text_is_that_function(name):
    """Away from the treacherous place, where the text is as good as any other."""
    instance = instance_of(name)
    problem, shift = instance.problem, np.random.default_rng(1).uniform(0.2, 0.4, instance.n)
    if "linalg" in problem.tags:
        x = instance.points[0] + 0.1 * shift
    else:
        x = SCALES["hypotenuse_scaled"] * shift if name == "hypotenuse_scaled" else shift
    with mp.workdps(40):
        exact = float(FUNCTIONS[name]([mp.mpf(float(v)) for v in x], *instance.data))
    assert float(problem.objective(np, x, *instance.data)) == pytest.approx(exact, rel=1e-10, abs=0)


def test_every_point_is_the_treacherous_one(each):
    def check(problem):
        instance = draw(problem, problem.sizes[0])
        for x in (*instance.points, *instance.batches[0], *(point for point, _ in instance.fresh)):
            np.testing.assert_array_equal(x, instance.points[0])

    each(TRAPS, check)


def test_traps_are_tagged_and_say_where_they_were_reported(each):
    def check(problem):
        assert "trap" in problem.tags
        assert all(backend in FRAMEWORKS and threads for backend, threads in problem.upstream.items())

    each(TRAPS, check)


@pytest.mark.slow
@pytest.mark.worker
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_safe_formulations_are_right(framework, tmp_path):
    """Who flags these flags too much; the default methods and one of every mode."""
    if reason := backends.missing(framework):
        pytest.skip(reason)
    controls = [f"traps/{name}" for name, problem in TRAPS.items() if "control" in problem.tags]
    command = [sys.executable, "-P", "-m", "hessbench.harness", "verify", *controls, "--backend", framework, "--json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    cells = json.loads(done.stdout)["cells"]
    assert {f"traps/{cell['problem']}" for cell in cells} == set(controls)
    faulty = [f"{c['problem']} {c['method']}: {c['outcome']} {c['reason']}" for c in cells if c["status"] != "ok"]
    assert not faulty

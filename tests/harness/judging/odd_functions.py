"""Functions whose derivatives are right and look odd, by kinds: drawn from a seed, with 50-digit truths.

A judge that measures with differences of f is tried on them: noisy, constant up to rounding, beside a pole, bent at x.
`truth` evaluates the text in many digits (`tests/suites/multiprecision.py`), where no rounding noise is left.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import mpmath
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2] / "suites"))
import multiprecision

sys.path.pop(0)


@dataclass(frozen=True)
class Odd:
    """A function f(xp, x) at a point.

    Attributes:
        kind: A key of `KINDS`.
        f: The function.
        x: The point, (n,).
        size: The size of x, a power of two: what steps in many digits are relative to.
        exact: The text to take for the truth where f is another one near x: as many iterations as it takes at x.
        bent: Whether there is no second derivative at x.
    """

    kind: str
    f: Callable
    x: np.ndarray
    size: float = 1.0
    exact: Callable | None = None
    bent: bool = False


UNARY = ("sin", "cos", "tanh", "exp", "square", "atan", "log1p", "sqrt", "expm1", "sinh")


def smooth(rng, n, terms=3):
    """A random smooth function of order one: sums of products of elementary functions of random combinations."""
    plan = [(rng.choice(UNARY), rng.choice(UNARY), rng.standard_normal((2, n)) / np.sqrt(n)) for _ in range(terms)]
    shares = rng.uniform(0.5, 2.0, terms)

    def safe(xp, name, u):
        if name in ("log1p", "sqrt"):
            return getattr(xp, name)(u * u + 0.5)
        return getattr(xp, name)(xp.tanh(u) if name in ("exp", "expm1", "sinh") else u)

    def f(xp, x):
        total = 0 * x[0]
        for share, (outer, inner, a) in zip(shares, plan, strict=True):
            left = sum(float(a[0, i]) * x[i] for i in range(n))
            right = sum(float(a[1, i]) * x[i] for i in range(n))
            total = total + float(share) * safe(xp, outer, left) * safe(xp, inner, right + 0.3)
        return total

    return f, np.round(rng.uniform(-1.5, 1.5, n), 3)


def _smooth(rng):
    f, x = smooth(rng, int(rng.integers(1, 6)))
    return Odd("smooth", f, x)


def _offset(rng):
    inner, x = smooth(rng, int(rng.integers(1, 5)))
    c = float(rng.choice([-1, 1]) * 10.0 ** rng.uniform(2, 15))
    stays = bool(rng.integers(2))
    return Odd("offset", lambda xp, x: (c + inner(xp, x)) if stays else (c + inner(xp, x)) - c, x)


def _cancellation(rng):
    n = int(rng.integers(2, 5))
    inner, x = smooth(rng, n)
    large = float(10.0 ** rng.uniform(1, 6))
    kind = int(rng.integers(3))

    def f(xp, x):
        s = inner(xp, x)
        if kind == 0:  # (a + b)^2 - a^2 - 2 a b, which is b^2
            return (large + s) ** 2 - large * large - 2 * large * s
        if kind == 1:  # the variance as a difference of moments
            moment = sum((large + x[i]) ** 2 for i in range(n)) / n
            return moment - (sum(large + x[i] for i in range(n)) / n) ** 2
        return large * (xp.sqrt(large * large + s) - large)

    return Odd("cancellation", f, x)


def _float32(rng):
    inner, x = smooth(rng, int(rng.integers(1, 5)))

    def f(xp, x):
        single = xp.asarray(x, dtype=xp.float32)
        return xp.asarray(inner(xp, single), dtype=x.dtype) + xp.sum(x * x)

    return Odd("float32", f, x)


def _bend(rng):
    f, x = smooth(rng, int(rng.integers(1, 4)))
    c, scale, kind = float(x[0]), float(10.0 ** rng.uniform(-1, 2)), int(rng.integers(4))
    off = float(rng.choice([0.0, 0.0, 1e-2, 1e-4, 1e-6]) * rng.choice([-1, 1]))

    def g(xp, x):
        u = x[0] - c + off
        if kind == 0:
            return f(xp, x) + scale * xp.maximum(u, 0 * u) ** 2
        if kind == 1:
            return f(xp, x) + scale * u * xp.abs(u)
        if kind == 2:
            return f(xp, x) + scale * xp.where(u > 0, u * u + u, xp.sin(u))
        return f(xp, x) + scale * xp.where(u < 0, 3 * u * u, u * u * u)

    return Odd("bend", g, x, bent=off == 0)


def _constant(rng):
    n = int(rng.integers(2, 5))
    x = np.round(rng.uniform(-1.5, 1.5, n), 3)
    size, kind = float(10.0 ** rng.uniform(-8, 8)), int(rng.integers(5))

    def f(xp, x):
        s = sum(x[i] for i in range(n))
        if kind == 0:
            return size * (xp.sin(s) ** 2 + xp.cos(s) ** 2)
        if kind == 1:
            c, d = xp.cos(x[0]), xp.sin(x[0])
            a, b = c * x[1] - d * s, d * x[1] + c * s
            return size * (a * a + b * b - x[1] * x[1] - s * s)
        if kind == 2:
            return size * xp.sum(xp.exp(x)) / sum(xp.exp(x[i]) for i in range(n))
        if kind == 3:
            return size * (xp.log(xp.exp(s)) - s)
        return size * (xp.cosh(s) ** 2 - xp.sinh(s) ** 2)

    return Odd("constant", f, x)


def _scale(rng):
    inner, y = smooth(rng, int(rng.integers(1, 4)))
    size = float(2.0 ** int(rng.uniform(-498, 498)))
    out = float(2.0 ** int(rng.uniform(-300, 300) if abs(np.log2(size)) < 300 else 0))
    if abs(np.log2(out) - 2 * np.log2(size)) > 950:
        out = 1.0
    return Odd("scale", lambda xp, x: out * inner(xp, x / size), y * size, size)


def _inner(rng):
    """The solution of an equation within f, by Newton's method or by a fixed point that ends by itself."""
    inner, x = smooth(rng, int(rng.integers(1, 4)))
    kind, tolerance = int(rng.integers(3)), float(10.0 ** rng.uniform(-12, -6))

    def solved(xp, a):  # u = cos(u) / 2 + a / 4
        u = 0.5 + 0 * a
        for _ in range(8):
            u = u - (u - 0.5 * xp.cos(u) - 0.25 * a) / (1 + 0.5 * xp.sin(u))
        return u

    def fixed(xp, a):
        u = 0.5 + 0 * a
        for _ in range(60):
            u = 0.5 * xp.cos(u) + 0.25 * a
        return u

    def ended(xp, a):
        u = 0.5 + 0 * a
        for count in range(1, 200):
            following = 0.5 * xp.cos(u) + 0.25 * a
            done = xp.abs(following - u) < tolerance
            u = following
            if done:
                taken.append(count)
                break
        return u

    def counted(xp, a):
        u = 0.5 + 0 * a
        for _ in range(taken[0]):
            u = 0.5 * xp.cos(u) + 0.25 * a
        return u

    def make(solve):
        return lambda xp, x: xp.exp(solve(xp, xp.sin(inner(xp, x)))) + xp.sum(x * x)

    taken = []
    make(ended)(np, x)
    return Odd("inner", make((solved, fixed, ended)[kind]), x, exact=make(counted) if kind == 2 else None)


def _pole(rng):
    n = int(rng.integers(1, 4))
    inner, x = smooth(rng, n)
    gap = float(10.0 ** rng.uniform(-9, -1) * rng.choice([-1, 1]))
    c, kind = float(x[0]) + gap, int(rng.integers(4))

    def f(xp, x):
        u = x[0] - c
        if kind == 0:
            return inner(xp, x) + 1 / u
        if kind == 1:
            return inner(xp, x) + xp.log(xp.abs(u))
        if kind == 2:
            return (inner(xp, x) - 1 / u) ** 2
        return inner(xp, x) / (1 + 3 * u * u) + xp.sqrt(xp.abs(u))

    return Odd("pole", f, x)


def _tail(rng):
    n = int(rng.integers(1, 4))
    x = np.round(rng.uniform(0.5, 1.5, n), 3)
    far, kind = float(rng.uniform(5, 45)), int(rng.integers(5))

    def f(xp, x):
        s = sum(x[i] for i in range(n)) / n * far
        if kind == 0:
            return xp.expm1(-s)
        if kind == 1:
            return xp.log1p(xp.exp(-s))
        if kind == 2:
            return xp.tanh(s)
        if kind == 3:
            return 1 / (1 + xp.exp(-s))
        return xp.exp(-s * s / 20)

    return Odd("tail", f, x)


def _ripple(rng):
    """A ripple that is finer than most differences, on a smooth function: noise to whoever looks from afar."""
    inner, x = smooth(rng, int(rng.integers(1, 4)))
    w, a, kind = float(10.0 ** rng.uniform(1, 7)), float(10.0 ** rng.uniform(-3, 0)), int(rng.integers(2))

    def f(xp, x):
        return inner(xp, x) + a * xp.sin(w * x[0]) if kind else inner(xp, x) * (1 + a * xp.cos(w * x[0]))

    return Odd("ripple", f, x)


def _iterated(rng):
    """The logistic map, again and again: chaotic, smooth all the same."""
    steps, n = int(rng.integers(5, 26)), int(rng.integers(1, 3))

    def f(xp, x):
        u = x[0] * x[n - 1]
        for _ in range(steps):
            u = 3.9 * u * (1 - u)
        return u

    return Odd("iterated", f, np.round(rng.uniform(0.1, 0.9, n), 3))


def _edge(rng):
    """Beside the end of f's domain, and of the first steps that differences take."""
    inner, x = smooth(rng, int(rng.integers(1, 4)))
    x[0], kind = float(10.0 ** rng.uniform(-8, -1)), int(rng.integers(5))

    def f(xp, x):
        u = x[0]
        root, log = xp.sqrt(u), xp.log(u)
        return inner(xp, x) + (log, root, u * log, 1 / u, u * root)[kind]

    return Odd("edge", f, x)


def _polynomial(rng):
    n = int(rng.integers(1, 6))
    a, x = np.round(rng.standard_normal((n, n)), 2), np.round(rng.standard_normal(n), 2)
    power = int(rng.integers(1, 4))
    return Odd(
        "polynomial",
        lambda xp, x: sum(float(a[i, j]) * x[i] * x[j] ** (power - 1) for i in range(n) for j in range(n)),
        x,
    )


def _matrix(rng):
    """Linear algebra of a matrix that nearly lacks what is asked for: rank, definiteness, eigenvalues that differ."""
    n, order, kind = int(rng.integers(1, 4)), 3, int(rng.integers(4))
    x = np.round(rng.uniform(-1.5, 1.5, n), 3) * rng.integers(2)
    near = float(10.0 ** rng.uniform(-6, -1))
    turn = np.linalg.qr(rng.standard_normal((order, order)))[0]
    base = turn @ np.diag([1, 1 + near, 2] if kind == 3 else [near, 1, 2]) @ turn.T
    base, slopes = (base + base.T) / 2, rng.standard_normal((n, order, order))
    slopes += slopes.transpose(0, 2, 1)

    def entry(x, i, j):
        return sum((float(slopes[k, i, j]) * (x[k] - here[k]) for k in range(n)), start=float(base[i, j]))

    def f(xp, x):
        a = xp.reshape(xp.stack([entry(x, i, j) for i in range(order) for j in range(order)]), (order, order))
        if kind == 0:
            return xp.linalg.slogdet(a)[1]
        if kind == 1:
            return xp.linalg.cholesky(a)[order - 1, order - 1] ** 3
        if kind == 2:
            return xp.sum(xp.linalg.solve(a, xp.stack([1 + 0 * x[0], 2 + x[0], 3 - x[0]])) ** 2)
        return xp.linalg.eigvalsh(a)[0] ** 2

    here = [float(number) for number in x]
    return Odd("matrix", f, x)


KINDS = {
    "smooth": _smooth,
    "offset": _offset,
    "cancellation": _cancellation,
    "float32": _float32,
    "bend": _bend,
    "constant": _constant,
    "scale": _scale,
    "inner": _inner,
    "pole": _pole,
    "tail": _tail,
    "polynomial": _polynomial,
    "ripple": _ripple,
    "iterated": _iterated,
    "edge": _edge,
    "matrix": _matrix,
}


def draw(kind, seed):
    """The function of that kind and seed, finite at its point."""
    for attempt in range(100):
        odd = KINDS[kind](np.random.default_rng([seed, attempt, *kind.encode()]))
        with np.errstate(all="ignore"):
            if np.isfinite(float(odd.f(np, odd.x))):
                return odd
    raise AssertionError(f"no finite function of kind {kind}")


def truth(odd):
    """The value, gradient (n,) and Hessian (n, n) at x in many digits, rounded to float64 at the end."""
    size = mpmath.mpf(odd.size)
    f = odd.exact or odd.f
    scaled = SimpleNamespace(objective=lambda xp, y: f(xp, y * size))
    y = multiprecision.exact(odd.x) / size
    n = odd.x.size
    hessian = multiprecision.hessian(scaled, n, y, ()) / size**2
    gradient = [multiprecision.derivatives_along(scaled.objective, y, (), row)[0] / size for row in np.eye(n)]
    found = np.array(gradient).astype(float), hessian.astype(float)
    return tuple(map(np.zeros_like, found)) if odd.kind == "constant" else found  # not what a hundred digits leave

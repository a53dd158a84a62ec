"""Verdicts of the audit, drawn at random and checked by mpmath: docs/audit_checked.csv.

    python benchmarks/functions/by_hand.py --wrong 70 --ok 30 > docs/audit_checked.csv

No part of the judge is used. The function is written in mpmath (`MPMATH`), or is NumPy's own on arrays of mpmath's
numbers; the derivative is central differences at 60 digits, with an error of some 1e-30; the method is the framework's.
A verdict is confirmed where a wrong result is as far off as the table says, or an ok one is near.
"""

import argparse
import csv
import random
import sys
from collections import Counter
from pathlib import Path

import mpmath as mp
import numpy as np
import pandas as pd

from hessbench import backends
from hessbench.backends.scripts.calls import Call, found, objective
from hessbench.backends.scripts.written import MAPPED
from hessbench.harness.judging.text import _loaded
from hessbench.suites.functions import HOMES, read
from hessbench.suites.functions.points import special_points

mp.mp.dps = 60
SMALL = mp.mpf(10) ** -14
"""Of the smallest number in x that is not zero, or of one: the distance of differences."""
NEAR = 1e-6
"""A result that is called ok may be so far off: the judge's own bound, at points where f is hard to compute."""
NUMPY = ("numpy", "numpy.linalg", "numpy.fft")


class Mpmath:
    """mpmath's part of a call, on NumPy's arrays of objects."""

    def constant(self, values, x):
        """See `Kit`; integers and Booleans stay what they are."""
        return np.vectorize(mp.mpmathify, otypes=[object])(values) if values.dtype.kind in "fc" else values

    def reshaped(self, x, shape):
        """See `Kit`."""
        return np.reshape(x, tuple(shape))

    def joined(self, real, imaginary):
        """See `Kit`."""
        return real + mp.mpc(0, 1) * imaginary

    def parts(self, result):
        """See `Kit`."""
        flat = np.asarray(result, dtype=object).reshape(-1)
        if any(isinstance(y, mp.mpc) for y in flat):
            flat = [mp.mpmathify(y) for y in flat]
            return [np.array([y.real for y in flat]), np.array([y.imag for y in flat])]
        return [flat] if any(isinstance(y, mp.mpf | float) for y in flat) else []

    def weighted(self, flat, weights):
        """See `Kit`."""
        return sum(mp.mpf(float(w)) * y for w, y in zip(weights, flat, strict=True))

    def moved(self, base, directions, x):
        """See `Kit`."""
        return base + sum(y * np.vectorize(mp.mpf, otypes=[object])(d) for y, d in zip(x, directions, strict=True))


KIT = Mpmath()


def each(function):
    """A function of numbers as one of arrays."""

    def of_arrays(*arrays):
        return np.frompyfunc(lambda *y: function(*map(mp.mpmathify, y)), len(arrays), 1)(*arrays)

    return of_arrays


def _gammainc(a, x):
    return mp.gammainc(a, 0, x, regularized=True)


def _gammaincc(a, x):
    return mp.gammainc(a, x, mp.inf, regularized=True)


def _log_gamma(x):
    return mp.log(abs(mp.gamma(x)))


def _beta(a, b):
    return mp.gamma(a) * mp.rgamma(a + b) * mp.gamma(b)


def _norm(x, *_):
    return mp.sqrt(sum(abs(y) ** 2 for y in np.ravel(x)))


def _solve(a, b):
    """A stack of matrices, and one vector."""
    return np.array([list(mp.lu_solve(mp.matrix(one.tolist()), mp.matrix(list(b)))) for one in a], dtype=object)


def _cholesky(a, *_, **__):
    found = mp.cholesky(mp.matrix(a.tolist()))
    return np.array(found.tolist(), dtype=object)


TRIGONOMETRIC = ("sin", "cos", "tan", "sinh", "cosh", "tanh")
PLAIN = ("exp", "sqrt", "expm1", "log1p", "erf", "erfc", "gamma", "digamma", "rgamma", "hyp2f1", "hyp1f1")
MPMATH = {
    **{name: each(getattr(mp, name)) for name in (*TRIGONOMETRIC, *PLAIN)},
    **{f"a{name}": each(getattr(mp, f"a{name}")) for name in TRIGONOMETRIC},
    **{f"arc{name}": each(getattr(mp, f"a{name}")) for name in TRIGONOMETRIC},
    "absolute": each(abs),
    "psi": each(mp.digamma),
    "lgamma": each(_log_gamma),
    "gammaln": each(_log_gamma),
    "beta": each(_beta),
    "betaln": each(lambda a, b: mp.log(abs(_beta(a, b)))),
    "log": each(mp.log),
    "log2": each(lambda x: mp.log(x, 2)),
    "log10": each(mp.log10),
    "exp2": each(lambda x: 2**x),
    "sinc": each(mp.sincpi),
    "logit": each(lambda x: mp.log(x / (1 - x))),
    "expit": each(lambda x: 1 / (1 + mp.exp(-x))),
    "sigmoid": each(lambda x: 1 / (1 + mp.exp(-x))),
    "logistic": each(lambda x: 1 / (1 + mp.exp(-x))),
    "log_sigmoid": each(lambda x: -mp.log1p(mp.exp(-x))),
    "softplus": each(lambda x: mp.log1p(mp.exp(x))),
    "i0": each(lambda x: mp.besseli(0, x)),
    "i1": each(lambda x: mp.besseli(1, x)),
    "i0e": each(lambda x: mp.besseli(0, x) * mp.exp(-abs(x))),
    "i1e": each(lambda x: mp.besseli(1, x) * mp.exp(-abs(x))),
    "bessel_i0e": each(lambda x: mp.besseli(0, x) * mp.exp(-abs(x))),
    "bessel_i1e": each(lambda x: mp.besseli(1, x) * mp.exp(-abs(x))),
    "iv": each(mp.besseli),
    "ive": each(lambda n, x: mp.besseli(n, x) * mp.exp(-abs(x))),
    "jn": each(mp.besselj),
    "fresnel": lambda x: (each(mp.fresnels)(x), each(mp.fresnelc)(x)),
    "expn": each(mp.expint),
    "exp1": each(mp.e1),
    "expi": each(mp.ei),
    "ndtr": each(mp.ncdf),
    "log_ndtr": each(lambda x: mp.log(mp.ncdf(x))),
    "norm.logcdf": each(lambda x: mp.log(mp.ncdf(x))),
    "norm.logsf": each(lambda x: mp.log(mp.ncdf(-x))),
    "gammainc": each(_gammainc),
    "gammaincc": each(_gammaincc),
    "igamma": each(_gammainc),
    "igammac": each(_gammaincc),
    "chi2.sf": each(lambda x, k: _gammaincc(k / 2, x / 2)),
    "chi2.logsf": each(lambda x, k: mp.log(_gammaincc(k / 2, x / 2))),
    "gamma.cdf": each(lambda x, a: _gammainc(a, x)),
    "gamma.logsf": each(lambda x, a: mp.log(_gammaincc(a, x))),
    "beta.cdf": each(lambda x, a, b: mp.betainc(a, b, 0, x, regularized=True)),
    "polygamma": each(lambda n, x: mp.psi(int(n), x)),
    "zeta": each(mp.zeta),
    "float_power": each(mp.power),
    "xlogy": each(lambda x, y: x * mp.log(y) if x else mp.mpf(0)),
    "xlog1py": each(lambda x, y: x * mp.log1p(y) if x else mp.mpf(0)),
    "norm": _norm,
    "solve": _solve,
    "cholesky": _cholesky,
}
"""By the end of a function's name."""


def text_of(function):
    """The independent text of a function of a framework, or None."""
    parts = function.split(".")
    for name in (".".join(parts[-2:]), parts[-1]):
        if name in MPMATH:
            return MPMATH[name]
    for home in NUMPY:
        try:
            return found(f"{home}.{parts[-1]}")
        except AttributeError:
            continue
    return None


def value_of(call):
    """F in mpmath, of an array of its numbers."""
    return objective(call, KIT, text_of(call.function))


def step_at(x):
    """The distance of differences at x."""
    return SMALL * min([mp.mpf(1), *(abs(mp.mpf(float(y))) for y in x if y)])


def derivative(f, x, order):
    """Gradient or Hessian by central differences at 60 digits."""
    step = step_at(x)
    x = np.array([mp.mpf(float(y)) for y in x], dtype=object)
    steps = [step * row for row in np.eye(len(x), dtype=int).astype(object)]
    if order == 1:
        return np.array([float((f(x + a) - f(x - a)) / (2 * step)) for a in steps])
    rows = [[f(x + a + b) - f(x + a - b) - f(x - a + b) + f(x - a - b) for b in steps] for a in steps]
    return np.array([[float(entry / (4 * step**2)) for entry in row] for row in rows])


def along(f, x, right):
    """Whether the derivative along a direction is what the entries say; else f has none at x."""
    v = np.random.default_rng(len(x)).uniform(0.5, 1.5, len(x)) * np.resize([1, -1], len(x))
    step = step_at(x)
    steps, at = [step * mp.mpf(float(y)) for y in v], [mp.mpf(float(y)) for y in x]
    ahead, back = (f(np.array(at, dtype=object) + sign * np.array(steps, dtype=object)) for sign in (1, -1))
    here = f(np.array(at, dtype=object))
    found = (ahead - back) / (2 * step) if right.ndim == 1 else (ahead - 2 * here + back) / step**2
    told = float(v @ right if right.ndim == 1 else v @ right @ v)
    return abs(float(found) - told) <= 1e-9 * np.sum(np.abs(right)) + 1e-20


def claimed(backend, name, mode, x):
    """What the framework says."""
    operator = "gradient" if mode == "reverse" else "hessian"
    fitting = [m for m in backend.methods if m.operator == operator and m.mode == mode]
    method = min(fitting, key=lambda m: not m.default)
    call = read(backend.name)["functions"][name]["call"]
    text = _loaded(f"{HOMES[backend.name]}:{Call(call[0], tuple(call[1]), call[2]).text()}")
    with backend.scope():
        prepared = backend.prepare(method, lambda xp, y: text(y), (), x)
        return np.asarray(backend.to_numpy(prepared.call(backend.asarray(x))))


def point_of(framework, name, point):
    """X at a point of a call."""
    facts = read(framework)["functions"][name]
    return np.array(facts["x"] if point == "start" else special_points(facts["x"], facts["call"])[point])


def checked(backend, row):
    """Call, verdict, and what mpmath says of it; None where it cannot say."""
    name = f"{row.function}:{row.argument}"
    call, x = read(backend.name)["functions"][name]["call"], point_of(backend.name, name, row.point)
    if text_of(row.function) is None or len(x) > 9 or row.mode.startswith(MAPPED):
        return None
    try:
        right = derivative(value_of(Call(call[0], tuple(call[1]), call[2])), x, 1 if row.mode == "reverse" else 2)
    except Exception:  # NumPy's own may not take objects, mpmath not the point
        return None
    if not along(value_of(Call(call[0], tuple(call[1]), call[2])), x, right):
        right = np.full_like(right, np.nan)  # the axes have derivatives, f has none
    got = claimed(backend, name, row.mode, x)
    size = np.linalg.norm(right) or 1.0
    off = float(np.linalg.norm(got - right) / size) if np.all(np.isfinite(got)) else float("nan")
    told = row.fault or row.status
    if row.status == "ok":
        fits = off <= NEAR
    elif row.fault == "derivative-nan":
        fits = bool(np.isnan(off) and np.all(np.isfinite(right)))
    else:
        fits = bool(off > 1e-13 and 0.2 < off / row.rel_error < 5) if row.rel_error else off > NEAR
    return [
        backend.name,
        name,
        row.point,
        row.mode,
        told,
        f"{row.rel_error:.1e}",
        f"{off:.1e}",
        "yes" if fits else "NO",
    ]


def in_turn(rows, seed):
    """The rows in an order by chance, those of each function in turn: no function makes most of a sample."""
    random.Random(seed).shuffle(rows)
    seen = Counter()
    order = []
    for i, (_, row) in enumerate(rows):
        seen[row.function] += 1
        order.append((seen[row.function], i))
    return [rows[i] for _, i in sorted(order)]


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--wrong", type=int, default=70)
    parser.add_argument("--ok", type=int, default=30)
    parser.add_argument("--seed", type=int, default=24)
    asked = parser.parse_args()
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["framework", "call", "point", "mode", "verdict", "rel_error", "by_mpmath", "confirmed"])
    tables = {p.stem.partition("-")[0]: pd.read_parquet(p) for p in sorted((Path("docs/audit")).glob("*.parquet"))}
    opened = {name: backends.open(name, "float64", "cpu") for name in tables}
    rows = [(name, row) for name, table in tables.items() for row in table.itertuples()]
    for status, count in (("wrong", asked.wrong), ("ok", asked.ok)):
        done = 0
        for name, row in in_turn([pair for pair in rows if pair[1].status == status], asked.seed):
            if done < count and (told := checked(opened[name], row)):
                writer.writerow(told)
                sys.stdout.flush()
                done += 1


if __name__ == "__main__":
    main()

"""Sparse Hessians through hessbench beside hand-written loops, our own method beside asdex's, and whole pipelines.

    python benchmarks/sparse/hand_loop.py [calls] [own] [pipeline]

* `calls`: asdex and CasADi through the harness's stopwatch beside a loop that a person would write around that call;
* `own`: our compressed method in JAX beside asdex's evaluation, n = 10^3 to 10^5;
* `pipeline`: chained Rosenbrock at n = 10^5 in every framework: seconds and memory from nothing to the first values,
  and a call in gradients.

Ratios are of samples taken in turn, so that a busy neighbor falls on both; each framework has a process of its own.
"""

import argparse
import resource
import statistics
import subprocess
import sys
import time

import numpy as np

from hessbench import backends, suites
from hessbench.harness.worker.stopwatch import SAMPLE_FLOOR, Stopwatch

PROBLEM = suites.load("classic")["rosenbrock"]
TURNS, SAMPLE_S = 40, 5e-3
SIZES = (1_000, 10_000, 100_000)
LARGE = 100_000

PIPELINES = {
    "jax": ("sparse-forward-over-reverse-jit", "sparse-asdex-forward-over-reverse-jit"),
    "torch": ("sparse-loop-eager", "sparse-vjp-eager"),
    "tensorflow": ("sparse-reverse-over-reverse-graph", "sparse-reverse-over-reverse-xla"),
    "autograd": ("sparse-make-hvp-eager",),
    "casadi": ("sparse-hessian-sx-symbolic",),
}


def chained(x):
    """The function itself, as a person has it."""
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def points(n):
    """Two points to call at, and one to prepare at."""
    return np.random.default_rng(n).uniform(-1, 1, (3, n))


def in_turn(first, second, turns=TURNS):
    """Fastest seconds per call of both, and the median ratio of neighbors; each takes a number of calls."""
    once = max(first(3), first(3), second(3))
    loops = max(1, int(max(SAMPLE_S, SAMPLE_FLOOR) / once))
    first(loops), second(loops)
    pairs = [(first(loops), second(loops)) for _ in range(turns)]
    return min(a for a, _ in pairs), min(b for _, b in pairs), statistics.median(a / b for a, b in pairs)


def repeated(call, arguments, wait):
    """Seconds per call of so many calls, each waited for."""

    def loop(loops):
        start = time.perf_counter()
        for i in range(loops):
            wait(call(arguments[i % len(arguments)]))
        return (time.perf_counter() - start) / loops

    return loop


def harness(backend, prepared, arguments):
    """The same by the harness."""
    watch = Stopwatch(prepared.call, backend.synchronize, [(x,) for x in arguments])
    return lambda loops: watch.loop(loops) / loops


def method_of(backend, name):
    """The method of that name."""
    return next(method for method in backend.methods if method.name == name)


def asdex_by_hand(n):
    """As its documentation says."""
    import asdex
    import jax

    coloring = asdex.hessian_coloring(chained, np.ones(n), mode="fwd_over_rev")
    return jax.jit(lambda x: asdex.hessian_from_coloring(chained, coloring, "bcoo")(x).data)


def casadi_by_hand(n):
    """One function with a sparse output, called through its buffer."""
    import casadi as ca

    x = ca.SX.sym("x", n)
    f = ca.sum1(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)
    function = ca.Function("h", [x], [ca.hessian(f, x)[0]])
    buffer, evaluate = function.buffer()

    def call(point):
        buffer.set_arg(0, point.data)
        values = np.empty(function.nnz_out(0))
        buffer.set_res(0, values.data)
        evaluate()
        return values

    return call


def calls(name):
    """The same call through the harness and by hand."""
    backend = backends.open(name, "float64", "cpu", "highest")
    chosen, by_hand = {
        "jax": ("sparse-asdex-forward-over-reverse-jit", asdex_by_hand),
        "casadi": ("sparse-hessian-sx-symbolic", casadi_by_hand),
    }[name]
    with backend.scope():
        for n in (1_000, 10_000):
            prepared = backend.prepare(method_of(backend, chosen), PROBLEM.objective, (), points(n)[-1])
            inputs = [backend.asarray(x) for x in points(n)[:2]]
            bare = repeated(by_hand(n), inputs, backend.synchronize)
            ours, hand, typical = in_turn(harness(backend, prepared, inputs), bare)
            print(
                f"| {name} {chosen} | {n} | {ours * 1e6:.1f} | {hand * 1e6:.1f} | {ours / hand:.3f} | {typical:.3f} |"
            )


def own(name):
    """Our compressed method beside asdex's evaluation."""
    backend = backends.open(name, "float64", "cpu", "highest")
    with backend.scope():
        for n in SIZES:
            inputs = [backend.asarray(x) for x in points(n)[:2]]
            loops = [
                harness(backend, backend.prepare(method_of(backend, one), PROBLEM.objective, (), points(n)[-1]), inputs)
                for one in ("sparse-forward-over-reverse-jit", "sparse-asdex-forward-over-reverse-jit")
            ]
            ours, theirs, typical = in_turn(*loops)
            print(
                f"| {name} compressed beside asdex | {n} | {ours * 1e6:.1f} | {theirs * 1e6:.1f} | {ours / theirs:.3f} "
                f"| {typical:.3f} |"
            )


def resident():
    """Peak bytes of this process."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def pipeline(name):
    """From nothing to the first values, then a call in gradients."""
    backend = backends.open(name, "float64", "cpu", "highest")
    with backend.scope():
        backend.synchronize(backend.asarray(np.zeros(3)))
        for chosen in PIPELINES[name]:
            method = method_of(backend, chosen)
            before, start = resident(), time.perf_counter()
            prepared = backend.prepare(method, PROBLEM.objective, (), points(LARGE)[-1])
            inputs = [backend.asarray(x) for x in points(LARGE)[:2]]
            backend.synchronize(prepared.call(inputs[0]))
            whole, beyond = time.perf_counter() - start, resident() - before
            slope = next(m for m in backend.methods if m.operator == "gradient" and m.execution == method.execution)
            gradient = backend.prepare(slope, PROBLEM.objective, (), points(LARGE)[-1])
            one, other, typical = in_turn(*(harness(backend, each, inputs) for each in (prepared, gradient)), turns=15)
            at, phases = prepared.compression, prepared.phases
            told = {**phases, **at.later()}
            print(
                f"| {name} {chosen} | {whole:.1f} | {beyond / 1e9:.2f} | {told.get('detect_s', 0):.2f} "
                f"| {told.get('color_s', 0):.2f} | {one * 1e3:.2f} | {one / other:.1f} | {typical:.1f} |"
            )


PARTS = {
    "calls": (
        calls,
        ("jax", "casadi"),
        "| method | n | harness, µs | by hand, µs | ratio | in turn |\n|---|---|---|---|---|---|",
    ),
    "own": (own, ("jax",), "| method | n | ours, µs | asdex, µs | ratio | in turn |\n|---|---|---|---|---|---|"),
    "pipeline": (
        pipeline,
        tuple(PIPELINES),
        "| method | pipeline, s | GB beyond the framework | detect, s | color, s | call, ms | of a gradient | in turn |"
        "\n|---|---|---|---|---|---|---|---|",
    ),
}


def main():
    """Each framework in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("parts", nargs="*", help=", ".join(PARTS))
    parser.add_argument("--child")
    options = parser.parse_args()
    if options.child:
        return PARTS[options.parts[0]][0](options.child)
    for part in options.parts or PARTS:
        _, names, head = PARTS[part]
        print(head, flush=True)
        for name in names:
            if not backends.missing(name):
                subprocess.run([sys.executable, __file__, part, "--child", name], check=True)
    return None


if __name__ == "__main__":
    main()

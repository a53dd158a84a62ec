"""Are the harness's figures those of a hand-written loop? Both around the same program, in turn, in one process.

    python benchmarks/hand_loop.py [BACKEND...]

The harness's side is what a run does: a prepared call, timed by `harness.worker.stopwatch`. The other side is a loop
around the framework's own program, with the framework's own way of waiting. Each backend has a process of its own.
The figure is the ratio of the two sides' fastest samples; measuring in turn takes a busy neighbor out of it.
"""

import argparse
import statistics
import subprocess
import sys
import time

from hessbench import backends, suites
from hessbench.backends.contract.interface import Unsupported
from hessbench.harness.worker.stopwatch import SAMPLE_FLOOR, Stopwatch
from hessbench.suites.definition.problem import draw

CELLS = (("logistic_regression", 10), ("logistic_regression", 100), ("rosenbrock", 100), ("tanh_network", 10))
OPERATORS = ("gradient", "hessian")
TURNS, SAMPLE_S = 60, 5e-3
WAIT = {"jax": lambda y: y.block_until_ready(), "tensorflow": lambda y: y.numpy()}
"""How each framework's documentation says to wait; the others return when they are done."""


def hand_written(call, wait, points, data, loops):
    """Seconds per call of a loop as a person would write it."""
    start = time.perf_counter()
    for i in range(loops):
        wait(call(points[i % len(points)], *data))
    return (time.perf_counter() - start) / loops


def sides(backend, method, instance):
    """The harness's loop and the hand-written one, as functions of the number of calls, in seconds per call."""
    inputs = [backend.asarray(point) for point in instance.points[:-1]]
    prepared = backend.prepare(method, instance.problem.objective, instance.data, instance.points[-1])
    constants = backend.constants(method, instance.data, instance.points[-1].size)
    arguments = (backend.asarray(instance.points[-1]), *constants)
    bare, _ = backend.build(method, backend.bind(instance.problem.objective), arguments)
    watch = Stopwatch(prepared.call, backend.synchronize, [(x,) for x in inputs])
    wait = WAIT.get(backend.name, lambda y: y)
    return (
        lambda loops: watch.loop(loops) / loops,
        lambda loops: hand_written(bare, wait, inputs, constants, loops),
    )


def compare(harness, hand):
    """Fastest samples of both sides, measured in turn, and the median of the ratios of neighbors."""
    once = max(hand(3), hand(3))
    loops = max(1, int(max(SAMPLE_S, SAMPLE_FLOOR) / once))
    harness(loops), hand(loops)
    pairs = [(harness(loops), hand(loops)) for _ in range(TURNS)]
    return min(h for h, _ in pairs), min(b for _, b in pairs), statistics.median(h / b for h, b in pairs)


def run(name):
    """Print a line per cell of one backend."""
    backend = backends.load(name)()
    with backend.scope():
        for problem, n in CELLS:
            instance = draw(suites.load("quick")[problem], n)
            for operator in OPERATORS:
                method = next(m for m in backend.methods if m.operator == operator and m.default)
                try:
                    ours, bare, typical = compare(*sides(backend, method, instance))
                except Unsupported:
                    continue
                print(
                    f"| {name} | {method.name} | {problem} | {n} | {ours * 1e6:.2f} | {bare * 1e6:.2f} "
                    f"| {ours / bare:.3f} | {typical:.3f} | {(ours - bare) * 1e6:+.2f} |"
                )


def main():
    """Each backend in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("backends", nargs="*")
    parser.add_argument("--child", action="store_true")
    options = parser.parse_args()
    if options.child:
        return run(options.backends[0])
    print(
        "| backend | method | problem | n | harness, µs | by hand, µs | ratio of the fastest | median ratio in turn "
        "| difference, µs |\n|---|---|---|---|---|---|---|---|---|",
        flush=True,
    )
    for name in options.backends or [name for name in backends.registry() if not backends.missing(name)]:
        subprocess.run([sys.executable, __file__, "--child", name], check=True)
    return None


if __name__ == "__main__":
    main()

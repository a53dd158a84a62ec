"""The Laplacian of the published network by collapsed Taylor mode, beside the nested forms, in interleaved pairs.

    python benchmarks/collapsed_taylor.py                  # both frameworks, some two minutes
    python benchmarks/collapsed_taylor.py jax --points 64  # one of them, more points

The network is that of Dangel et al. 2025: 768-768-512-512-1 with tanh, D = 50 inputs, float32. Every round calls all
methods once; a ratio is the median over rounds of a method's CPU time over that of collapsed Taylor mode in the same
round, on one thread, so that a busy machine slows both and nobody's waiting counts. Results are compared first.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from hessbench import backends
from hessbench.backends.contract.method import find

WIDTHS = (50, 768, 768, 512, 512, 1)
BASELINE = {"jax": "laplacian-collapsed-jit", "torch": "laplacian-collapsed-eager"}
OTHERS = {
    "jax": (
        "laplacian-forward-over-reverse-jit",
        "laplacian-forward-over-forward-jit",
        "laplacian-trace-jit",
        "laplacian-folx-jit",
    ),
    "torch": (
        "laplacian-forward-over-reverse-eager",
        "laplacian-reverse-over-reverse-eager",
        "laplacian-trace-eager",
        "laplacian-sum-eager",
    ),
}
ONE_THREAD = {"OMP_NUM_THREADS": "1", "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false"}

AGREEMENT = 1e-3
"""Float32, sums over 50 coordinates."""


def network(xp: Any, x: Any, *layers: Any) -> Any:
    """A perceptron at one point; layers are weights and biases in turn."""
    for i in range(0, len(layers), 2):
        x = xp.matmul(layers[i], x) + layers[i + 1]
        if i + 2 < len(layers):
            x = xp.tanh(x)
    return x[0]


def weights(rng: np.random.Generator) -> tuple[np.ndarray[Any, Any], ...]:
    """Weights of unit gain and small biases."""
    pairs = pairwise(WIDTHS)
    layers = [(rng.standard_normal((b, a)) / np.sqrt(a), 0.1 * rng.standard_normal(b)) for a, b in pairs]
    return tuple(array.astype(np.float32) for layer in layers for array in layer)


def cpu_seconds(call: Callable[[], Any]) -> float:
    """CPU time of one call."""
    start = time.process_time()
    call()
    return time.process_time() - start


def measure(name: str, points: int, rounds: int) -> None:
    """Print one line per method of a backend."""
    rng = np.random.default_rng(0)
    layers, batch = weights(rng), rng.standard_normal((points, WIDTHS[0])).astype(np.float32)
    engine = backends.open(name, "float32", "cpu")
    calls, results = {}, {}
    with engine.scope():
        for method in (find(engine.methods, word) for word in (BASELINE[name], *OTHERS[name])):
            prepared, x = engine.prepare(method, network, layers, batch), engine.asarray(batch)
            calls[method.name] = lambda call=prepared.call, x=x: engine.synchronize(call(x))
            results[method.name] = engine.to_numpy(prepared.call(x))
        right = results[BASELINE[name]]
        for word, result in results.items():
            if not np.linalg.norm(result - right) <= AGREEMENT * np.linalg.norm(right):
                raise SystemExit(f"{word} disagrees: {result[:3]} beside {right[:3]}")
        for call in calls.values():  # once more, warm
            call()
        seconds = {word: np.empty(rounds) for word in calls}
        for i in range(rounds):
            for word, call in calls.items():
                seconds[word][i] = cpu_seconds(call)
    for word, times in seconds.items():
        ratio = float(np.median(times / seconds[BASELINE[name]]))
        print(f"{name:6} {word:38} {1e3 * float(np.median(times)) / points:8.3f} ms per point {ratio:6.2f}", flush=True)


def main() -> None:
    """Each framework in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("backend", nargs="*", help="jax, torch (default: both)")
    parser.add_argument("--points", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--here", action="store_true", help="in this process, with the threads that it has")
    asked = parser.parse_args()
    for name in asked.backend or BASELINE:
        if asked.here:
            measure(name, asked.points, asked.rounds)
            continue
        command = [sys.executable, __file__, name, "--here", f"--points={asked.points}", f"--rounds={asked.rounds}"]
        subprocess.run(command, check=True, env=os.environ | ONE_THREAD)


if __name__ == "__main__":
    main()

"""What it costs that an objective is written once: the portable text against a native one, in each framework.

    python benchmarks/native_tax.py             # a Markdown table, in less than two minutes
    python benchmarks/native_tax.py --json      # the raw seconds instead
    python benchmarks/native_tax.py --write     # the table into docs/fairness.md, between its markers
    python benchmarks/native_tax.py --backend torch --problem rosenbrock --small    # a part of it

Native texts are what a person who knows the framework writes: its own names, its fused losses, no namespace in
between. Both texts must give the same result first. Then they are timed in turn, in random order within each
round, so that a mood of the machine meets both. Every framework has a process of its own.
"""

from __future__ import annotations

import argparse
import importlib
import json
import logging
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hessbench import backends, suites
from hessbench.backends.contract.interface import Backend
from hessbench.backends.contract.method import Method
from hessbench.backends.contract.operators import OPERATORS
from hessbench.harness.machine import environment
from hessbench.harness.planning.settings import QUICK
from hessbench.harness.worker.stopwatch import Stopwatch
from hessbench.suites.definition.problem import Instance, draw
from hessbench.suites.ml.hidden_layer import INPUTS
from hessbench.suites.statistics.logistic import RIDGE

PAGE = Path(__file__).parents[1] / "docs" / "fairness.md"
BEGIN, END = "<!-- native tax -->", "<!-- /native tax -->"

COLUMNS = (("numpy", "eager"), ("jax", "jit"), ("torch", "eager"), ("tensorflow", "eager"), ("tensorflow", "graph"))
"""Backend and execution; each is measured with the first default method of that execution."""
SIZES = {
    "logistic_regression": (10, 100),
    "tanh_network": (10, 100),
    "rosenbrock": (10, 100),
    "lennard_jones": (9, 39),
}
OPERATORS_SHOWN = ("objective", "gradient", "hessian")

SAME = {1.0: 1e-10, 2 / 3: 1e-6}
"""How far apart the two results may be, by `Method.accuracy`: they are rounded in another order."""
SAMPLE_S, PAIR_S, LEAST_ROUNDS = 2e-3, 0.3, 3
"""A sample lasts at least so long, a pair of texts is looked at for so long, in at least so many rounds."""
SLOW_S = 0.1
"""A first call that takes so long is no matter of warming up."""

Text = Callable[..., Any]


def named(*texts: Text) -> dict[str, Text]:
    """Functions by their names, which are those of the problems."""
    return {text.__name__: text for text in texts}


def numpy_texts(np: Any) -> dict[str, Text]:
    """The objectives as one writes them in NumPy."""

    def logistic_regression(xp: Any, w: Any, features: Any, labels: Any) -> Any:
        z = features @ w
        return np.logaddexp(0, z).sum() - labels @ z + RIDGE / 2 * (w @ w)

    def tanh_network(xp: Any, p: Any, inputs: Any, targets: Any) -> Any:
        units = p.size // (INPUTS + 2)
        weights, bias, output = np.split(p, [units * INPUTS, units * (INPUTS + 1)])
        hidden = np.tanh(inputs @ weights.reshape(units, INPUTS).T + bias)
        return 0.5 * np.mean((hidden @ output - targets) ** 2)

    def rosenbrock(xp: Any, x: Any) -> Any:
        return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)

    def lennard_jones(xp: Any, x: Any, eye: Any) -> Any:
        atoms = x.reshape(-1, 3)
        sixth = (((atoms[:, None] - atoms) ** 2).sum(-1) + eye) ** -3
        return 2 * (sixth**2 - sixth).sum()

    return named(logistic_regression, tanh_network, rosenbrock, lennard_jones)


def jax_texts(jax: Any) -> dict[str, Text]:
    """The objectives as one writes them in JAX."""
    jnp = jax.numpy

    def logistic_regression(xp: Any, w: Any, features: Any, labels: Any) -> Any:
        z = features @ w
        return jnp.sum(jax.nn.softplus(z)) - labels @ z + RIDGE / 2 * (w @ w)

    def tanh_network(xp: Any, p: Any, inputs: Any, targets: Any) -> Any:
        units = p.size // (INPUTS + 2)
        weights, bias, output = jnp.split(p, [units * INPUTS, units * (INPUTS + 1)])
        hidden = jnp.tanh(inputs @ weights.reshape(units, INPUTS).T + bias)
        return 0.5 * jnp.mean((hidden @ output - targets) ** 2)

    def rosenbrock(xp: Any, x: Any) -> Any:
        return jnp.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)

    def lennard_jones(xp: Any, x: Any, eye: Any) -> Any:
        atoms = x.reshape(-1, 3)
        sixth = (((atoms[:, None] - atoms) ** 2).sum(-1) + eye) ** -3
        return 2 * (sixth**2 - sixth).sum()

    return named(logistic_regression, tanh_network, rosenbrock, lennard_jones)


def torch_texts(torch: Any) -> dict[str, Text]:
    """The objectives as one writes them in PyTorch: methods of tensors, `linear`, fused losses."""
    nn = torch.nn.functional

    def logistic_regression(xp: Any, w: Any, features: Any, labels: Any) -> Any:
        loss = nn.binary_cross_entropy_with_logits(features.mv(w), labels, reduction="sum")
        return loss + RIDGE / 2 * w.dot(w)

    def tanh_network(xp: Any, p: Any, inputs: Any, targets: Any) -> Any:
        units = p.numel() // (INPUTS + 2)
        weights, bias, output = p.split([units * INPUTS, units, units])
        hidden = nn.linear(inputs, weights.view(units, INPUTS), bias).tanh()
        return 0.5 * nn.mse_loss(hidden.mv(output), targets)

    def rosenbrock(xp: Any, x: Any) -> Any:
        return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()

    def lennard_jones(xp: Any, x: Any, eye: Any) -> Any:
        atoms = x.view(-1, 3)
        sixth = ((atoms[:, None] - atoms).square().sum(-1) + eye) ** -3
        return 2 * (sixth.square() - sixth).sum()

    return named(logistic_regression, tanh_network, rosenbrock, lennard_jones)


def tensorflow_texts(tf: Any) -> dict[str, Text]:
    """The objectives as one writes them in TensorFlow: `matvec`, `reduce_sum`, fused losses."""

    def logistic_regression(xp: Any, w: Any, features: Any, labels: Any) -> Any:
        loss = tf.nn.sigmoid_cross_entropy_with_logits(labels, tf.linalg.matvec(features, w))
        return tf.reduce_sum(loss) + RIDGE * tf.nn.l2_loss(w)

    def tanh_network(xp: Any, p: Any, inputs: Any, targets: Any) -> Any:
        units = p.shape[0] // (INPUTS + 2)
        weights, bias, output = tf.split(p, [units * INPUTS, units, units])
        hidden = tf.tanh(tf.matmul(inputs, tf.reshape(weights, (units, INPUTS)), transpose_b=True) + bias)
        return 0.5 * tf.reduce_mean(tf.math.squared_difference(tf.linalg.matvec(hidden, output), targets))

    def rosenbrock(xp: Any, x: Any) -> Any:
        return tf.reduce_sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)

    def lennard_jones(xp: Any, x: Any, eye: Any) -> Any:
        atoms = tf.reshape(x, (-1, 3))
        sixth = (tf.reduce_sum(tf.math.squared_difference(atoms[:, None], atoms), -1) + eye) ** -3
        return 2 * tf.reduce_sum(tf.square(sixth) - sixth)

    return named(logistic_regression, tanh_network, rosenbrock, lennard_jones)


NATIVE = {"numpy": numpy_texts, "jax": jax_texts, "torch": torch_texts, "tensorflow": tensorflow_texts}


def first_default(backend: Backend, operator: str, execution: str) -> Method:
    """The first default method for an operator in an execution; where none is default, the first one declared."""
    methods = [m for m in backend.methods if m.operator == operator and m.execution == execution]
    return next((m for m in methods if m.default), methods[0])


def stopwatch(backend: Backend, method: Method, instance: Instance, text: Text) -> tuple[Stopwatch, int, np.ndarray]:
    """A stopwatch on a method for one text, warmed up; calls per sample; and the result at the start point."""
    takes = OPERATORS[method.operator].takes
    call = backend.prepare(method, text, instance.data, *instance.inputs(takes, -1)).call
    points = range(len(instance.points) - 1)
    watch = Stopwatch(
        call, backend.synchronize, [tuple(map(backend.asarray, instance.inputs(takes, i))) for i in points]
    )
    seconds, result = watch.once(0)
    if seconds < SLOW_S:
        seconds = watch.warm_up(QUICK, [seconds], time.perf_counter() + QUICK.budget_s)
    return watch, watch.calibrate(seconds, SAMPLE_S) if seconds < SAMPLE_S else 1, backend.to_numpy(result)


def compare(backend: Backend, method: Method, instance: Instance, native: Text) -> list[tuple[float, float]]:
    """Seconds per call of the portable and of the native text, one pair per round.

    Raises:
        ValueError: The two texts do not give the same result.
    """
    texts = (instance.problem.objective, native)
    watches, loops, (expected, found) = zip(*(stopwatch(backend, method, instance, t) for t in texts), strict=True)
    if np.linalg.norm(found - expected) > SAME[method.accuracy] * np.linalg.norm(expected):
        raise ValueError(f"{backend.name} {method.name}: the native {instance.problem.name} is another function")
    rounds: list[tuple[float, float]] = []
    order, end = random.Random(instance.n), time.perf_counter() + PAIR_S
    while len(rounds) < LEAST_ROUNDS or time.perf_counter() < end:
        seconds = [0.0, 0.0]
        for which in order.sample((0, 1), 2):
            seconds[which] = watches[which].loop(loops[which]) / loops[which]
        rounds.append((seconds[0], seconds[1]))
    return rounds


def ratio(rounds: Sequence[tuple[float, float]]) -> float:
    """The least time of the portable text over that of the native one."""
    return min(portable for portable, _ in rounds) / min(native for _, native in rounds)


def spread(rounds: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The least and the greatest ratio of the first, second and last third of the rounds."""
    third = len(rounds) // 3
    thirds = [ratio(rounds[i * third : (i + 1) * third]) for i in range(3)]
    return min(thirds), max(thirds)


def measure(name: str, options: argparse.Namespace) -> list[dict[str, Any]]:
    """All rows of one backend, in this process."""
    backend = backends.load(name)()
    texts = NATIVE[name](importlib.import_module(name))
    rows = []
    for problem, sizes in SIZES.items():
        for n in sizes if problem in options.problem else ():
            if options.small and n != sizes[0]:
                continue
            instance = draw(suites.load("quick")[problem], n)
            for operator in OPERATORS_SHOWN:
                for execution in (column[1] for column in COLUMNS if column[0] == name):
                    method = first_default(backend, operator, execution)
                    with backend.scope():
                        rounds = compare(backend, method, instance, texts[problem])
                    rows.append(
                        {
                            "problem": problem,
                            "n": n,
                            "operator": operator,
                            "backend": name,
                            "execution": execution,
                            "method": method.name,
                            "rounds": rounds,
                        }
                    )
    return rows


def in_a_process(name: str, options: argparse.Namespace) -> list[dict[str, Any]]:
    """All rows of one backend, in a process of its own with the environment that hessbench gives a worker."""
    flags = ["--small"] if options.small else []
    command = [sys.executable, "-P", __file__, "--child", name, *flags, "--problem", *options.problem]
    variables = {**os.environ, **backends.load(name).environment("float64", "cpu")}
    done = subprocess.run(command, env=variables, stdout=subprocess.PIPE, text=True, check=True)
    rows: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return rows


def table(rows: list[dict[str, Any]], names: Sequence[str]) -> str:
    """Portable over native as a Markdown table: a row per problem, size and operator, a column per execution."""
    cells = {(r["problem"], r["n"], r["operator"], r["backend"], r["execution"]): r["rounds"] for r in rows}
    columns = [column for column in COLUMNS if column[0] in names]
    lines = [
        "| problem | n | operator | " + " | ".join(" ".join(column) for column in columns) + " |",
        "|---|---|---|" + "---|" * len(columns),
    ]
    for problem, n, operator in dict.fromkeys(key[:3] for key in cells):
        shown = [cell(cells[problem, n, operator, *column]) for column in columns]
        lines.append(f"| {problem} | {n} | {operator} | " + " | ".join(shown) + " |")
    return "\n".join(lines)


def cell(rounds: Sequence[tuple[float, float]]) -> str:
    """Ratio and spread, as in "1.04 (1.02-1.07)"."""
    low, high = spread(rounds)
    return f"{ratio(rounds):.2f} ({low:.2f}-{high:.2f})"


def caption(names: Sequence[str]) -> str:
    """When, where and with which versions."""
    machine, versions = environment.machine(), environment.versions()
    said = ", ".join(f"{name} {versions[name]}" for name in names if name in versions)
    cores = f"{machine['usable_cores']} cores of {machine['cpu']}"
    return (
        f"Portable over native, least time of each (range over thirds of the rounds). {time.strftime('%Y-%m-%d')}, "
        + (f"{cores}, Python {machine['python']}, {said}.")
    )


def write(text: str) -> None:
    """The text between the markers of the page."""
    page = PAGE.read_text()
    head, rest = page.split(BEGIN)
    _, tail = rest.split(END)
    PAGE.write_text(f"{head}{BEGIN}\n\n{text}\n\n{END}{tail}")


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backend", nargs="+", choices=NATIVE, default=list(NATIVE), help="only these")
    parser.add_argument("--problem", nargs="+", choices=SIZES, default=list(SIZES), help="only these")
    parser.add_argument("--small", action="store_true", help="the smaller size of each problem only")
    parser.add_argument("--json", action="store_true", help="print the seconds of all rounds as JSON")
    parser.add_argument("--write", action="store_true", help="put the table into docs/fairness.md")
    parser.add_argument("--child", choices=NATIVE, help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> None:
    """Measure, and say it."""
    options = parse()
    if options.child:
        logging.getLogger("tensorflow").setLevel(logging.ERROR)  # eager jacobians are traced anew: it says so each time
        print(json.dumps(measure(options.child, options)))
        return
    names = [name for name in options.backend if not backends.missing(name)]
    rows = [row for name in names for row in in_a_process(name, options)]
    text = f"{caption(names)}\n\n{table(rows, names)}"
    print(json.dumps(rows) if options.json else text)
    if options.write:
        write(text)


if __name__ == "__main__":
    main()

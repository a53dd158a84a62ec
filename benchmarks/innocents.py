"""Is anybody accused falsely, or excused falsely? The judge on odd functions with 50-digit truths, and planted faults.

    python benchmarks/innocents.py [--each 91] [--kinds offset,bend] [--show]

Functions are those of `tests/harness/judging/odd_functions.py`. For each function and operator three results are
judged that are right: the truth, and what exact differentiation (hyper-dual numbers) and NumPy's differences make of
the text in float64. Then three that are wrong: an entry off by ten times the stated tolerance, the result doubled, a
term dropped (the largest entry is zero). Printed per kind:

* accused: right results of exact methods that are called wrong, of those that were judged; of differences beside it;
* told: how many of the right ones were `ok` rather than `unverifiable`;
* excused: planted faults that are `ok`, of those whose tolerance was below 1 %;
* named: how many of the planted faults were `wrong` rather than `unverifiable`;
* covered: entries whose true error is within the bound that the judge states.
"""

import argparse
import collections
import importlib.util
import sys
import time
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from hessbench.backends.numeric import hyper_dual
from hessbench.backends.numeric.reference import UNIT
from hessbench.harness.judging.accuracy import USELESS, NoJudge, Verdict
from hessbench.harness.judging.references import References
from hessbench.harness.judging.verdict import Question, judged
from hessbench.harness.planning.grid import Cell
from hessbench.harness.python.reading.at_point import problem_at
from hessbench.suites.definition.arrays import FloatArray
from hessbench.suites.definition.problem import Instance, draw

EACH = 91
OPERATORS = ("gradient", "hessian", "hvp", "diagonal")


def odd_functions() -> ModuleType:
    """The tests' functions."""
    path = Path(__file__).parents[1] / "tests" / "harness" / "judging" / "odd_functions.py"
    spec = importlib.util.spec_from_file_location("odd_functions", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["odd_functions"] = module
    spec.loader.exec_module(module)
    return module


def right(operator: str, gradient: FloatArray, hessian: FloatArray, v: FloatArray) -> FloatArray:
    """The result of an operator from both derivatives."""
    return {"gradient": gradient, "hessian": hessian, "hvp": hessian @ v, "diagonal": np.diagonal(hessian)}[operator]


def computed(operator: str, instance: Instance) -> FloatArray | None:
    """What exact forward differentiation makes of the text in float64; None where it has no rule."""
    f, x = instance.problem.objective, instance.points[0]
    rule = getattr(hyper_dual, operator)
    try:
        return np.asarray(
            rule(lambda y: f(hyper_dual.namespace(), y), x, *([instance.direction] * (operator == "hvp")))
        )
    except TypeError:
        return None


def by_differences(operator: str, instance: Instance) -> FloatArray | None:
    """What NumPy's central differences make of it."""
    from hessbench import backends

    backend = backends.open("numpy", "float64", "cpu", "highest")
    method = next(m for m in backend.methods if m.operator == operator and m.accuracy < 1 and m.default)
    inputs = (instance.points[0], *([instance.direction] * (operator == "hvp")))
    return np.asarray(backend.prepare(method, instance.problem.objective, (), *inputs).call(*inputs))


def planted(value: FloatArray, tolerance: float) -> dict[str, FloatArray]:
    """Wrong results that look like right ones; symmetric where the right one is."""
    worst = np.unravel_index(int(np.argmax(np.abs(value))), value.shape)
    off, dropped = value.copy(), value.copy()
    off[worst] += 10 * tolerance * np.linalg.norm(value)
    dropped[worst] = 0
    found = {"off": off, "doubled": 2 * value, "dropped": dropped}
    for result in found.values():
        result[worst[::-1]] = result[worst]
    return found


def cell_of(instance: Instance, operator: str) -> Cell:
    """The cell in which a result is judged."""
    return Cell("own", instance.problem.name, instance.n, operator, "numpy", "m", "float64", "cpu")


class Trial:
    """What was seen of one kind."""

    def __init__(self, kind: str, show: bool) -> None:
        self.kind, self.show = kind, show
        self.seen: collections.Counter[str] = collections.Counter()
        self.inside: list[FloatArray] = []
        self.seconds = 0.0

    def verdict(
        self, instance: Instance, operator: str, result: FloatArray, accuracy: float, references: References
    ) -> Verdict:
        """The verdict on one result."""
        cell = cell_of(instance, operator)
        return judged(Question(cell, accuracy, instance), [result], references)

    def run(self, odd: Any, seed: int, truth: Any) -> None:
        """Judge right and wrong results of one function."""
        instance = draw(problem_at(odd.f, odd.x, None, ()), odd.x.size)
        gradient, hessian = truth(odd)
        references = References()
        for operator in OPERATORS:
            value = right(operator, gradient, hessian, instance.direction)
            start = time.perf_counter()
            first = self.verdict(instance, operator, value, 1.0, references)
            self.seconds += time.perf_counter() - start
            self.right("truth", first, operator, seed)
            for name, accuracy, result in (
                ("exact", 1.0, computed(operator, instance)),
                ("differences", 0.5, by_differences(operator, instance)),
            ):
                if result is not None and np.all(np.isfinite(result)):
                    self.right(name, self.verdict(instance, operator, result, accuracy, references), operator, seed)
            if odd.bent:
                continue
            seen = self.coverage(instance, operator, value, references, seed)
            # The condition of the problem widens the tolerance, and is asked for only where a result is not right.
            stated = self.verdict(instance, operator, 2 * value, 1.0, references).tolerance
            if seen and stated is not None and stated <= USELESS:
                for name, result in planted(value, stated).items():
                    if np.any(result != value):
                        self.wrong(name, self.verdict(instance, operator, result, 1.0, references), operator, seed)

    def right(self, name: str, verdict: Verdict, operator: str, seed: int) -> None:
        """Count a verdict on a right result."""
        group = "differences" if name == "differences" else "right"
        self.seen[group] += 1
        self.seen[f"{group} {verdict.status}"] += 1
        if verdict.status == "wrong":
            self.tell(seed, operator, name, verdict.reason)

    def wrong(self, name: str, verdict: Verdict, operator: str, seed: int) -> None:
        """Count a verdict on a wrong result."""
        self.seen["planted"] += 1
        self.seen[f"planted {verdict.status}"] += 1
        if verdict.status == "ok":
            self.tell(seed, operator, f"planted {name}", f"excused: tolerance {verdict.tolerance:.1e}")

    def coverage(self, instance: Instance, operator: str, value: FloatArray, references: References, seed: int) -> bool:
        """Count the entries that the bound covers, and say whether the judge can tell the right result from zero."""
        cell = cell_of(instance, operator)
        try:
            known = references.reference(cell, instance, 0)
        except NoJudge:
            return False
        with np.errstate(invalid="ignore"):
            inside = ~(np.abs(known.value - value) > known.bound + UNIT * np.abs(value))
        self.inside.append(np.ravel(inside))
        if not inside.all():
            error = np.abs(known.value - value)
            i = np.unravel_index(np.argmax(error - known.bound), error.shape)
            self.tell(seed, operator, "bound", f"{error[i]:.2e} > {known.bound[i]:.2e} of {value[i]:.3e}")
        return bool(np.max(np.abs(known.value)) > np.max(known.bound))

    def tell(self, seed: int, *words: str) -> None:
        """Show a slip."""
        if self.show:
            print(f"  {self.kind} {seed} {' '.join(words)}", flush=True)

    def line(self) -> str:
        """What was seen, in one line."""
        seen = self.seen
        inside = np.concatenate(self.inside) if self.inside else np.ones(1)
        told = seen["right ok"] / max(1, seen["right"])
        named = seen["planted wrong"] / max(1, seen["planted"])
        return (
            f"{self.kind:13s} accused {seen['right wrong']}/{seen['right']}, "
            f"differences {seen['differences wrong']}/{seen['differences']}; told {told:4.0%}; "
            f"excused {seen['planted ok']}/{seen['planted']}; named {named:4.0%}; "
            f"covered {np.mean(inside):7.2%} of {inside.size}; {self.seconds:.1f} s"
        )


def main() -> None:
    """Run every kind."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--each", type=int, default=EACH, help="functions of each kind")
    parser.add_argument("--kinds", default="", help="kinds, separated by commas")
    parser.add_argument("--show", action="store_true", help="print every slip")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    odd = odd_functions()
    for kind in arguments.kinds.split(",") if arguments.kinds else odd.KINDS:
        trial = Trial(kind, arguments.show)
        for seed in range(arguments.each):
            trial.run(odd.draw(kind, seed), seed, odd.truth)
        print(trial.line(), flush=True)


if __name__ == "__main__":
    main()

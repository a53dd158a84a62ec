"""What can be audited of an installed framework: every public function, how it is called, and why not where it is not.

    python benchmarks/functions/find.py torch > suites/functions/torch.json

Calls are found by trying: a function's arguments are out of a list of small arrays and literals, and the first call
counts that returns finite real numbers, the same ones twice, which move with the argument. PyTorch's own database of
operators (`torch.testing`, needs `expecttest`) is asked first where it is installed. What needs more than that is
written in `given.py`. Nothing is differentiated here: whether a framework can is the audit's question.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import json
import re
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import chdir, nullcontext
from functools import lru_cache
from typing import Any

import numpy as np
from arguments import Found, all_complex, arity, candidates, places, with_variable
from given import GIVEN, NOT_COMPLEX, NOT_REAL
from judges import judge_of
from keras_layers import calls_of_layer, in_training, is_layer
from more import MORE, more
from patience import PATIENCE_S, in_time
from torch_database import database, on_tensors

from hessbench import backends
from hessbench.backends.scripts.calls import LAYERS, Call, found
from hessbench.suites.functions import HOMES, read

DISTRIBUTIONS = (
    "bernoulli beta betabinom binom cauchy chi2 dirichlet expon gamma gennorm geom gumbel_l gumbel_r laplace logistic "
    "multinomial multivariate_normal nbinom norm pareto poisson t truncnorm uniform vonmises wrapcauchy"
)
NAMESPACES = {
    "jax": (
        *("jax.numpy", "jax.numpy.linalg", "jax.numpy.fft", "jax.scipy.special", "jax.scipy.linalg"),
        *("jax.scipy.signal", "jax.scipy.fft", "jax.scipy.integrate", "jax.scipy.ndimage", "jax.scipy.interpolate"),
        *(f"jax.scipy.stats.{name}" for name in DISTRIBUTIONS.split()),
        *("jax.scipy.stats", "jax.nn", "jax.lax", "jax.lax.linalg"),
    ),
    "torch": ("torch", "torch.special", "torch.linalg", "torch.fft", "torch.nn.functional"),
    "tensorflow": (
        *("tensorflow.math", "tensorflow.math.special", "tensorflow.linalg", "tensorflow.nn", "tensorflow.signal"),
        *("tensorflow.image", LAYERS, "keras.ops"),
    ),
    "autograd": ("autograd.numpy", "autograd.numpy.linalg", "autograd.numpy.fft", "autograd.scipy.special"),
}
REASONS = {
    "random": "random",
    "constant": "integer-valued, or constant where it was tried",
    "not finite": "not finite where it was tried",
    "NoRealNumbers": "returns no real numbers",
    "no gradient": "without a gradient, which the framework says (None)",
}
ENOUGH = 12
"""So many calls that say the same of a function are believed."""


class Finder:
    """Tries the functions of one framework.

    Args:
        framework: Its name.
    """

    def __init__(self, framework: str) -> None:
        self.backend = backends.open(framework, "float64", "cpu")
        self.home = importlib.import_module(HOMES[framework])
        self.framework = framework

    def value(self, call: Call, x: Any) -> float:
        """The value of f at a point (n,)."""
        array = self.backend.asarray(np.asarray(x, dtype=np.float64))
        return float(np.asarray(self.backend.to_numpy(self._built(call.text())(array))))

    @lru_cache(maxsize=8)  # noqa: B019 - there is one finder
    def _built(self, text: str) -> Any:
        f = getattr(self.home, text)
        if self.framework != "jax":
            return f
        import jax  # operation by operation it compiles ten times as long

        return jax.jit(f)

    def amiss(self, call: Call, x: list[float]) -> str:
        """Why a call is none for the audit; empty where it is one. It raises what the function raises."""
        if self.framework == "jax":  # tells in a millisecond what would be compiled for nothing
            import jax

            jax.eval_shape(getattr(self.home, call.text()), self.backend.asarray(np.asarray(x)))
        first = self.value(call, x)
        if not np.isfinite(first):
            return "not finite"
        if self.value(call, x) != first:
            return "random"
        step = 1e-3 * np.cos(1 + np.arange(len(x)))
        if {self.value(call, np.asarray(x) + k * step) for k in (1, -2, 3)} == {first}:
            return "constant"
        return "" if self._has_gradient(call, x) else "no gradient"

    def _has_gradient(self, call: Call, x: list[float]) -> bool:
        """Whether TensorFlow knows a way from x to the value: where it says None, our methods would say zero."""
        if self.framework != "tensorflow":  # others raise
            return True
        import tensorflow as tf

        point = self.backend.asarray(np.asarray(x))
        with tf.GradientTape() as tape:
            tape.watch(point)
            value = self._built(call.text())(point)
        return tape.gradient(value, point) is not None

    def calls(self, path: str) -> tuple[Found, str]:
        """All variables of the first call of a function that works, or why there is none."""
        seen: Counter[str] = Counter()
        for call in tries(path):
            tried = self.variables_of(call, seen)
            if tried:
                return tried, ""
            if any(seen[reason] >= ENOUGH for reason in REASONS):
                break
        return [], next((said for reason, said in REASONS.items() if reason in seen), "no call found")

    def variables_of(self, call: Call, seen: Counter[str]) -> Found:
        """Those arrays of a call that can be its variable, of functions also made complex; counts what was amiss."""
        found = [one for where in places(call) for one in self.tried(call, where, seen)]
        if call.is_layer:
            return found
        return found + [one for where in places(call) for one in self.complex_variable(call, where)]

    def complex_variable(self, call: Call, where: tuple[Any, ...]) -> Found:
        """An array of a call as a complex variable, the others complex or else real; empty where it takes none."""
        if re.search(NOT_COMPLEX, call.function):
            return []
        calls = (all_complex(call, where), call)  # mixed with real ones, some drop its imaginary part
        return next(filter(None, (self.tried(one, where, Counter(), "c") for one in calls)), [])

    def complaint(self, call: Call, x: list[float]) -> str:
        """Why a call is none for the audit, what it raises included; empty where it is one."""
        try:
            return self.amiss(call, x)
        except TimeoutError:
            raise
        except Exception as error:  # functions raise anything on arguments that they were not written for
            return type(error).__name__

    def tried(self, call: Call, where: tuple[Any, ...], seen: Counter[str], mark: str = "") -> Found:
        """The call with that array as its variable, labeled, where it is one for the audit."""
        with_x, x = with_variable(call, where, made_complex=bool(mark))
        seen[reason := self.complaint(with_x, x)] += 1
        return [] if reason else [(".".join(map(str, where)) + mark, with_x, x)]


def tries(path: str) -> Iterator[Call]:
    """Calls to try of a function, or of a layer."""
    if path.startswith(f"{LAYERS}."):
        return calls_of_layer(path)
    return (Call(path, tuple(arguments)) for arguments in candidates(arity(found(path))))


def by_name(path: str) -> str:
    """Why a function is none for the audit, as its name tells; else empty."""
    if path.endswith("_"):
        return "in place"
    return next((reason for pattern, reason in NOT_REAL.items() if re.search(pattern, path)), "")


def public(namespace: str) -> Iterator[str]:
    """The functions of a namespace; of PyTorch's those on tensors, as the rest sets things up."""
    try:
        module = found(namespace)
    except AttributeError:
        return
    for name in sorted(dir(module)):
        function = getattr(module, name, None)
        if namespace == LAYERS:
            if is_layer(function):
                yield f"{namespace}.{name}"
            continue
        if name.startswith("_") or not callable(function) or inspect.isclass(function) or inspect.ismodule(function):
            continue
        if not namespace.startswith("torch") or function in on_tensors():
            yield f"{namespace}.{name}"


def known_calls(finder: Finder, namespaces: Sequence[str]) -> dict[str, Found]:
    """What is found of calls that are written down, by function; of some namespaces only theirs."""
    known: dict[str, Found] = {}
    written = [("", call) for call in GIVEN[finder.framework]]
    if LAYERS in namespaces:
        written += in_training()
    if finder.framework == "torch":
        written += database()
    if namespaces != NAMESPACES[finder.framework]:
        written = [(variant, call) for variant, call in written if call.function.rpartition(".")[0] in namespaces]
    for variant, call in written:
        with in_time(10):
            for label, with_x, x in finder.variables_of(call, Counter()):
                name = f"{label}~{variant}" if variant else label
                others = known.setdefault(call.function, [])
                while name in {other for other, *_ in others}:
                    name += "'"
                others.append((name, with_x, x))
    return known


def search(finder: Finder, namespaces: Sequence[str]) -> tuple[dict[str, Found], dict[str, str]]:
    """The calls of every public function of namespaces, and the functions that have none with the reason."""
    calls, excluded = known_calls(finder, namespaces), {}
    aliases: dict[int, str] = {}
    for path in (path for namespace in namespaces for path in public(namespace)):
        first = aliases.setdefault(id(found(path)), path)
        if first != path:
            excluded[path] = f"the same as {first}"
        elif path not in calls:
            calls[path], excluded[path] = [], by_name(path) or f"no call found in {PATIENCE_S} s"
            if not by_name(path):
                with in_time(PATIENCE_S):
                    calls[path], excluded[path] = finder.calls(path)
        print(path, len(calls.get(path, ())), excluded.get(path, ""), file=sys.stderr, flush=True)
    return calls, {path: reason for path, reason in excluded.items() if reason}


def facts(finder: Finder, call: Call, x: list[float]) -> dict[str, Any]:
    """A call as the suite reads it."""
    judge = judge_of(call, x, finder.value)
    return {"call": json.loads(call.text()), "x": x} | ({"judge": json.loads(judge.text())} if judge else {})


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("framework", choices=NAMESPACES)
    parser.add_argument(
        "--namespace", nargs="+", help="look into these namespaces only, and keep what is known of the rest"
    )
    parser.add_argument("--more", nargs="+", choices=MORE, help="only add to the suite's calls; see `more.py`")
    asked = parser.parse_args()
    finder = Finder(asked.framework)
    warnings.simplefilter("ignore")
    printed, sys.stdout = sys.stdout, sys.stderr  # some functions print, and some write files
    # PyTorch's database forbids to set the switches of a scope.
    scope = nullcontext() if finder.framework == "torch" else finder.backend.scope()
    with tempfile.TemporaryDirectory() as folder, chdir(folder), scope:
        namespaces = asked.namespace or NAMESPACES[finder.framework]
        if asked.more:
            calls, excluded = more(asked.more, finder), {}
        else:
            calls, excluded = search(finder, namespaces)
        functions = {
            f"{path}:{label}": facts(finder, call, x) for path, tried in calls.items() for label, call, x in tried
        }
        if asked.more or asked.namespace:
            known = read(finder.framework)
            functions = dict(known["functions"]) | functions
            excluded = {path: by_name(path) or reason for path, reason in known["excluded"].items()} | excluded
            excluded = {path: reason for path, reason in excluded.items() if not calls.get(path)}
    print("{" + f'"versions":{json.dumps(dict(finder.backend.versions()))},', file=printed)
    for name, table in (("excluded", excluded), ("functions", functions)):
        lines = [f"{json.dumps(key)}:{json.dumps(value, separators=(',', ':'))}" for key, value in table.items()]
        print(f'"{name}":{{\n' + ",\n".join(lines) + ("\n}," if name == "excluded" else "\n}}"), file=printed)


if __name__ == "__main__":
    main()

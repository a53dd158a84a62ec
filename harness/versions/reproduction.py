"""A script that shows one cell without hessbench, for a maintainer to run; tried before it is handed out."""

from __future__ import annotations

import os
import subprocess

import numpy as np

from hessbench import backends, suites
from hessbench.backends.contract.method import find
from hessbench.backends.scripts.parts import ARRAYS, DERIVATIVES, NAMESPACES, VERSIONS
from hessbench.harness.versions.environments import Environment
from hessbench.harness.versions.source import CannotShow, Source, literal
from hessbench.suites.definition.problem import Instance, closed_form, draw

LIMIT_S = 180.0


def script(backend: str, cell: str, title: str, seed: int = 0) -> str:
    """A script for one cell.

    Args:
        backend: Whose it is.
        cell: Its name, as `results.stored.outcome.cell_name` says it.
        title: What it shows, for its first line.
        seed: Seed of the data.

    Returns:
        The text.

    Raises:
        CannotShow: f or the method cannot be written in the framework's own words.
    """
    place, size, *rest = cell.split(" ")
    native = rest[0] == "native"
    method = find(backends.load(backend).methods, rest[1 if native else 0])
    derivative = DERIVATIVES.get((backend, method.mode))
    if derivative is None:
        raise CannotShow(f"a {method.mode} derivative has no short form for {backend}")
    suite, _, name = place.partition("/")
    instance = draw(suites.load(suite)[name], int(size.removeprefix("n=")), seed)
    source = Source()
    if native:
        f = f"def f(x, *data):\n    return {source.add(backends.load(backend).natives[place])}(x, *data)"
    else:
        f = f"def f(x, *data):\n    return {source.add(instance.problem.objective)}(xp, x, *data)"
    imports = "\n".join(["import numpy as np", *source.imports, NAMESPACES[backend]])
    parts = [f'"""{title}"""\n\nfrom __future__ import annotations\n\n{imports}', source.text(), f, derivative]
    return "\n\n\n".join(part.strip("\n") for part in (*parts, _closing(backend, instance, method.operator))) + "\n"


def _closing(backend: str, instance: Instance, operator: str) -> str:
    """The point, the data, the call, and what is printed."""
    array = ARRAYS[backend]
    data = "".join(f"{array.format(literal(one))}, " for one in instance.data)
    lines = [
        f"x = {array.format(literal(instance.points[0]))}",
        f"data = ({data.strip()})",
        "got = np.asarray(derivative(x, *data))",
        f'print("{backend}", {VERSIONS[backend]})',
        'print("got", got.tolist())',
    ]
    true = closed_form(instance, operator, instance.points[0])
    if true is not None:
        lines += [
            f"true = {literal(np.asarray(true))}",
            'print("true", true.tolist())',
            'print(f"relative error {np.linalg.norm(got - true) / (np.linalg.norm(true) or 1):.1g}")',
        ]
    return "\n".join(lines)


def tried(text: str, environment: Environment) -> str:
    """What a script prints in an environment, or the last line of its complaint."""
    variables = os.environ | dict(backends.load(environment.backend).environment("float64", "cpu"))
    try:
        done = subprocess.run(
            [environment.python, "-P", "-"],
            input=text,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
            env=variables,
        )
    except subprocess.TimeoutExpired:
        return f"no answer within {LIMIT_S:g} s"
    return done.stdout.strip() if done.returncode == 0 else (done.stderr.strip().splitlines() or ["it failed"])[-1]

"""hessbench: which framework, and which way of using it, computes your Hessian correctly and fastest, on your hardware?

The public Python face. Import names from here, not from the rooms behind it:

    import hessbench as hb

    hb.hessian(f, x, backend="jax")      # the Hessian of your own f(xp, x, *data), as a NumPy array
    hb.reference(f, x)                   # the same by finite differences, with a bound of every entry's error
    hb.load("runs/20261122-...").frame   # a stored run as a tidy pandas DataFrame

Names are imported when they are first asked for: every module of the package passes through here, and neither
`hessbench --help` nor a measuring worker may pay for what it does not use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hessbench.backends.contract.interface import Backend, BackendUnavailable, NotScalar
    from hessbench.backends.contract.method import Method
    from hessbench.backends.contract.namespace import VOCABULARY
    from hessbench.harness.python.check import check
    from hessbench.harness.python.curvature import blocks, ggn_vp, laplacian, trace
    from hessbench.harness.python.derivatives import diagonal, gradient, hessian, hvp, reference
    from hessbench.harness.python.problem import native_problem, problem
    from hessbench.harness.python.run import run
    from hessbench.harness.python.sparse_hessian import sparse_hessian
    from hessbench.harness.python.sparsity import coloring, sparsity
    from hessbench.harness.python.uses.minimize import minimize
    from hessbench.harness.python.uses.steps import Inertia, inertia, newton_step, spectrum
    from hessbench.harness.usage import UsageError
    from hessbench.results.run import Run, load
    from hessbench.results.stored.record import Record
    from hessbench.results.stored.store import NotARun
    from hessbench.suites.definition.problem import Problem
    from hessbench.suites.definition.size import Size

__all__ = [
    "VOCABULARY",
    "Backend",
    "BackendUnavailable",
    "Inertia",
    "Method",
    "NotARun",
    "NotScalar",
    "Problem",
    "Record",
    "Run",
    "Size",
    "UsageError",
    "blocks",
    "check",
    "coloring",
    "diagonal",
    "ggn_vp",
    "gradient",
    "hessian",
    "hvp",
    "inertia",
    "laplacian",
    "load",
    "minimize",
    "native_problem",
    "newton_step",
    "problem",
    "reference",
    "run",
    "sparse_hessian",
    "sparsity",
    "spectrum",
    "trace",
]

_HOMES = {
    "backends.contract.interface": ("Backend", "BackendUnavailable", "NotScalar"),
    "backends.contract.method": ("Method",),
    "backends.contract.namespace": ("VOCABULARY",),
    "harness.python.check": ("check",),
    "harness.python.curvature": ("blocks", "ggn_vp", "laplacian", "trace"),
    "harness.python.derivatives": ("diagonal", "gradient", "hessian", "hvp", "reference"),
    "harness.python.uses.minimize": ("minimize",),
    "harness.python.problem": ("native_problem", "problem"),
    "harness.python.run": ("run",),
    "harness.python.uses.steps": ("Inertia", "inertia", "newton_step", "spectrum"),
    "harness.python.sparse_hessian": ("sparse_hessian",),
    "harness.python.sparsity": ("coloring", "sparsity"),
    "harness.usage": ("UsageError",),
    "results.run": ("Run", "load"),
    "results.stored.record": ("Record",),
    "results.stored.store": ("NotARun",),
    "suites.definition.problem": ("Problem",),
    "suites.definition.size": ("Size",),
}
"""Where each public name lives, module by module."""


def __getattr__(name: str) -> Any:
    for module, names in _HOMES.items():
        if name in names:
            value = globals()[name] = getattr(import_module(f"{__name__}.{module}"), name)
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

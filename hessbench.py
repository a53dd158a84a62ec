"""hessbench: which framework, and which way of using it, computes your Hessian correctly and fastest, on your hardware?

The public Python face. Import names from here, not from the rooms behind it:

    import hessbench as hb

    hb.hessian(f, x, backend="jax")      # the Hessian of your own f(xp, x, *data), as a NumPy array
    hb.load("runs/20261122-...").frame   # a stored run as a tidy pandas DataFrame
"""

from backends.interface import Backend, BackendUnavailable
from backends.method import Method
from backends.namespace import VOCABULARY
from harness.direct import hessian
from harness.usage import UsageError
from results.record import Record
from results.run import Run, load
from results.store import NotARun
from suites.problem import Problem

__all__ = [
    "VOCABULARY",
    "Backend",
    "BackendUnavailable",
    "Method",
    "NotARun",
    "Problem",
    "Record",
    "Run",
    "UsageError",
    "hessian",
    "load",
]

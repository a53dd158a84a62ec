"""CasADi: the objective is traced into an expression graph, differentiated as one, and run by CasADi's machine.

Sparsity is exploited by construction: the pattern of a Hessian is found and colored while it is built. Arrays are
NumPy's: they are handed to the built function as they lie in memory (`Function.buffer`), because an ordinary call
converts each argument entry by entry (measured: 4 ms for a matrix of 400 x 100 where the product takes 0.05 ms).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hessbench.backends.casadi import sparse_hessian
from hessbench.backends.casadi.buffers import on_arrays
from hessbench.backends.casadi.lacks import ARRAYS_LACK, LACKS
from hessbench.backends.casadi.methods import METHODS, NO_EIGENVALUES
from hessbench.backends.casadi.symbols import Symbols, symbols
from hessbench.backends.contract.arrays import Array, FloatArray, Objective
from hessbench.backends.contract.compression import Positions
from hessbench.backends.contract.errors import Unsupported
from hessbench.backends.contract.host import HostBackend
from hessbench.backends.contract.interface import Prepared
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, find
from hessbench.backends.contract.operators import OPERATORS
from hessbench.backends.contract.refusal import ProblemFacts
from hessbench.backends.derived.declaring import driven

ca = Lazy("casadi")

Function = Callable[..., Any]


DERIVED = driven(
    find(METHODS, "gradient-sx-symbolic"),
    find(METHODS, "hessian-sx-symbolic"),
    find(METHODS, "hvp-forward-over-reverse-sx-symbolic"),
)
"""CasADi's own linear algebra is for its graphs; what is done with a Hessian of numbers is LAPACK's."""


class CasadiBackend(HostBackend):
    """CasADi on the CPU, in double precision."""

    name = "casadi"
    title = "CasADi"
    takes_numpy = False
    requires = ("casadi",)
    extra = "casadi"
    methods = (*METHODS, *DERIVED)
    refusals = NO_EIGENVALUES
    lacks = LACKS
    arrays_lack = ARRAYS_LACK

    def versions(self) -> dict[str, str]:
        """CasADi."""
        return {"casadi": str(ca.__version__)}

    def namespace(self) -> Any:
        """Our own arrays of symbols, since CasADi has matrices only."""
        from hessbench.backends.casadi.namespace import namespace

        return namespace()

    def unsupported(self, method: Method, facts: ProblemFacts) -> str | None:
        """Double precision only: rounding the result would pass double precision off as single."""
        if self.dtype != "float64":
            return "CasADi computes in double precision only (casadi#3796)"
        return super().unsupported(method, facts)

    def prepare(
        self,
        method: Method,
        objective: Objective,
        data: Sequence[FloatArray],
        *like: FloatArray,
        pattern: Positions | None = None,
    ) -> Prepared:
        """As `Backend.prepare`; CasADi finds and colors a pattern while it writes the Hessian down, and not before."""
        if not OPERATORS[method.operator].sparse:
            return super().prepare(method, objective, data, *like)
        if pattern is not None:
            raise Unsupported("CasADi finds the pattern itself and takes none; leave pattern out")
        constants = self.constants(method, data, like[0].size)
        return sparse_hessian.prepared(method, self.bind(objective), (*like, *constants), constants)

    def build(self, method: Method, f: Function, arguments: tuple[Array, ...]) -> tuple[Function, Mapping[str, float]]:
        """Trace and differentiate the objective; then order the graph into a program."""
        start = time.perf_counter()
        # What is mapped over points makes its own graph of scalars; around it there is one of matrices.
        mapped = "X" in OPERATORS[method.operator].takes
        kind = ca.SX if "-sx-" in method.name and not mapped else ca.MX
        inputs = [symbols(kind, like) for like in arguments]
        result: Symbols = method.make(f)(*inputs)
        traced = time.perf_counter()
        function = ca.Function(method.operator.replace("-", "_"), [a.entries for a in inputs], [result.entries])
        call = on_arrays(function, result.shape)
        return call, {"trace_s": traced - start, "compile_s": time.perf_counter() - traced}

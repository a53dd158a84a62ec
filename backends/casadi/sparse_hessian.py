"""The Hessian's values at its sparsity pattern, which CasADi finds and colors while it writes the Hessian down.

The output of the built function is sparse, so that nothing is made dense (measured, chained Rosenbrock at n = 1000:
18.5 us a call beside 1.16 ms), and its entries are in CasADi's order, column by column.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from hessbench.backends.casadi.buffers import on_arrays
from hessbench.backends.casadi.limits import Seen, check_hessian, look
from hessbench.backends.casadi.symbols import Symbols, symbols, traced
from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.binding import with_constants
from hessbench.backends.contract.compression import Compression
from hessbench.backends.contract.interface import Prepared
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, declare
from hessbench.backends.contract.words import Execution

ca = Lazy("casadi")

Function = Callable[..., Any]


class Written:
    """A Hessian that is written down.

    Args:
        value: CasADi's expression of f.
        x: That of x.
        symmetric: Whether `casadi.hessian` writes it, with a star coloring; else the Jacobian of the gradient.
    """

    def __init__(self, value: Any, x: Any, *, symmetric: bool) -> None:
        self._slope, self._x, self._symmetric = ca.gradient(value, x), x, symmetric
        self._seen = check_hessian(value, x, symmetric=symmetric)
        self.matrix = ca.hessian(value, x)[0] if symmetric else ca.jacobian(self._slope, x)

    def known(self) -> Mapping[str, Any]:
        """What CasADi does inside, once more and timed."""
        seen: Seen = self._seen or look(self._slope, self._x, symmetric=self._symmetric)
        return {"colors": seen.colors, "detect_s": seen.detect_s, "color_s": seen.color_s}


def _hessian(f: Function) -> Function:
    return lambda x, *data: Written(traced(f, x, *data).entries, x.entries, symmetric=True)


def _jacobian_gradient(f: Function) -> Function:
    return lambda x, *data: Written(traced(f, x, *data).entries, x.entries, symmetric=False)


def prepared(method: Method, f: Function, arguments: tuple[Array, ...], constants: tuple[Array, ...]) -> Prepared:
    """A sparse method made ready.

    Args:
        method: The method.
        f: The bound objective f(x, *data).
        arguments: Arrays of the shapes to come: x and the data.
        constants: The data.

    Returns:
        The call, which returns the values (nnz,), and where they belong.
    """
    start = time.perf_counter()
    inputs: list[Symbols] = [symbols(ca.SX if "-sx-" in method.name else ca.MX, like) for like in arguments]
    written: Written = method.make(f)(*inputs)
    traced = time.perf_counter()
    function = ca.Function("sparse_hessian", [a.entries for a in inputs], [written.matrix])
    rows, cols = (np.asarray(indices, dtype=np.intp) for indices in function.sparsity_out(0).get_triplet())
    call = on_arrays(function, (len(rows),))
    phases = {"trace_s": traced - start, "compile_s": time.perf_counter() - traced}
    found = Compression(n=inputs[0].size, rows=rows, cols=cols, later=written.known)
    return Prepared(with_constants(call, 1, constants), phases, found)


_SYMBOLIC: tuple[Execution, ...] = ("symbolic",)
_KINDS = {"sx": "a graph of scalars", "mx": "a graph of matrices"}

METHODS: tuple[Method, ...] = tuple(
    method
    for kind, words in _KINDS.items()
    for method in (
        *declare(
            f"sparse-hessian-{kind}",
            _SYMBOLIC,
            _hessian,
            default=_SYMBOLIC,
            operator="sparse-hessian",
            mode="forward-over-reverse",
            assembly="sparse",
            stock="casadi.hessian",
            summary=f"The stock Hessian: star coloring of its pattern, one forward sweep per color; {words}.",
        ),
        *declare(
            f"sparse-jacobian-gradient-{kind}",
            _SYMBOLIC,
            _jacobian_gradient,
            operator="sparse-hessian",
            mode="forward-over-reverse",
            assembly="sparse",
            stock="casadi.jacobian",
            cost="1 + column colors",
            summary=f"The Jacobian of the gradient, colored without knowledge of its symmetry; {words}.",
        ),
    )
)

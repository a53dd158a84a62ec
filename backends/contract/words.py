"""Closed words: what may stand in a declaration, as types for the checker and with their meaning for the reader.

A type and its table list the same words; `tests/backends/contract/test_declarations.py` holds them together.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

Dtype = Literal["float64", "float32"]
DTYPES: tuple[Dtype, ...] = ("float64", "float32")

Precision = Literal["highest", "tf32"]
HIGHEST: Precision = "highest"
TF32: Precision = "tf32"
PRECISIONS: tuple[Precision, ...] = (HIGHEST, TF32)
"""How a GPU multiplies float32 arrays: in every bit, or with factors rounded to ten bits (TensorFloat-32)."""

Execution = Literal["eager", "graph", "jit", "xla", "inductor", "symbolic"]
EXECUTIONS: Mapping[str, str] = MappingProxyType(
    {
        "eager": "operation by operation, as Python meets it",
        "graph": "a tf.function: traced once, run by TensorFlow's graph executor",
        "jit": "jax.jit: traced once, compiled by XLA",
        "xla": "a tf.function with jit_compile=True: traced once, compiled by XLA",
        "inductor": "torch.compile: traced by Dynamo, compiled by Inductor (C++ or Triton)",
        "symbolic": "CasADi: an expression graph, simplified and colored once, run by its virtual machine",
    }
)

Assembly = Literal["", "vmap", "loop", "chunked", "stock", "sparse", "substitution", "replicated", "collapsed"]
ASSEMBLIES: Mapping[str, str] = MappingProxyType(
    {
        "": "nothing to put together",
        "vmap": "all rows (vectors, points) at once, vectorized",
        "loop": "one row after the other",
        "chunked": "so many rows at a time",
        "stock": "left to the stock API",
        "sparse": "only as many vectors as the sparsity pattern has colors",
        "substitution": "fewer vectors still: two colors make trees, and entries follow one from another",
        "replicated": "the point repeated once for each row, all rows in one sweep without vmap",
        "collapsed": "the sum over all directions taken inside of one sweep",
    }
)

Needs = Literal["", "regular", "definite"]
NEEDS: Mapping[str, str] = MappingProxyType(
    {
        "": "every symmetric matrix will do",
        "regular": "no eigenvalue of the Hessian is zero",
        "definite": "all eigenvalues of the Hessian are positive",
    }
)

Sweep = Literal["forward", "reverse", "difference", "complex", "taylor"]
SWEEPS: Mapping[str, str] = MappingProxyType(
    {
        "forward": "tangents pushed along with the values (jvp, hyper-dual numbers)",
        "reverse": "cotangents pulled back through the recorded operations (vjp)",
        "difference": "values at several points, subtracted",
        "complex": "the imaginary part a tiny step away from the real axis",
        "taylor": "a Taylor series of second order pushed through in one sweep",
    }
)

Mode = Literal[
    "",
    "forward",
    "reverse",
    "difference",
    "complex",
    "taylor",
    "forward-over-reverse",
    "forward-over-forward",
    "reverse-over-reverse",
    "reverse-over-forward",
    "difference-over-difference",
    "difference-over-complex",
    "difference-over-forward",
    "complex-over-complex",
]
"""Sweeps, outer over inner; one sweep alone is that of a gradient, or Taylor mode."""

"""What is known of a problem beside its text and its closed forms: the structure of the Hessian, and printed values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from hessbench.suites.definition.arrays import FloatArray, IntArray

Definiteness = Literal["positive definite", "positive semidefinite", "indefinite", ""]
"""The signs of the eigenvalues; the empty string says nothing."""


@dataclass(frozen=True, slots=True)
class Structure:
    """What is known of a Hessian beside its entries; every field is checked by `tests/suites/test_structure.py`.

    Attributes:
        pattern: Gives the entries that may differ from zero for n variables, as (rows, columns), both triangles; None
            means dense or not known.
        colors: The least number of colors of a star coloring of the pattern (hvps that a sparse Hessian needs).
        definiteness: The signs of the eigenvalues at the start point.
        null_vectors: Gives vectors (k, n) with Hv = 0 at any x, from (x, *data).
        degree: The k of f(t x) = t^k f(x) for t > 0, hence Hx = (k - 1) g; None where f is not homogeneous.
        constant: Whether the Hessian does not depend on x.
        spectrum: Gives the eigenvalues at the start point, ascending, for n variables, where there is a formula.
    """

    pattern: Callable[[int], tuple[IntArray, IntArray]] | None = None
    colors: int | None = None
    definiteness: Definiteness = ""
    null_vectors: Callable[..., FloatArray] | None = None
    degree: float | None = None
    constant: bool = False
    spectrum: Callable[[int], FloatArray] | None = None


NOTHING_KNOWN = Structure()


@dataclass(frozen=True, slots=True)
class Published:
    """A value that somebody has printed: it catches a wrong definition, which no derivative does.

    Attributes:
        point: The word "start", or a name in `Problem.named_points`.
        n: Number of variables.
        value: The value of f there.
        rel: Relative precision of what is printed; where value is 0, the absolute one.
        source: Who printed it.
    """

    point: str
    n: int
    value: float
    rel: float
    source: str

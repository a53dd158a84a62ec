"""A value with a bound of its error: what a judge knows."""

from __future__ import annotations

from dataclasses import dataclass

from hessbench.backends.contract.arrays import FloatArray


@dataclass(frozen=True, slots=True)
class Reference:
    """What the right result is, according to whom, and how well that is known.

    Attributes:
        value: The result, float64, in the operator's shape.
        bound: Estimated absolute error of each entry, same shape.
        judge: "closed_form", "objective", "richardson-<bits>", or "richardson-<bits>-gradient" of a gradient in closed
            form.
        noise: Standard deviation of what rounding adds to values of f in float64 near x, where that is far more than
            rounding of the value itself; else 0.
        bend: The derivative of f that is another one on either side of x, in words; else the empty string.
        bent: Its order: results of this order or a higher one are not defined, and differences find none.
        contradicted: Why it cannot be believed, by another witness; else the empty string.
    """

    value: FloatArray
    bound: FloatArray
    judge: str
    noise: float = 0.0
    bend: str = ""
    bent: int = 0
    contradicted: str = ""

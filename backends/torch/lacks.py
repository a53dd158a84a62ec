"""Names of the standard that PyTorch cannot do or differentiate, and why."""

from __future__ import annotations

from hessbench.backends.standard.lacking import names

NO_FLOOR_DIVIDE = "its derivative is not implemented; write xp.floor(x1 / x2)"

LACKS = {
    **names(
        "not all of them are there, and none has a derivative (pytorch#36748)",
        "unique_all unique_counts unique_inverse unique_values",
    ),
    "floor_divide": NO_FLOOR_DIVIDE,
}
ARRAYS_LACK = {
    "size": "x.size is a method there; write math.prod(x.shape)",
    "floor_divide": NO_FLOOR_DIVIDE,
    "number modulo array": "its derivative is not implemented; write xp.remainder(xp.full_like(x, 7.0), x)",
}

"""Names of the standard that JAX cannot do, and why."""

from __future__ import annotations

from hessbench.backends.standard.lacking import UNKNOWN_SHAPE, names

LACKS = {
    **names(UNKNOWN_SHAPE, "nonzero unique_all unique_counts unique_inverse unique_values"),
    "from_dlpack": "what is traced has no memory to share; write xp.asarray",
}

"""Names of the standard that autograd cannot do, and why."""

from __future__ import annotations

from hessbench.backends.standard.lacking import UNKNOWN_SHAPE, names

LACKS = {
    **names(UNKNOWN_SHAPE, "unique_all unique_counts unique_inverse unique_values"),
    **names("it has no rule for its derivative", "linalg.qr nextafter"),
}

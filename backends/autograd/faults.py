"""What autograd is known to get wrong or to lack, each with its thread."""

from __future__ import annotations

from hessbench.backends.contract.refusal import KnownFault, Refusal

FORWARD = (
    Refusal(
        "autograd has no forward rule for it (pymanopt#200)",
        ("linalg.cholesky", "linalg.det", "linalg.eigvalsh", "linalg.inv", "linalg.slogdet", "linalg.solve"),
    ),
)

FAULTS = (
    KnownFault(
        "autograd#378: the derivatives of prod are NaN where an entry is zero", ("prod",), ("wrong",), says="NaN"
    ),
)
WIDENS = ("autograd#199: rules of max, maximum, cholesky and others turn float32 into float64; results are cast back",)

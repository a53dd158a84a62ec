"""What JAX cannot do: names of the standard, and known faults that all methods of a mode share."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hessbench.backends.contract.refusal import KnownFault
from hessbench.backends.standard.lacking import UNKNOWN_SHAPE, names

LACKS = {
    **names(UNKNOWN_SHAPE, "nonzero unique_all unique_counts unique_inverse unique_values"),
    "from_dlpack": "what is traced has no memory to share; write xp.asarray",
}

_EIGENVALUES = KnownFault(
    "jax#2748: raises through eigenvalues of a matrix that is not symmetric",
    outcomes=("error",),
    says="non-symmetric eigenvectors",
)
_REVERSE_RULE = KnownFault(
    "jax#16049: raises through a jax.custom_vjp", outcomes=("error",), says="forward-mode autodiff .* custom_vjp"
)

BY_MODE: Mapping[str, tuple[KnownFault, ...]] = MappingProxyType(
    {
        "reverse-over-reverse": (_EIGENVALUES,),
        "forward-over-reverse": (_EIGENVALUES,),
        "reverse-over-forward": (_EIGENVALUES, _REVERSE_RULE),
        "forward-over-forward": (_EIGENVALUES, _REVERSE_RULE),
    }
)
"""What every method of a mode meets (seen in 0.10.2)."""

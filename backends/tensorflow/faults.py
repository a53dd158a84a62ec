"""Known limits of TensorFlow that many methods share."""

from __future__ import annotations

from hessbench.backends.contract.refusal import Refusal

XLA_LACKS = (Refusal("XLA in TensorFlow has no kernel for it", ("linalg.det", "linalg.slogdet"), execution="xla"),)

PARALLEL_ITERATIONS = 2
"""The least `parallel_iterations` of a vectorized loop; it also wants a persistent tape (tensorflow#47785)."""

VALUE_COMPILED = ("tensorflow#59713: under XLA it is compiled anew for every value of x (seen in 2.21)",)

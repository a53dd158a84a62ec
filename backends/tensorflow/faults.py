"""Known limits of TensorFlow that many methods share."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from hessbench.backends.contract.refusal import KnownFault, Refusal

XLA_LACKS = (Refusal("XLA in TensorFlow has no kernel for it", ("linalg.det", "linalg.slogdet"), execution="xla"),)

PARALLEL_ITERATIONS = 2
"""The least `parallel_iterations` of a vectorized loop; it also wants a persistent tape (tensorflow#47785)."""

VALUE_COMPILED = ("tensorflow#59713: under XLA it is compiled anew for every value of x (seen in 2.21)",)

CALLBACKS: Mapping[str, tuple[str, ...]] = {
    "objective": (),
    "gradient": ("PyFunc", "PyFuncStateless"),
    "hessian": ("PyFunc", "PyFuncStateless", "EagerPyFunc"),
}
"""Operator -> operations that call Python out of a graph and lose its derivatives; others are as the Hessian."""
NO_CALLBACKS = (
    "calls Python out of its graph (tf.py_function, tf.numpy_function), whose derivatives TensorFlow takes for zero "
    "without a word; write it in TensorFlow's functions"
)

_MOMENTS = KnownFault(
    "wrong where f stops a gradient, as tf.nn.moments and Keras' normalizations do (tensorflow#19609)",
    ("StopGradient",),
    ("wrong",),
)
_LABELS = KnownFault(
    "tensorflow#26495: the labels' part is lost in softmax_cross_entropy_with_logits where they depend on x",
    ("SoftmaxCrossEntropyWithLogits",),
    ("wrong",),
)
_ZERO_COEFFICIENT = KnownFault(
    "tensorflow#119476, tensorflow#127238: xlogy, xlog1py and xdivy lose the slope where the first factor is zero",
    ("Xlogy", "Xlog1py", "Xdivy"),
    ("wrong",),
)
_RECOMPUTED = KnownFault(
    "raises through tf.recompute_grad, which is differentiated once", outcomes=("error",), says="recompute_grad"
)
_COMPILED_BY_A_PERSON = KnownFault(
    "zero where f is, or calls, a tf.function, as a compiled Keras model does (2.21; tensorflow#60164 is near)",
    ("PartitionedCall", "StatefulPartitionedCall"),
    ("wrong",),
    says="zero everywhere",
)
_TWICE = (_MOMENTS, _LABELS, _ZERO_COEFFICIENT, _RECOMPUTED)

BY_MODE: Mapping[str, tuple[KnownFault, ...]] = MappingProxyType(
    {
        "reverse": (_ZERO_COEFFICIENT,),
        "reverse-over-reverse": _TWICE,
        "forward-over-reverse": _TWICE,
        "reverse-over-forward": (*_TWICE, _COMPILED_BY_A_PERSON),
        "forward-over-forward": _TWICE,
    }
)
"""What every method of a mode meets, by operations of TensorFlow's graphs (seen in 2.21)."""

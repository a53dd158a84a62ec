"""The same GPT with the fused attention that a framework takes by itself: it may have no second derivative."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from hessbench.suites.definition.problem import no_portable_text
from hessbench.suites.models.gpt import NETWORK, gpt


def _in_numpy(x: Any, tokens: Any, following: Any) -> Any:
    """The GPT itself, by whose values the fused one is judged."""
    return NETWORK.value(np, x, tokens, following)


gpt_fused = replace(
    gpt,
    name="gpt_fused",
    objective=no_portable_text,
    judge_text=_in_numpy,
    model=None,
    layers={"torch": "hessbench.backends.torch.natives.models.gpt:build_fused"},
    native_calls=("fused_attention",),
    convention="scaled_dot_product_attention as PyTorch chooses it: a product over a gradient through another "
    "attention says nothing, so it is a problem of its own; Keras in TensorFlow and Equinox have none that is fused",
    upstream={"torch": "pytorch#116350, pytorch#128971"},
)

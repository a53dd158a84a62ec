"""Models as they are trained: residual network, transformers, graph network, physics-informed network.

Each has a portable text, which is the judge, and the same in each framework's own layers, with the same weights and
data (`backends/*/natives/models/`): 10^4 to 10^5 parameters, 10^7 and more where the device is a GPU.
"""

from __future__ import annotations

from hessbench.suites.models.fused_attention import gpt_fused
from hessbench.suites.models.gpt import gpt
from hessbench.suites.models.graph_network import graph_network
from hessbench.suites.models.physics_informed import physics_informed
from hessbench.suites.models.residual_network import residual_network
from hessbench.suites.models.vision_transformer import vision_transformer

OPERATORS = ("hvp", "ggn-vp")
"""A Hessian of 10^5 variables is 80 GB."""

PROBLEMS = (residual_network, vision_transformer, gpt, gpt_fused, graph_network, physics_informed)

"""Machine learning: losses of small models, in closed form."""

from __future__ import annotations

from hessbench.suites.ml.bundle import bundle_adjustment
from hessbench.suites.ml.contrast import info_nce
from hessbench.suites.ml.convolution import convolution_1d
from hessbench.suites.ml.factors import deep_linear, matrix_factorization
from hessbench.suites.ml.hidden_layer import tanh_network
from hessbench.suites.ml.mixtures import gaussian_mixture
from hessbench.suites.ml.normalization import layer_norm_gelu
from hessbench.suites.ml.sequences import hidden_markov_forward
from hessbench.suites.ml.softmax import attention, softmax_regression

PROBLEMS = (
    tanh_network,
    softmax_regression,
    attention,
    layer_norm_gelu,
    convolution_1d,
    deep_linear,
    matrix_factorization,
    gaussian_mixture,
    hidden_markov_forward,
    info_nce,
    bundle_adjustment,
)

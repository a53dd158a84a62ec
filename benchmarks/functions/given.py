"""Calls that trying does not find: layers with their weights, losses with their targets, special arguments."""

from __future__ import annotations

from typing import Any

import numpy as np
from arguments import as_argument

from hessbench.backends.scripts.calls import OBJECT, TUPLE, Call

RNG = np.random.default_rng(7)


def floats(*shape: int, low: float = -0.9, high: float = 0.9) -> dict[str, Any]:
    """A constant array of floats."""
    return as_argument(np.round(RNG.uniform(low, high, shape), 3))


def integers(*values: Any) -> dict[str, Any]:
    """A constant array of integers."""
    return as_argument(np.array(values))


def positive(*shape: int) -> dict[str, Any]:
    """A constant array of positive floats."""
    return floats(*shape, low=0.3, high=1.4)


def pair(*parts: Any) -> dict[str, Any]:
    """A tuple."""
    return {TUPLE: list(parts)}


LOWER = as_argument([[1.3, 0.0], [0.4, 0.9]])


ROWS, TIED = as_argument(np.array([[0], [2], [2]])), as_argument([0.4, 0.3, 0.3])
SCATTERS = ("", "_add", "_sub", "_mul", "_max", "_min")
CONVOLVED = (floats(1, 1, 3, 3), floats(1, 1, 2, 2))
DIAGONALS = (as_argument([0.0, 0.2, -0.3]), as_argument([0.1, 0.4, 0.0]))
TRANSPOSED = (floats(1, 2, 2, 1), floats(2, 2, 1, 1))


def _numbers(kind: str, *parts: tuple[int, ...]) -> dict[str, Any]:
    """JAX's dimension numbers."""
    return {OBJECT: [f"jax.lax.{kind}DimensionNumbers", [pair(*part) for part in parts], {}]}


SCATTERED = _numbers("Scatter", (), (0,), (0,))


def _recurrent(gates: int, states: Any) -> tuple[Any, ...]:
    """Input (2, 2), state, and the weights and biases of a cell with two units."""
    return floats(2, 2), states, floats(2 * gates, 2), floats(2 * gates, 2), floats(2 * gates), floats(2 * gates)


GIVEN: dict[str, tuple[Call, ...]] = {
    "torch": (
        Call("torch.nn.functional.embedding", (integers(0, 2, 2), floats(3, 2))),
        Call("torch.nn.functional.batch_norm", (floats(3, 2), None, None, positive(2), floats(2), True)),
        Call("torch.nn.functional.instance_norm", (floats(1, 2, 3), None, None, positive(2), floats(2))),
        Call("torch.batch_norm", (floats(3, 2), positive(2), floats(2), None, None, True, 0.1, 1e-5, False)),
        Call("torch.instance_norm", (floats(1, 2, 3), positive(2), floats(2), None, None, True, 0.1, 1e-5, False)),
        Call("torch.native_layer_norm", (floats(2, 3), [3], positive(3), floats(3), 1e-5)),
        Call("torch.embedding", (floats(3, 2), integers(0, 2, 2))),
        Call("torch.embedding_bag", (floats(3, 2), integers(0, 2, 2), integers(0, 2))),
        Call("torch.conv3d", (floats(1, 1, 1, 2, 2), floats(1, 1, 1, 1, 2))),
        Call("torch.conv_transpose3d", (floats(1, 1, 1, 2, 2), floats(1, 1, 1, 1, 2))),
        Call("torch.conv_tbc", (floats(3, 1, 2), floats(2, 2, 1), floats(1))),
        Call(
            "torch.convolution",
            (floats(1, 1, 4), floats(1, 1, 2), floats(1), [1], [0], [1], False, [0], 1),
        ),
        Call("torch.rnn_tanh_cell", _recurrent(1, floats(2, 2))),
        Call("torch.rnn_relu_cell", _recurrent(1, floats(2, 2))),
        Call("torch.gru_cell", _recurrent(3, floats(2, 2))),
        Call("torch.lstm_cell", _recurrent(4, [floats(2, 2), floats(2, 2)])),
        Call("torch.grid_sampler", (floats(1, 1, 3, 3), floats(1, 2, 2, 2), 0, 0, True)),
        Call("torch.grid_sampler_2d", (floats(1, 1, 3, 3), floats(1, 2, 2, 2), 0, 0, True)),
        Call("torch.grid_sampler_3d", (floats(1, 1, 2, 2, 2), floats(1, 1, 1, 2, 3), 0, 0, True)),
        Call("torch.nn.functional.affine_grid", (floats(1, 2, 3), [1, 1, 2, 2])),
        Call("torch.affine_grid_generator", (floats(1, 2, 3), [1, 1, 2, 2], True)),
        Call("torch.index_fill", (floats(3, 2), 0, integers(1), 0.7)),
        Call("torch.poisson_nll_loss", (floats(3), positive(3), True, False, 1e-8, 1)),
        Call("torch.unflatten", (floats(4), 0, [2, 2])),
        Call("torch.linalg.solve_triangular", (LOWER, floats(2, 2)), {"upper": False}),
        Call("torch.nn.functional.ctc_loss", (floats(3, 1, 3), integers([1, 2]), integers(3), integers(2))),
        Call(
            "torch.nn.functional.multi_head_attention_forward",
            (
                *(floats(2, 1, 2) for _ in range(3)),
                *(2, 1, floats(6, 2), floats(6), None, None, False, 0.0, floats(2, 2), floats(2)),
            ),
        ),
        Call("torch._weight_norm", (floats(2, 2), positive(2, 1), 0)),
    ),
    "tensorflow": (
        Call("tensorflow.nn.batch_normalization", (floats(3), floats(3), positive(3), floats(3), positive(3), 1e-3)),
        Call("tensorflow.nn.weighted_cross_entropy_with_logits", (positive(3), floats(3), positive(3))),
        Call("tensorflow.nn.ctc_loss", (integers([1, 2]), floats(3, 1, 3), integers(2), integers(3), True)),
        Call("tensorflow.nn.conv1d", (floats(1, 4, 1), floats(2, 1, 1), 1, "VALID")),
        Call("tensorflow.nn.conv2d", (floats(1, 3, 3, 1), floats(2, 2, 1, 1), 1, "VALID")),
        Call("tensorflow.nn.conv3d", (floats(1, 2, 2, 2, 1), floats(1, 2, 2, 1, 1), [1, 1, 1, 1, 1], "VALID")),
        Call("tensorflow.nn.depthwise_conv2d", (floats(1, 3, 3, 1), floats(2, 2, 1, 1), [1, 1, 1, 1], "VALID")),
        Call(
            "tensorflow.nn.separable_conv2d",
            (floats(1, 3, 3, 1), floats(2, 2, 1, 1), floats(1, 1, 1, 1), [1, 1, 1, 1], "VALID"),
        ),
        Call("tensorflow.nn.conv1d_transpose", (floats(1, 3, 1), floats(2, 1, 1), [1, 4, 1], 1, "VALID")),
        Call("tensorflow.nn.conv2d_transpose", (floats(1, 2, 2, 1), floats(2, 2, 1, 1), [1, 3, 3, 1], 1, "VALID")),
        Call("tensorflow.nn.avg_pool2d", (floats(1, 3, 3, 1), 2, 1, "VALID")),
        Call("tensorflow.nn.max_pool2d", (floats(1, 3, 3, 1), 2, 1, "VALID")),
        Call("tensorflow.nn.avg_pool1d", (floats(1, 4, 1), 2, 1, "VALID")),
        Call("tensorflow.nn.max_pool1d", (floats(1, 4, 1), 2, 1, "VALID")),
        Call("tensorflow.nn.avg_pool3d", (floats(1, 2, 2, 2, 1), 2, 1, "VALID")),
        Call("tensorflow.nn.max_pool3d", (floats(1, 2, 2, 2, 1), 2, 1, "VALID")),
        Call("tensorflow.nn.local_response_normalization", (floats(1, 1, 2, 2),)),
        Call("tensorflow.nn.embedding_lookup", (floats(3, 2), integers(0, 2, 2))),
        Call(
            "tensorflow.nn.dilation2d",
            (floats(1, 3, 3, 1), floats(2, 2, 1), [1, 1, 1, 1], "VALID", "NHWC", [1, 1, 1, 1]),
        ),
        Call("tensorflow.nn.sparse_softmax_cross_entropy_with_logits", (integers(0, 2), floats(2, 3))),
        Call("tensorflow.math.segment_sum", (floats(3), integers(0, 0, 1))),
        Call("tensorflow.math.segment_prod", (floats(3), integers(0, 0, 1))),
        Call("tensorflow.math.segment_max", (floats(3), integers(0, 0, 1))),
        Call("tensorflow.math.unsorted_segment_prod", (floats(3), integers(0, 1, 0), 2)),
        Call("tensorflow.linalg.triangular_solve", (LOWER, floats(2, 2))),
        Call("tensorflow.linalg.tridiagonal_solve", (positive(3, 3), floats(3))),
        Call("tensorflow.image.resize", (floats(1, 2, 2, 1), [3, 3])),
        Call("tensorflow.image.ssim", (positive(11, 11, 1), positive(11, 11, 1), 1.0)),
        Call("tensorflow.image.psnr", (positive(2, 2, 1), positive(2, 2, 1), 1.0)),
        Call("tensorflow.signal.stft", (floats(8), 4, 2)),
        Call("tensorflow.signal.frame", (floats(6), 3, 2)),
        Call("tensorflow.tensor_scatter_nd_add", (floats(3), integers([0], [2]), floats(2))),
        Call("tensorflow.tensor_scatter_nd_max", (floats(3), integers([0], [2]), floats(2))),
        Call("tensorflow.image.crop_to_bounding_box", (floats(1, 3, 3, 1), 0, 1, 2, 2)),
        Call("tensorflow.image.pad_to_bounding_box", (floats(1, 2, 2, 1), 1, 0, 3, 3)),
        Call(
            "tensorflow.image.extract_patches", (floats(1, 3, 3, 1), [1, 2, 2, 1], [1, 1, 1, 1], [1, 1, 1, 1], "VALID")
        ),
        Call("tensorflow.nn.depth_to_space", (floats(1, 1, 2, 4), 2)),
        Call("tensorflow.nn.space_to_batch", (floats(1, 2, 2, 1), [2, 2], [[0, 0], [0, 0]])),
        Call(
            "tensorflow.nn.erosion2d",
            (floats(1, 3, 3, 1), floats(2, 2, 1), [1, 1, 1, 1], "VALID", "NHWC", [1, 1, 1, 1]),
        ),
        Call(
            "tensorflow.nn.conv3d_transpose",
            (floats(1, 1, 2, 2, 1), floats(1, 2, 2, 1, 1), [1, 1, 3, 3, 1], 1, "VALID"),
        ),
        Call("tensorflow.nn.pool", (floats(1, 4, 1), [2], "AVG")),
        Call("tensorflow.signal.mdct", (floats(8), 4)),
        Call("tensorflow.math.zeta", (floats(3, low=1.5, high=3.0), positive(3))),
        Call("tensorflow.math.polygamma", (floats(3, low=1.0, high=1.0), positive(3))),
        Call("tensorflow.math.approx_max_k", (floats(4), 2)),
        Call("tensorflow.math.approx_min_k", (floats(4), 2)),
        Call("tensorflow.gather", (floats(3), integers(0, 2, 2))),
    ),
    "jax": (
        Call("jax.nn.dot_product_attention", tuple(floats(1, 2, 1, 2) for _ in range(3))),
        Call("jax.lax.conv", (floats(1, 1, 3, 3), floats(1, 1, 2, 2), pair(1, 1), "VALID")),
        Call("jax.lax.dynamic_slice", (floats(4), pair(1), pair(2))),
        Call("jax.lax.pad", (floats(3), 0.3, pair(pair(1, 1, 0)))),
        Call("jax.lax.linalg.triangular_solve", (LOWER, floats(2, 2)), {"left_side": True, "lower": True}),
    ),
    "autograd": (),
}
GIVEN["jax"] += (
    *(Call(f"jax.lax.scatter{kind}", (floats(3), ROWS, floats(3), SCATTERED)) for kind in SCATTERS),
    *(Call(f"jax.lax.scatter{kind}", (TIED, ROWS, TIED, SCATTERED)) for kind in ("_max", "_min")),
    Call("jax.lax.gather", (floats(3), ROWS, _numbers("Gather", (), (0,), (0,)), pair(1))),
    Call("jax.lax.dot_general", (floats(2, 3), floats(3, 2), pair(pair(pair(1), pair(0)), pair(pair(), pair())))),
    Call("jax.lax.broadcast_in_dim", (floats(3), pair(2, 3), pair(1))),
    Call("jax.lax.convert_element_type", (floats(3), "float64")),
    Call("jax.lax.select_n", (as_argument(np.array([True, False, True])), floats(3), floats(3))),
    Call("jax.lax.slice", (floats(4), pair(1), pair(3))),
    Call("jax.lax.polygamma", (floats(3, low=1.0, high=1.0), positive(3))),
    Call("jax.lax.ragged_dot", (floats(3, 2), floats(2, 2, 2), integers(1, 2))),
    Call("jax.lax.conv_with_general_padding", (*CONVOLVED, pair(1, 1), pair(pair(0, 0), pair(1, 0)), None, None)),
    Call("jax.lax.conv_general_dilated_patches", (CONVOLVED[0], pair(2, 2), pair(1, 1), "VALID")),
    Call("jax.lax.linalg.tridiagonal_solve", (DIAGONALS[0], positive(3), DIAGONALS[1], floats(3, 1))),
    Call("jax.numpy.choose", (integers(0, 1, 0), [floats(3), floats(3)])),
    Call("jax.scipy.linalg.cho_solve", (pair(LOWER, True), floats(2))),
    Call("jax.scipy.stats.dirichlet.logpdf", (as_argument([0.2, 0.5, 0.3]), positive(3))),
    Call("jax.scipy.stats.pareto.logpdf", (floats(3, low=1.5, high=2.5), positive(3))),
    Call("jax.scipy.stats.pareto.logcdf", (floats(3, low=1.5, high=2.5), positive(3))),
    Call("jax.scipy.stats.poisson.logpmf", (integers(0, 1, 3), positive(3))),
)
GIVEN["tensorflow"] += (
    Call("tensorflow.linalg.lu_solve", (LOWER, integers(0, 1), floats(2, 1))),
    Call("tensorflow.linalg.lu_reconstruct", (LOWER, integers(0, 1))),
    Call("tensorflow.linalg.lu_matrix_inverse", (LOWER, integers(0, 1))),
    Call("tensorflow.nn.conv_transpose", (floats(1, 2, 1), floats(2, 1, 1), [1, 3, 1], 1, "VALID")),
    Call("tensorflow.nn.atrous_conv2d_transpose", (*TRANSPOSED, [1, 3, 3, 1], 1, "VALID")),
    Call("tensorflow.nn.depthwise_conv2d_backprop_input", ([1, 3, 3, 1], *reversed(TRANSPOSED), [1] * 4, "VALID")),
    Call(
        "tensorflow.nn.depthwise_conv2d_backprop_filter",
        (floats(1, 3, 3, 1), [2, 2, 1, 1], TRANSPOSED[0], [1] * 4, "VALID"),
    ),
    Call("tensorflow.signal.inverse_stft", (floats(1, 3), 4, 2)),
    Call("tensorflow.linalg.logm", (floats(2, 2),)),
)
"""By framework."""

NOT_COMPLEX = r"\.(eig|eigh|svd|schur|real_if_close|convolution)$"
"""Vectors may be multiplied by any complex number of size one: of a complex matrix they are no function. The others
drop imaginary parts, where those are zero, or of a bias among real arrays."""

NOT_REAL: dict[str, str] = {
    r"\.(new_)?empty(_\w+)?$": "of memory that nobody has written",
    r"\.(stop_gradient|detach\w*|reduce_precision|nextafter|spacing|Masking)$": "no derivative by nature",
    r"cholesky_ex$": "the same as cholesky, but for what it makes of matrices that have none",
    r"quantize|q_scale|q_zero|q_per|int_repr|fbgemm|qparams|moving_avg": "of quantized tensors",
    r"\.(miopen|cudnn|mkldnn)": "of another device or library",
    r"bitwise|\.gcd$|\.lcm$|population_count|shift_|\.clz$|unravel_index|ravel_multi|packbits": "of integers",
    r"\.sym_": "of symbolic sizes",
    r"saddmm|\.smm|hsmm|hspmm|sspaddmm|_indices_copy|indices_copy$|values_copy|csr|ccol|crow": "of sparse layouts",
    r"unique|union1d|intersect1d|setdiff1d|setxor1d|\.(flat)?nonzero|argwhere|\.compress$|\.extract$|trim_zeros|"
    r"fill_diagonal|\.place$|\.put$|put_along": "of a shape that values decide, or in place",
    r"all_gather|all_to_all|axis_index|axis_size|pbroadcast|pcast|pmean|ppermute|pshuffle|psum|pswapaxes|sharding|"
    r"after_all|PrecisionLike": "of several devices",
    r"lax\.(cond|scan|map|switch|while_loop|fori_loop|associative_scan|custom_\w+|platform_dependent|reduce(_window)?)$|"
    r"ops\.(associative_scan|cond|fori_loop|jvp|map|scan|switch|vectorize|vectorized_map|while_loop)$|"
    r"funm$|apply_a\w+$|layers\.(Bidirectional|TimeDistributed|RNN|StackedRNNCells|Pipeline|Wrapper|Lambda|"
    r"SpectralNormalization|FlaxLayer|JaxLayer|TFSMLayer|TorchModuleWrapper)$": "of a function that is the caller's",
    r"Lookup$|Hash|CategoryEncoding|Discretization|TextVectorization|argm(ax|in)$|left_shift|right_shift|"
    r"invert$|mulhi|bincount|lu_pivots|diag_indices|reduce_(and|or|xor)|bitcast|"
    r"dimension_numbers|DimensionNumbers|shape_tuple|permutations|array_(repr|str)|frombuffer|"
    r"from_dlpack": "of integers",
    r"Random|RandAugment|MixUp|CutMix|AugMix|Gaussian(Noise|Dropout)|dropout|random|multinomial|"
    r"poisson$|bernoulli|_lowrank$|_sampler|sampled_|nce_loss|fractional_|sobol|accidental|"
    r"sample_distorted": "random",
    r"ops\.(cast|saturate_cast|view)$": "of a dtype that is the caller's",
    r"MaxNumBoundingBoxes|HistogramEqualization|decode_|encode_|_jpeg|"
    r"suppression|bounding_box(es|_proposals)$|in_top_k|logical_": "of bytes, boxes or Booleans",
    r"embedding_lookup_sparse": "of sparse layouts",
    r"signal\.i?r?fftnd$|crop_and_resize$|extract_glimpse$|local_response_normalization$|tensorflow.*_pool3d$|"
    r"layers\.(AveragePooling3D|MaxPool3D)$|approx_m(ax|in)_k$|"
    r"tensorflow\.nn\.ctc_loss$": "without a kernel in float64 on a CPU",
    r"_window$|mel_weight_matrix": "makes an array of numbers",
    r"batch_norm_(stats|elemt|gather|backward|update)": "a part of another function, of one device",
    r"get_|set_|format_|show_|frompyfunc|fromfunction|fromstring|fromfile|fromiter|fromregex|load|save|print|typename|"
    r"defvjp|defjvp|wrap_|primitive|dtype|promote_types|can_cast|busday|datetime|\.test$|nested_iters|array_from_args|"
    r"check_even|parse_einsum|make_|_grad$|repeat_to|binary_repr|base_repr|isnat|"
    r"broadcast_shapes": "not a function of arrays",
    r"\.(zeros|ones|empty|full|eye|identity|arange|linspace|tri|tri[lu]_indices|indices|hamming|hanning|blackman|bartlett|"
    r"kaiser|mask_indices|one_hot|iota|broadcasted_iota|dft|hadamard|helmert|hilbert|invhilbert|invpascal|"
    r"pascal)$": "makes an array of numbers that are no floats",
}
"""What is not a function of real numbers though nobody can tell by calling it: pattern of the name -> reason."""

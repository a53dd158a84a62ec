"""What is known of faults that the audit found, by "function:argument" or function: upstream thread, one sentence."""

NONE_FOUND = "no report found"
ORDER = "The derivative by the order is declared as none and is zero without a word."
TRIGAMMA = (
    "jax#37635",
    "The polygamma function behind it is wrong for negative numbers: it has no reflection formula.",
)
BESSEL = ("jax#40627, jax#40628 (mended by jax#40640)", "Right away from zero.")
HOUSEHOLDER = ("pytorch#196698", "A term of second order is left out.")
SINC = ("pytorch#89459, pytorch#196703", "The slope at zero is a constant zero, and so is what follows from it.")
CLAMPED = ("pytorch#31378 (so decided)", "Norms below eps are clamped outside of the graph.")
SOLVES = ("pytorch#192540", "Forward mode over a solve; mapped over points it is off by orders of magnitude.")
NORMALIZES = ("pytorch#196699", "Reverse mode over forward mode.")
NO_RULE = (NONE_FOUND, "Declared as a function without a derivative: it is zero without a word.")
MOMENTS = (
    "tensorflow#19609",
    "The variance is differentiated as if the mean stood still, which is right once and wrong twice.",
)
RESIZED = (NONE_FOUND, "The derivative of `tf.image.resize` has none of its own: where it is asked for, it is zero.")
PHASE = (NONE_FOUND, "For complex numbers it is z/|z|, and its rule is that of real numbers: zero without a word.")
NORMAL = (NONE_FOUND, "In the left tail the rule subtracts numbers that are nearly equal.")

CONJUGATES = ("tensorflow#127713 (not merged)", "The rule leaves out a conjugate, which complex numbers need.")
WEIGHT = (NONE_FOUND, "Forward mode takes the weight for a constant; reverse mode refuses it.")
RUNNING = (NONE_FOUND, "Forward mode takes the running mean and variance for constants.")
EXPONENT = (f"{NONE_FOUND} (JAX had the same: jax#12033)", "Where the exponent is zero, the mixed derivative is lost.")
CUMPROD = ("pytorch#196701", "Where a factor is zero.")
BRANCH = (
    f"{NONE_FOUND} (PyTorch had the same: pytorch#80763)",
    "The rule has the root of z^2 - 1, which is on another branch to the left of the imaginary axis.",
)

OVERFLOWS = (NONE_FOUND, "Far out the branch that is not taken overflows, and NaN times zero is NaN.")
CANCELS = (NONE_FOUND, "Far out the rule subtracts numbers that are nearly equal.")
TIES = "Where both arguments are equal, the whole slope goes to the first one."

REMARKS = {
    "keras.ops.logaddexp": ("tensorflow#127232", TIES),
    "keras.ops.logaddexp2": ("tensorflow#127232 (of `logaddexp`)", TIES),
    "keras.ops.hypot": ("tensorflow#127230", "Scaled by the larger argument, whose choice is differentiated, too."),
    "keras.ops.sinc": ("tensorflow#127226", "Divided by x in the branch that is not taken."),
    "keras.ops.layer_normalization": MOMENTS,
    "keras.ops.moments": MOMENTS,
    "keras.ops.fmod": (NONE_FOUND, "The sign of x times a remainder: at zero both slopes are zero."),
    "keras.ops.celu": (NONE_FOUND, "At zero a maximum and a minimum meet, and both count."),
    "keras.ops.max_pool": (
        NONE_FOUND,
        "In a loop of a graph (`tf.map_fn`) the derivative of the gradient loses the first entry; so does that of "
        "`tf.nn.max_pool` with windows of one entry.",
    ),
    "tensorflow.math.special.dawsn": CANCELS,
    "tensorflow.linalg.eigh_tridiagonal": (NONE_FOUND, "Eigenvalues come by bisection, and that is differentiated."),
    "torch.nn.functional.mish": OVERFLOWS,
    **dict.fromkeys(("jax.scipy.special.dawsn", "jax.scipy.special.wofz", "torch.special.erfcx"), CANCELS),
    "jax.scipy.special.erfcx": ("jax#38607 (of its value)", CANCELS[1]),
    **{f"jax.scipy.stats.{name}.cdf": OVERFLOWS for name in ("expon", "laplace", "gumbel_l", "gumbel_r")},
    "jax.nn.log1mexp": OVERFLOWS,
    "jax.nn.gelu": (NONE_FOUND, "Far to the left, and only compiled: what is zero times a large square is not zero."),
    **{f"tensorflow.math.{name}:{i}c": CONJUGATES for name in ("xlogy", "xlog1py", "xdivy") for i in (0, 1)},
    "tensorflow.math.multiply_no_nan:1c": CONJUGATES,
    "tensorflow.linalg.det:0c": ("tensorflow#49946", "The rule has the conjugate in another place."),
    "tensorflow.linalg.slogdet:0c": ("tensorflow#49946 (of `det`)", "The rule has the conjugate in another place."),
    "autograd.numpy.linalg.slogdet:0c": (
        NONE_FOUND,
        "The sign is taken for a constant, which it is of real matrices only.",
    ),
    **dict.fromkeys(("jax.lax.acosh:0c", "jax.numpy.acosh:0c", "jax.numpy.arccosh:0c"), BRANCH),
    **dict.fromkeys(("autograd.numpy.acosh:0c", "autograd.numpy.arccosh:0c"), BRANCH),
    "jax.lax.sign:0c": PHASE,
    "jax.numpy.sign:0c": PHASE,
    "autograd.scipy.special.iv": (NONE_FOUND, ORDER),
    "autograd.scipy.special.ive:0": (NONE_FOUND, ORDER),
    "autograd.scipy.special.ive:1c": (NONE_FOUND, "The factor exp(-|Re z|) is differentiated as if z were real."),
    "autograd.scipy.special.jn": (NONE_FOUND, ORDER),
    "autograd.numpy.linalg.solve": (
        NONE_FOUND,
        "A stack of matrices and one vector, which NumPy 2 takes for a vector and the rule for a matrix.",
    ),
    "autograd.numpy.linalg.eig": (NONE_FOUND, "The rule leaves out that eigenvectors have unit length."),
    "autograd.numpy.prod": ("autograd#93, autograd#378", "The rule divides by x."),
    "torch.linalg.matrix_exp": (
        NONE_FOUND,
        "Where the result is large, reverse mode scales matrix and slope together and loses half of the digits.",
    ),
    "torch.special.airy_ai": NO_RULE,
    "torch.special.bessel_j0": NO_RULE,
    "torch.special.bessel_j1": NO_RULE,
    "torch.special.bessel_y0": NO_RULE,
    "torch.special.bessel_y1": NO_RULE,
    "torch.special.modified_bessel_k0": NO_RULE,
    "torch.special.modified_bessel_k1": NO_RULE,
    "jax.lax.digamma": TRIGAMMA,
    "jax.scipy.special.digamma": TRIGAMMA,
    "jax.lax.lgamma": TRIGAMMA,
    "jax.scipy.special.gammaln": TRIGAMMA,
    "jax.scipy.special.gamma": TRIGAMMA,
    "jax.lax.polygamma": TRIGAMMA,
    "jax.numpy.i0": BESSEL,
    "jax.scipy.special.i0": BESSEL,
    "jax.scipy.special.i1": BESSEL,
    "jax.scipy.special.beta": ("jax#34353", "Where both arguments are equal, minimum and maximum in f bend."),
    "jax.scipy.special.betaln": ("jax#34353", "Where both arguments are equal, minimum and maximum in f bend."),
    "jax.scipy.special.expn": (NONE_FOUND, "The derivative by the order is zero without a word."),
    "jax.scipy.special.fresnel": (NONE_FOUND, "Both integrals are differentiated through their approximation."),
    "jax.scipy.special.hyp2f1": (NONE_FOUND, "Where a parameter is zero, the derivative by it is lost."),
    "jax.numpy.corrcoef": (NONE_FOUND, "A correlation of exactly one is clipped, and half of its curvature is lost."),
    "jax.scipy.stats.dirichlet.logpdf": TRIGAMMA,
    "jax.scipy.special.hyp1f1": (NONE_FOUND, "Where a parameter is zero, the derivative by it is lost."),
    "jax.numpy.sinc": (NONE_FOUND, "Next to zero, where the rule for zero does not apply yet, digits cancel."),
    "jax.scipy.special.log_ndtr": NORMAL,
    "jax.scipy.stats.norm.logcdf": NORMAL,
    "jax.scipy.stats.norm.logsf": NORMAL,
    "keras.layers.BatchNormalization": MOMENTS,
    "keras.layers.GroupNormalization": MOMENTS,
    "keras.layers.LayerNormalization": MOMENTS,
    "keras.layers.CenterCrop": RESIZED,
    "keras.layers.Resizing": RESIZED,
    "torch.cholesky_inverse": ("pytorch#196682 (its forward mode)", "Entries that are not read have a slope."),
    "torch.cholesky_solve": ("pytorch#196694 (its forward mode)", "Entries that are not read have a slope."),
    **dict.fromkeys(("torch.cumprod", "torch.masked.cumprod"), CUMPROD),
    **dict.fromkeys(("torch.pow", "torch.float_power", "autograd.numpy.pow"), EXPONENT),
    **{f"torch.nn.functional.{name}:weight~sample": WEIGHT for name in ("cross_entropy", "linear_cross_entropy")},
    "torch.nn.functional.nll_loss": WEIGHT,
    **{f"torch.native_batch_norm:{place}~sample": RUNNING for place in ("3", "4", "3+4")},
    "torch.ldexp": ("pytorch#187460, pytorch#196680", "The power of two is one of integers, and zero below 2^0."),
    "torch.as_strided_scatter": (
        f"{NONE_FOUND} (a review of pytorch#77128 doubts the formula)",
        "Entries that are overwritten have a slope, and the others none: it should be the other way round.",
    ),
    "torch.nn.functional.hardsigmoid": (NONE_FOUND, "The slope is 1/6 in float32."),
    "torch.nn.functional.logsigmoid": ("pytorch#195679, pytorch#195530", "In the right tail 1 - sigmoid(x) is zero."),
    "torch.scatter_reduce": ("pytorch#196702", "The rule of products has no forward mode."),
    **dict.fromkeys(("torch.linalg.householder_product", "torch.orgqr"), HOUSEHOLDER),
    **dict.fromkeys(("torch.sinc", "torch.special.sinc"), SINC),
    **dict.fromkeys(("torch.batch_norm", "torch.nn.functional.instance_norm"), NORMALIZES),
    "torch.layer_norm": ("pytorch#196700", "Reverse mode over forward mode."),
    "torch.cosine_similarity": CLAMPED,
    "torch.nn.functional.cosine_similarity": CLAMPED,
    "torch.instance_norm": NORMALIZES,
    "torch.nn.functional.batch_norm": NORMALIZES,
    "torch.nn.functional.layer_norm": NORMALIZES,
    **dict.fromkeys(("torch.det", "torch.slogdet", "torch.logdet"), SOLVES),
    **{f"torch.linalg.{name}": SOLVES for name in ("det", "slogdet", "solve", "solve_ex", "tensorsolve", "eigvals")},
    "torch.native_layer_norm": (NONE_FOUND, "Mean and deviation, which it returns too, have no derivative."),
    "torch.nn.functional.ctc_loss": (NONE_FOUND, "The gradient is that of normalized log-probabilities only."),
    "torch.polar": (NONE_FOUND, "Where the modulus is zero, the derivative by it is lost."),
    "torch.special.chebyshev_polynomial_v": NO_RULE,
    "torch.special.shifted_chebyshev_polynomial_u": NO_RULE,
    "tensorflow.math.xlogy": ("tensorflow#127240", "The coefficient's slope is lost where it is zero."),
}

NO_SCRIPT = frozenset(
    {
        *("torch.cosine_similarity", "torch.nn.functional.cosine_similarity", "torch.nn.functional.soft_margin_loss"),
        *("torch.nn.functional.logsigmoid", "jax.scipy.special.gamma", "jax.scipy.special.wofz"),
        "jax.nn.gelu",
    }
)
"""What is wrong only nearer to zero, or in smaller numbers, than the differences of a script, 1e-3 apart, can see; or
only when it is compiled."""

"""One operation of PyTorch's each: normalizations, linear algebra, products, special functions, losses and layers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.lazy import Lazy

torch, linalg, special, nn = Lazy("torch"), Lazy("torch.linalg"), Lazy("torch.special"), Lazy("torch.nn.functional")

EPSILON = 1e-5


def _layer_norm(x: Array, w: Array) -> Array:
    return (w * nn.layer_norm(x.reshape(2, 4), (4,))).sum()


def _instance_norm(x: Array, w: Array) -> Array:
    return (w * nn.instance_norm(x.reshape(1, 2, 4))).sum()


def _group_norm(x: Array, w: Array) -> Array:
    return (w * nn.group_norm(x.reshape(1, 4, 2), 2).reshape(2, 4)).sum()


def _batch_norm(x: Array, w: Array) -> Array:
    return (w * nn.batch_norm(x.reshape(4, 2), None, None, training=True)).sum()


def _cdist(x: Array, w: Array) -> Array:
    return (w * torch.cdist(x[:4].reshape(2, 2), x[4:].reshape(2, 2))).sum()


def _cholesky_inverse(x: Array, w: Array) -> Array:
    factor = torch.stack([x[0], 0 * x[0], x[1], x[2]]).reshape(2, 2)
    return (w * torch.cholesky_inverse(factor)).sum()


def _householder_product(x: Array, w: Array, eye: Array) -> Array:
    zero, one = 0 * x[0], 0 * x[0] + 1
    vectors = torch.stack([one, zero, x[0], one, x[1], x[2]]).reshape(3, 2)
    return (w * linalg.householder_product(vectors, x[3:]).exp()).sum()


def _lstsq(x: Array, b: Array, w: Array) -> Array:
    return (w * linalg.lstsq(x.reshape(3, 2), b.reshape(3, 1), driver="gels").solution[:, 0]).sum()


def _scatter_prod(x: Array, w: Array, indices: Array) -> Array:
    return (w * x.new_ones(2).scatter_reduce(0, indices, x, "prod") ** 2).sum()


def _attention(x: Array, w: Array) -> Array:
    q, k, v = x.reshape(3, 1, 1, 3, 2)
    return (w * nn.scaled_dot_product_attention(q, k, v).exp()).sum()


def _ctc_loss(x: Array) -> Array:
    frames = nn.log_softmax(x.reshape(2, 1, 2), 2)
    one, two = torch.tensor([1], device=x.device), torch.tensor([2], device=x.device)
    return nn.ctc_loss(frames, one.reshape(1, 1), two, one, reduction="sum")


def _kl_div(x: Array) -> Array:
    return nn.kl_div(nn.log_softmax(x[:3], 0), nn.softmax(x[3:], 0), reduction="sum")


def _unfold(x: Array, w: Array, patches: Array) -> Array:
    return (w * nn.unfold(x.reshape(1, 1, 3, 3), 2)[0] ** 3).sum()


def _interpolate(x: Array, w: Array, matrix: Array) -> Array:
    return (w * nn.interpolate(x.reshape(1, 1, 3), 5, mode="linear", align_corners=True) ** 3).sum()


def _grid_sample(x: Array) -> Array:
    image, grid = x[:4].reshape(1, 1, 2, 2), x[4:].reshape(1, 1, 1, 2)
    return nn.grid_sample(image, grid, align_corners=True).sum() ** 2


def _zeta(x: Array, w: Array) -> Array:
    three = torch.full_like(x, 3)
    return (w * (special.zeta(three, x) - special.zeta(three, x + 2))).sum()


_NORMALIZATION: Mapping[str, Callable[..., Array]] = {
    "layer_norm": _layer_norm,
    "instance_norm": _instance_norm,
    "group_norm": _group_norm,
    "batch_norm": _batch_norm,
    "rms_norm": lambda x, w: (w * nn.rms_norm(x.reshape(2, 4), (4,), eps=EPSILON)).sum(),
    "cosine_similarity": lambda x: nn.cosine_similarity(x[:3], x[3:], dim=0),
    "cdist": _cdist,
    "pdist": lambda x, w, first, second: (w * nn.pdist(x.reshape(3, 2))).sum(),
    "vector_norm_zero": lambda x: linalg.vector_norm(x) ** 2,
    "hypot_zero": lambda x: torch.hypot(x[0], x[1]) ** 2,
    "std_equal": lambda x: torch.std(x) ** 2,
}

_LINALG: Mapping[str, Callable[..., Array]] = {
    "det": lambda x: linalg.det(x.reshape(3, 3)),
    "det_identity": lambda x: linalg.det(x.reshape(3, 3)),
    "slogdet": lambda x: linalg.slogdet(x.reshape(3, 3)).logabsdet,
    "solve": lambda x, b, c: (c * linalg.solve(x.reshape(3, 3), b)).sum(),
    "cholesky_inverse": _cholesky_inverse,
    "householder_product": _householder_product,
    "matrix_exp": lambda x, w, eye: (w * linalg.matrix_exp(x.reshape(2, 2))).sum(),
    "pinv": lambda x, w: (w * linalg.pinv(x.reshape(2, 3))).sum(),
    "lstsq": _lstsq,
    "nuclear_norm": lambda x: linalg.svdvals(x.reshape(2, 2)).sum(),
    "kron": lambda x, w: (w * torch.kron(x[:4].reshape(2, 2), x[4:].reshape(2, 2))).sum(),
    "eigvalsh_repeated": lambda x: (linalg.eigvalsh(torch.stack([x[:2], x[1:]])) ** 3).sum(),
    "trace": lambda x: torch.trace(x.reshape(3, 3)) ** 2,
}

_PRODUCTS: Mapping[str, Callable[..., Array]] = {
    "cumprod_zero": lambda x, w: (w * torch.cumprod(x, 0)).sum(),
    "cumprod_zeros": lambda x, w: (w * torch.cumprod(x, 0)).sum(),
    "prod_zeros": lambda x, w: torch.prod(x),
    "scatter_prod": _scatter_prod,
    "pow_zero": lambda x, exponents: torch.pow(x, exponents).sum(),
    "pow_negative": lambda x, exponents: torch.pow(x, exponents).sum(),
    "sinc_zero": lambda x: torch.sinc(x).sum(),
    "logaddexp_far": lambda x: torch.logaddexp(x[0], x[1]) ** 2 / 2,
    "fft_zero_bin": lambda x, cosines, sines: (torch.fft.fft(x).abs() ** 2).sum(),
}

_FUNCTIONS: Mapping[str, Callable[..., Array]] = {
    "softplus": lambda x, w: (w * nn.softplus(x)).sum(),
    "gelu": lambda x, w: (w * nn.gelu(x, approximate="tanh")).sum(),
    "glu": lambda x, w: (w * nn.glu(x).exp()).sum(),
    "erf": lambda x, w, *rule: (w * torch.erf(x)).sum(),
    "bessel_j0": lambda x, w, angles: (w * special.bessel_j0(x)).sum(),
    "lgamma": lambda x, w: (w * (torch.lgamma(x + 3) - torch.lgamma(x))).sum(),
    "digamma": lambda x, w: (w * (torch.digamma(x + 2) - torch.digamma(x))).sum(),
    "zeta": _zeta,
    "gammainc": lambda x, w: (w * special.gammainc(torch.full_like(x, 2), x)).sum(),
    "logcumsumexp": lambda x, w: (w * torch.logcumsumexp(x, 0)).sum(),
}

_LOSSES: Mapping[str, Callable[..., Array]] = {
    "log_softmax": lambda x, w: (w * nn.log_softmax(x, 0) ** 2).sum(),
    "cross_entropy": lambda x, labels: nn.cross_entropy(x.reshape(2, 3), labels.argmax(1)),
    "kl_div": _kl_div,
    "huber_loss": lambda x, targets: nn.huber_loss(x, targets) ** 2,
    "soft_margin_loss": lambda x, signs: nn.soft_margin_loss(x, signs),
    "ctc_loss": _ctc_loss,
}

_LAYERS: Mapping[str, Callable[..., Array]] = {
    "scaled_dot_product_attention": _attention,
    "bilinear": lambda x: nn.bilinear(x[None, :2], x[None, 2:4], x[4:].reshape(1, 2, 2)).sum() ** 2,
    "embedding": lambda x, w, tokens: (w * nn.embedding(tokens, x.reshape(2, 2)) ** 3).sum(),
    "embedding_bag": lambda x, w, tokens: (w * nn.embedding_bag(tokens[None], x.reshape(2, 2)) ** 3).sum(),
    "segment_reduce": lambda x, w, lengths: (w * torch.segment_reduce(x, "sum", lengths=lengths) ** 3).sum(),
    "conv1d": lambda x, w: (w * nn.conv1d(x[None, None, :6], x[None, None, 6:]) ** 2).sum(),
    "avg_pool": lambda x, w: (w * nn.avg_pool1d(x[None, None], 2, 1) ** 3).sum(),
    "max_pool": lambda x, w: (w * nn.max_pool1d(x[None, None], 2, 1) ** 3).sum(),
    "interpolate": _interpolate,
    "unfold": _unfold,
    "grid_sample": _grid_sample,
}

TEXTS: Mapping[str, Callable[..., Array]] = {
    name: text
    for texts in (_NORMALIZATION, _LINALG, _PRODUCTS, _FUNCTIONS, _LOSSES, _LAYERS)
    for name, text in texts.items()
}

"""Layers whose weights are among the variables, and losses whose targets are."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.lazy import Lazy

torch, nn, modules = Lazy("torch"), Lazy("torch.nn.functional"), Lazy("torch.nn")
func, parametrizations = Lazy("torch.func"), Lazy("torch.nn.utils.parametrizations")

EPSILON = 1e-5


def _layer_norm(x: Array, w: Array) -> Array:
    return (w * nn.layer_norm(x[:6].reshape(2, 3), (3,), x[6:9], x[9:]) ** 3).sum()


def _batch_norm(x: Array, w: Array) -> Array:
    return (w * nn.batch_norm(x[:6].reshape(3, 2), None, None, x[6:8], x[8:], training=True) ** 3).sum()


def _instance_norm(x: Array, w: Array) -> Array:
    return (w * nn.instance_norm(x[:6].reshape(1, 2, 3), weight=x[6:8], bias=x[8:]) ** 3).sum()


def _group_norm(x: Array, w: Array) -> Array:
    return (w * nn.group_norm(x[:6].reshape(1, 2, 3), 1, x[6:8], x[8:]) ** 3).sum()


def _rms_norm(x: Array, w: Array) -> Array:
    return (w * nn.rms_norm(x[:6].reshape(2, 3), (3,), x[6:], EPSILON) ** 3).sum()


@functools.cache
def made(name: str) -> Any:
    """A module, made once and before any transformation; its own parameters are never used."""
    if name == "weight_norm":
        return parametrizations.weight_norm(modules.Linear(3, 2, bias=False))
    if name == "network":
        return modules.Sequential(modules.Linear(2, 2), modules.Tanh(), modules.Linear(2, 1))
    return modules.GRUCell(1, 1)


def _weight_norm(x: Array, w: Array, inputs: Array) -> Array:
    names = "parametrizations.weight.original0", "parametrizations.weight.original1"
    given = dict(zip(names, (x[:2].reshape(2, 1), x[2:].reshape(2, 3)), strict=True))
    return (w * func.functional_call(made("weight_norm"), given, inputs) ** 3).sum()


def _network(x: Array, inputs: Array) -> Array:
    names = "0.weight", "0.bias", "2.weight", "2.bias"
    given = dict(zip(names, (x[:4].reshape(2, 2), x[4:6], x[6:8].reshape(1, 2), x[8:]), strict=True))
    return (func.functional_call(made("network"), given, inputs) ** 2).sum()


def _gru_cell(x: Array, state: Array) -> Array:
    names = "weight_ih", "weight_hh", "bias_ih", "bias_hh"
    given = dict(zip(names, (x[:3].reshape(3, 1), x[3:6].reshape(3, 1), x[6:9], x[9:]), strict=True))
    return (func.functional_call(made("gru_cell"), given, (state.new_ones(1, 1), state.reshape(1, 1))) ** 2).sum()


def _binary_labels(x: Array) -> Array:
    return nn.binary_cross_entropy_with_logits(x[2:], x[:2].sigmoid(), reduction="sum")


def _probable_labels(x: Array) -> Array:
    return nn.binary_cross_entropy(x[2:].sigmoid(), x[:2].sigmoid(), reduction="sum")


MADE = ("weight_norm", "network", "gru_cell")

TEXTS: Mapping[str, Callable[..., Array]] = {
    "layer_norm_weights": _layer_norm,
    "batch_norm_weights": _batch_norm,
    "instance_norm_weights": _instance_norm,
    "group_norm_weights": _group_norm,
    "rms_norm_weights": _rms_norm,
    "weight_norm": _weight_norm,
    "network": _network,
    "gru_cell": _gru_cell,
    "soft_labels": lambda x: nn.cross_entropy(x[None, 3:], nn.softmax(x[None, :3], 1)),
    "entropy": lambda x: nn.cross_entropy(x[None], nn.softmax(x[None], 1)),
    "binary_labels": _binary_labels,
    "probable_labels": _probable_labels,
    "mse_loss": lambda x: nn.mse_loss(x[:2], x[2:].exp()),
    "poisson_loss": lambda x: nn.poisson_nll_loss(x[:2], x[2:].exp(), reduction="sum"),
    "gaussian_loss": lambda x: nn.gaussian_nll_loss(x[:2], x[2:4], x[4:].exp(), reduction="sum"),
    "smooth_l1_loss": lambda x: nn.smooth_l1_loss(x[:2], x[2:] ** 3, reduction="sum"),
}

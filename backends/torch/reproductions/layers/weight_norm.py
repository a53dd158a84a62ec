"""The Hessian of weight_norm, reverse over reverse: not symmetric, its norms count as constants; no report found."""

import torch


def composed(x):
    return ((x[0] * x[1:] / x[1:].norm()) @ w) ** 3


def native(x):
    return (torch._weight_norm(x[None, 1:], x[:1, None], 0)[0] @ w) ** 3  # what parametrizations.weight_norm calls


w, x = torch.arange(1.0, 4.0).double(), torch.tensor([0.9, 0.5, 1.0, 0.3], dtype=torch.float64)
got = torch.autograd.functional.hessian(native, x)
true = torch.autograd.functional.hessian(composed, x)
print("torch", torch.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float((got - true).norm() / true.norm()):.2g}")

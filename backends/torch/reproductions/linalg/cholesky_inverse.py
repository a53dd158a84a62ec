"""The Hessian of the trace of cholesky_inverse by torch.func.hessian: pytorch#196682, pytorch#196694."""

import torch


def composed(x):  # of (L L')^-1 with L = [[a, 0], [b, c]]
    a, b, c = x
    return a**-2 + c**-2 + (b / (a * c)) ** 2


def native(x):
    return torch.cholesky_inverse(torch.stack([x[0], 0 * x[0], x[1], x[2]]).reshape(2, 2)).diagonal().sum()


x = torch.tensor([1.5, -0.5, 2.0], dtype=torch.float64)
got = torch.func.hessian(native)(x)
true = torch.func.hessian(composed)(x)
print("torch", torch.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float((got - true).norm() / true.norm()):.2g}")

"""The Hessian of a reflection by householder_product, forward over forward: pytorch#196698."""

import torch


def composed(x):  # the first column of I - t v v' with v = (1, x_1)
    return 1 - x[1] - x[1] * x[0]


def native(x):
    column = torch.stack([1 + 0 * x[0], x[0]])[:, None]
    return torch.linalg.householder_product(column, x[1:]).sum()


x = torch.tensor([0.7, 1.2], dtype=torch.float64)
got = torch.func.jacfwd(torch.func.jacfwd(native))(x)
true = torch.func.hessian(composed)(x)
print("torch", torch.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float((got - true).norm() / true.norm()):.2g}")

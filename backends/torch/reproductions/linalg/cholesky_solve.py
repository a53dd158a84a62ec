"""The Hessian of |L^-1 y|^2 by cholesky and solve, forward over forward, is wrong: pytorch#192540."""

import torch

x = torch.tensor([[2.0, 0.5], [0.5, 1.5]], dtype=torch.float64)
y = torch.tensor([1.0, -2.0], dtype=torch.float64)


def f(x):
    return torch.linalg.solve(torch.linalg.cholesky((x + x.T) / 2), y).square().sum()


got = torch.func.jacfwd(torch.func.jacfwd(f))(x)
inverse = torch.linalg.inv(x)
units = torch.eye(4, dtype=torch.float64).reshape(4, 2, 2)
pushed = (units + units.mT) / 2 @ (inverse @ y)
true = (2 * pushed @ inverse @ pushed.T).reshape(2, 2, 2, 2)
print("torch", torch.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float((got - true).norm() / true.norm()):.2g}")

"""The second derivative of sin(x) / x, and 1 where x = 0 by a double where is 0 at 0: no report found."""

import torch

x = torch.tensor(0.0, dtype=torch.float64)


def f(x):
    safe = torch.where(x == 0, 1.0, x)
    return torch.where(x == 0, 1.0, torch.sin(safe) / safe)


got = torch.func.hessian(f)(x)
true = torch.tensor(-1 / 3, dtype=torch.float64)
print("torch", torch.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float((got - true).norm() / true.norm()):.2g}")

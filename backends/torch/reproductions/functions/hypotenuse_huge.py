"""The Hessian of sqrt(x^2 + y^2) is 0 where the squares overflow: no report found."""

import torch

x = torch.tensor([3e200, 4e200], dtype=torch.float64)
got = torch.func.hessian(lambda x: torch.sqrt(x[0] * x[0] + x[1] * x[1]))(x) * 1e200
true = torch.tensor([[16.0, -12.0], [-12.0, 9.0]], dtype=torch.float64) / 125  # times 1e-200
print("torch", torch.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float((got - true).norm() / true.norm()):.2g}")

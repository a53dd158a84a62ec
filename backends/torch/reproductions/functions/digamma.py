"""The first derivative of digamma at 1 has 9 digits in float64: see pytorch#4399, pytorch#55357."""

import torch

got = torch.func.grad(torch.digamma)(torch.tensor(1.0, dtype=torch.float64))
true = torch.tensor(torch.pi**2 / 6, dtype=torch.float64)
print("torch", torch.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float((got - true).norm() / true.norm()):.2g}")

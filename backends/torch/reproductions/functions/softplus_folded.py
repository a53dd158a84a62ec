"""The second derivative of softplus as max(x, 0) + log1p(exp(-|x|)) is 0 at 0: pytorch#2195."""

import torch

x = torch.tensor(0.0, dtype=torch.float64)
got = torch.func.hessian(lambda x: torch.maximum(x, torch.zeros_like(x)) + torch.log1p(torch.exp(-x.abs())))(x)
true = torch.tensor(0.25, dtype=torch.float64)
print("torch", torch.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float((got - true).norm() / true.norm()):.2g}")

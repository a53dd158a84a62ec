"""The Hessian of max(a, b)^2 + min(a, b)^2, which is a^2 + b^2, is wrong at a tie: pytorch#184572, pytorch#56734."""

import torch

x = torch.ones(2, dtype=torch.float64)
got = torch.func.hessian(lambda x: torch.maximum(x[0], x[1]) ** 2 + torch.minimum(x[0], x[1]) ** 2)(x)
true = 2 * torch.eye(2, dtype=torch.float64)
print("torch", torch.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float((got - true).norm() / true.norm()):.2g}")

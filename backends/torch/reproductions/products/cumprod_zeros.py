"""The Hessian of the sum of cumprod at two zero factors, forward over forward: pytorch#196701."""

import torch

x = torch.tensor([2.0, 0.0, 3.0, 0.0], dtype=torch.float64)
got = torch.func.jacfwd(torch.func.jacfwd(lambda x: torch.cumprod(x, 0).sum()))(x)
true = torch.func.hessian(lambda x: x[0] + x[0] * x[1] + x[0] * x[1] * x[2] + x[0] * x[1] * x[2] * x[3])(x)
print("torch", torch.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float((got - true).norm() / true.norm()):.2g}")

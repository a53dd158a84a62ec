"""The Hessian of trace(A)^2 by torch.func.hessian, compiled: pytorch#190855."""

import torch

x = torch.eye(2, dtype=torch.float64)
hessian = torch.func.hessian(lambda x: torch.trace(x) ** 2)
got, true = torch.compile(hessian)(x), hessian(x)
print("torch", torch.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float((got - true).norm() / true.norm()):.2g}")

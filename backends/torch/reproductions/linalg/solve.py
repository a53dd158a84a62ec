"""The Hessian of the sum of A^-1 b by solve, forward over forward: pytorch#192540."""

import torch

a, b = torch.tensor([[1.3, 0.4], [-0.7, 0.9]], dtype=torch.float64), torch.tensor([1.0, 2.0], dtype=torch.float64)
got = torch.func.jacfwd(torch.func.jacfwd(lambda a: torch.linalg.solve(a, b).sum()))(a)
true = torch.func.hessian(lambda a: (torch.linalg.inv(a) @ b).sum())(a)
print("torch", torch.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float((got - true).norm() / true.norm()):.2g}")

"""The Hessian of vector_norm(x)**2 at 0 by torch.func.hessian is 0 (NaN in reverse mode): pytorch#92075."""

import torch

got = torch.func.hessian(lambda x: torch.linalg.vector_norm(x) ** 2)(torch.zeros(3, dtype=torch.float64))
true = 2 * torch.eye(3, dtype=torch.float64)
print("torch", torch.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float((got - true).norm() / true.norm()):.2g}")

"""The Hessian of det at the identity, reverse over forward (NaN by torch.func.hessian): pytorch#192540."""

import torch

x = torch.eye(2, dtype=torch.float64)
got = torch.func.jacrev(torch.func.jacfwd(torch.linalg.det))(x)
true = torch.func.hessian(lambda x: x[0, 0] * x[1, 1] - x[0, 1] * x[1, 0])(x)
print("torch", torch.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float((got - true).norm() / true.norm()):.2g}")

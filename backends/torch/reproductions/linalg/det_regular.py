"""The Hessian of det at a regular matrix, reverse over forward, is wrong: pytorch#192540."""

import torch

x = torch.tensor([[2.0, -0.5], [0.4, 1.5]], dtype=torch.float64)
got = torch.func.jacrev(torch.func.jacfwd(torch.linalg.det))(x)
true = torch.zeros(2, 2, 2, 2, dtype=torch.float64)  # of ad - bc, everywhere
true[0, 0, 1, 1] = true[1, 1, 0, 0] = 1
true[0, 1, 1, 0] = true[1, 0, 0, 1] = -1
print("torch", torch.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float((got - true).norm() / true.norm()):.2g}")

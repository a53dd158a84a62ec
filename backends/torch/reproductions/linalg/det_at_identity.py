"""The Hessian of det at the identity, forward over forward, is wrong: pytorch#192540."""

import torch

x = torch.eye(2, dtype=torch.float64)
got = torch.func.jacfwd(torch.func.jacfwd(torch.linalg.det))(x)
true = torch.zeros(2, 2, 2, 2, dtype=torch.float64)  # of ad - bc, everywhere
true[0, 0, 1, 1] = true[1, 1, 0, 0] = 1
true[0, 1, 1, 0] = true[1, 0, 0, 1] = -1
print("torch", torch.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float((got - true).norm() / true.norm()):.2g}")

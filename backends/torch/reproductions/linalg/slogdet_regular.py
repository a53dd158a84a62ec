"""The Hessian of slogdet, forward over forward, is wrong: pytorch#192540."""

import torch

x = torch.tensor([[2.0, -0.5], [0.4, 1.5]], dtype=torch.float64)
got = torch.func.jacfwd(torch.func.jacfwd(lambda x: torch.linalg.slogdet(x)[1]))(x)
inverse = torch.linalg.inv(x)
true = -torch.einsum("jk,li->ijkl", inverse, inverse)
print("torch", torch.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float((got - true).norm() / true.norm()):.2g}")

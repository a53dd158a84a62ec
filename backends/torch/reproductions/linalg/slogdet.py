"""The Hessian of slogdet, forward over forward: pytorch#192540."""

import torch

x = torch.tensor([[1.3, 0.4], [-0.7, 0.9]], dtype=torch.float64)
got = torch.func.jacfwd(torch.func.jacfwd(lambda x: torch.linalg.slogdet(x).logabsdet))(x)
true = torch.func.hessian(lambda x: torch.log(x[0, 0] * x[1, 1] - x[0, 1] * x[1, 0]))(x)
print("torch", torch.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float((got - true).norm() / true.norm()):.2g}")

"""The Hessian of std(x)**2 at equal entries is 0, where it is that of var(x): see pytorch#4320."""

import torch

x = torch.ones(4, dtype=torch.float64)
got = torch.func.hessian(lambda x: torch.std(x) ** 2)(x)
true = torch.func.hessian(torch.var)(x)
print("torch", torch.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float((got - true).norm() / true.norm()):.2g}")

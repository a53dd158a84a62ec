"""The second derivative of tanh at 20 is 0: pytorch#195685."""

import torch

x = torch.tensor(20.0, dtype=torch.float64)
got = torch.func.hessian(torch.tanh)(x)
true = -8 * torch.exp(-2 * x) * torch.tanh(x) / (1 + torch.exp(-2 * x)) ** 2
print("torch", torch.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float((got - true).norm() / true.norm()):.2g}")

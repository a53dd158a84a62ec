"""The second derivative of sinc at 0 by torch.func.hessian (NaN in reverse mode): pytorch#196703, pytorch#89459."""

import torch

got = torch.func.hessian(torch.sinc)(torch.tensor(0.0, dtype=torch.float64))
true = torch.tensor(-(torch.pi**2) / 3, dtype=torch.float64)
print("torch", torch.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float((got - true).norm() / true.norm()):.2g}")

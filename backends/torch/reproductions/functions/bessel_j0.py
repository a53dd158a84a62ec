"""The second derivative of bessel_j0 is 0, without a word, in every mode: pytorch#189872."""

import torch

x = torch.tensor(1.0, dtype=torch.float64)
got = torch.func.hessian(torch.special.bessel_j0)(x)
true = torch.special.bessel_j1(x) / x - torch.special.bessel_j0(x)
print("torch", torch.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float((got - true).norm() / true.norm()):.2g}")

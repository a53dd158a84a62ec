"""The Hessian of the power spectrum sum |FFT(x)|^2 where bins are zero, in every mode: no report found."""

import torch

got = torch.func.hessian(lambda x: (torch.fft.fft(x).abs() ** 2).sum())(torch.ones(4, dtype=torch.float64))
true = 8 * torch.eye(4, dtype=torch.float64)  # Parseval: the sum is 4 |x|^2
print("torch", torch.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float((got - true).norm() / true.norm()):.2g}")

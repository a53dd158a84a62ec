"""The second derivative of a Gaussian process likelihood, forward over forward, is wrong: pytorch#192540."""

import torch

points = torch.linspace(-1, 1, 8, dtype=torch.float64)
eye, y = torch.eye(8, dtype=torch.float64), torch.sin(points)


def f(t):
    k = torch.exp(-0.5 * torch.exp(-2 * t) * (points[:, None] - points).square()) + 0.1 * eye
    return 0.5 * y @ torch.linalg.solve(k, y) + 0.5 * torch.linalg.slogdet(k)[1]


t, h = torch.tensor(0.3, dtype=torch.float64), 1e-4
got = torch.func.jacfwd(torch.func.jacfwd(f))(t)
true = (f(t + h) - 2 * f(t) + f(t - h)) / h**2  # right to seven digits
print("torch", torch.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float((got - true).norm() / true.norm()):.2g}")

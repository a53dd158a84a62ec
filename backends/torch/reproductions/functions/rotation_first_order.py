"""The Hessian of a Rodrigues rotation whose branch of no rotation is v + w x v, is 0 there: no report found."""

import torch

v = c = torch.tensor([1.0, 0.0, 0.0], dtype=torch.float64)


def f(w):
    zero = w @ w == 0
    angle = torch.sqrt(torch.where(zero, 1.0, w @ w))
    first = v + torch.linalg.cross(w, v)
    turned = v * torch.cos(angle) + torch.linalg.cross(w, v) * torch.sin(angle) / angle
    return c @ torch.where(zero, first, turned + w * (w @ v) * (1 - torch.cos(angle)) / angle**2)


got = torch.func.hessian(f)(torch.zeros(3, dtype=torch.float64))
true = torch.outer(c, v) - c @ v * torch.eye(3, dtype=torch.float64)  # of c'(w x (w x v)) / 2
print("torch", torch.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float((got - true).norm() / true.norm()):.2g}")

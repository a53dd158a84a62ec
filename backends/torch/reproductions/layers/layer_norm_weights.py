"""The stock Hessian of layer_norm with its weight among the variables, not symmetric: functorch#534."""

import torch


def composed(x):
    rows = x[:4]
    return ((x[4:] * (rows - rows.mean()) / (rows.var(correction=0) + 1e-5).sqrt()) ** 3).sum()


x = torch.tensor([0.5, -1.0, 2.0, 0.3, 1.0, 2.0, -1.0, 0.5], dtype=torch.float64)
got = torch.func.hessian(lambda x: (torch.nn.functional.layer_norm(x[:4], (4,), x[4:]) ** 3).sum())(x)
true = torch.autograd.functional.hessian(composed, x)
print("torch", torch.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float((got - true).norm() / true.norm()):.2g}")

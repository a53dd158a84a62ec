"""The Hessian of instance_norm, forward over forward; it calls batch_norm: pytorch#196699."""

import torch


def composed(x):
    return (w * (x - x.mean()) / (x.var(correction=0) + 1e-5).sqrt()).sum()


w, x = torch.arange(1.0, 5.0).double(), torch.tensor([0.5, -1.0, 2.0, 0.3], dtype=torch.float64)
got = torch.func.jacfwd(torch.func.jacfwd(lambda x: (w * torch.nn.functional.instance_norm(x[None, None])).sum()))(x)
true = torch.func.hessian(composed)(x)
print("torch", torch.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float((got - true).norm() / true.norm()):.2g}")

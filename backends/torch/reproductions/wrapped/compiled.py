"""autograd.functional.hessian of a function that torch.compile has compiled, zero everywhere: pytorch#181581."""

import torch


def f(x):
    return (x.sin() ** 3).sum()


x = torch.tensor([0.3, -0.8, 1.1], dtype=torch.float64)
got = torch.autograd.functional.hessian(torch.compile(f, backend="aot_eager"), x)
true = torch.autograd.functional.hessian(f, x)
print("torch", torch.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float((got - true).norm() / true.norm()):.2g}")

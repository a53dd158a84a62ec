"""The Hessian of a squared product by scatter_reduce, by torch.func.hessian: pytorch#196702."""

import torch

x, indices = torch.tensor([0.5, -1.5, 2.0], dtype=torch.float64), torch.tensor([0, 0, 0])
got = torch.func.hessian(lambda x: x.new_ones(1).scatter_reduce(0, indices, x, "prod").sum() ** 2)(x)
true = torch.func.hessian(lambda x: (x[0] * x[1] * x[2]) ** 2)(x)
print("torch", torch.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float((got - true).norm() / true.norm()):.2g}")

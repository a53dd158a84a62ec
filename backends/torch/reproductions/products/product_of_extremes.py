"""The Hessian of max(x) min(x), which is x_1 x_2, is wrong at a tie: pytorch#43519."""

import torch

x = torch.ones(2, dtype=torch.float64)
got = torch.func.hessian(lambda x: x.amax() * x.amin())(x)
true = torch.tensor([[0.0, 1.0], [1.0, 0.0]], dtype=torch.float64)
print("torch", torch.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float((got - true).norm() / true.norm()):.2g}")

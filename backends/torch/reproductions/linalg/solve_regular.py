"""The Hessian of y' X^-1 b by solve, forward over forward, is wrong and not symmetric: pytorch#192540."""

import torch

x = torch.tensor([[2.0, -0.5], [0.4, 1.5]], dtype=torch.float64)
b, y = torch.tensor([[1.0, -2.0], [0.7, 0.3]], dtype=torch.float64)
got = torch.func.jacfwd(torch.func.jacfwd(lambda x: y @ torch.linalg.solve(x, b)))(x)
inverse = torch.linalg.inv(x)
half = torch.einsum("k,li,j->ijkl", inverse.T @ y, inverse, inverse @ b)
true = half + half.permute(2, 3, 0, 1)
print("torch", torch.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float((got - true).norm() / true.norm()):.2g}")

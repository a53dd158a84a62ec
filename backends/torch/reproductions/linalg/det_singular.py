"""The gradient of det at a singular matrix, by autograd without create_graph, is 0: pytorch#104675."""

import torch

x = torch.diag(torch.tensor([2.0, 3.0, 0.0], dtype=torch.float64)).requires_grad_()
(got,) = torch.autograd.grad(torch.linalg.det(x), x)
true = torch.diag(torch.tensor([0.0, 0.0, 6.0], dtype=torch.float64))  # the cofactors
print("torch", torch.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float((got - true).norm() / true.norm()):.2g}")

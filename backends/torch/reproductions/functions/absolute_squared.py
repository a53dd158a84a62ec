"""The second derivative of |x|^2 by abs is 0 at 0, because the slope of abs is called 0 there: no report found."""

import torch

x = torch.tensor(0.0, dtype=torch.float64)
got = torch.func.hessian(lambda x: x.abs().square())(x)
true = torch.tensor(2.0, dtype=torch.float64)
print("torch", torch.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float((got - true).norm() / true.norm()):.2g}")

"""The second derivative of sin(x) / x, and 1 where x = 0 is 0 at 0, forward over forward (else NaN): pytorch#187297."""

import torch

x = torch.tensor(0.0, dtype=torch.float64)
got = torch.func.jacfwd(torch.func.jacfwd(lambda x: torch.where(x == 0, 1.0, torch.sin(x) / x)))(x)
true = torch.tensor(-1 / 3, dtype=torch.float64)
print("torch", torch.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float((got - true).norm() / true.norm()):.2g}")

"""Forward over forward through a torch.autograd.Function with a jvp, zero everywhere: pytorch#197867."""

import torch


class Square(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(x):
        return x * x

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)
        ctx.save_for_forward(*inputs)

    @staticmethod
    def backward(ctx, slope):
        return 2 * ctx.saved_tensors[0] * slope

    @staticmethod
    def jvp(ctx, tangent):
        return 2 * ctx.saved_tensors[0] * tangent


x = torch.tensor([3.0, -1.0], dtype=torch.float64)
got = torch.func.jacfwd(torch.func.jacfwd(lambda x: Square.apply(x).sum()))(x)
true = 2 * torch.eye(2, dtype=torch.float64)
print("torch", torch.__version__)
print("got", got.tolist())
print("true", true.tolist())
print(f"relative error {float((got - true).norm() / true.norm()):.2g}")

"""Products by other packages: curvlinops and hessian-eigenthings, which take modules, losses and batches.

Both are for the average loss of a module over batches of data. f becomes one: a module with x as its parameter, one
batch of one sample. The operator is made once and x is written into its parameter at each call, as in training.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hessbench.backends.contract.arrays import Array
from hessbench.backends.contract.binding import Bound
from hessbench.backends.contract.lazy import Lazy
from hessbench.backends.contract.method import Method, declare
from hessbench.backends.contract.operators import OperatorName
from hessbench.backends.contract.refusal import KnownFault
from hessbench.backends.contract.words import Execution, Mode

torch = Lazy("torch")
curvlinops = Lazy("curvlinops")
eigenthings = Lazy("hessian_eigenthings")

Function = Callable[..., Any]


def _module(outputs: Function, x: Array, data: tuple[Array, ...]) -> Any:
    """A module with the parameter x whose output is that of f, whatever comes in."""
    base: Any = torch.nn.Module

    class Model(base):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.x = torch.nn.Parameter(x.detach().clone())

        def forward(self, batch: Any) -> Any:
            del batch
            return outputs(self.x, *data)

    return Model()


def _criterion(loss: Function, data: tuple[Array, ...]) -> Any:
    """A module for the loss of the outputs, whatever the target."""
    base: Any = torch.nn.Module

    class Criterion(base):  # type: ignore[misc]
        reduction = "sum"  # asked for, so as not to divide by the number of samples

        def forward(self, z: Array, target: Array) -> Array:
            del target
            found: Array = loss(z, *data)
            return found

    return Criterion()


def _kept(make: Function) -> Function:
    """An operator for x that is made at the first call, and again where the data are others."""
    known: dict[str, Any] = {}

    def product(x: Array, v: Array, *data: Array) -> Array:
        if known.get("data") is None or any(a is not b for a, b in zip(known["data"], data, strict=True)):
            known["data"] = data
            known["model"], known["operator"] = make(x, data)
        with torch.no_grad():
            known["model"].x.copy_(x)
        found: Array = known["operator"](v)
        return found.detach()

    return product


def _halves(f: Function) -> tuple[Function, Function]:
    """Outputs and loss; of an f without, f itself and nothing after it."""
    return (f.outputs, f.loss) if isinstance(f, Bound) else (f, lambda z, *data: z)


def _curvlinops(name: str) -> Callable[[Function], Function]:
    def build(f: Function) -> Function:
        outputs, loss = _halves(f)

        def make(x: Array, data: tuple[Array, ...]) -> tuple[Any, Function]:
            model, one = _module(outputs, x, data), x.new_zeros(1)
            operator = getattr(curvlinops, name)(
                model,
                _criterion(loss, data),
                list(model.parameters()),
                [(one, one)],
                check_deterministic=False,
                num_data=1,
            )
            return model, lambda v: operator @ v

        return _kept(make)

    return build


def _eigenthings_hessian(f: Function) -> Function:
    def make(x: Array, data: tuple[Array, ...]) -> tuple[Any, Function]:
        model = _module(f, x, data)
        return model, eigenthings.HessianOperator(model, [x.new_zeros(1)], lambda m, b: m(b)).matvec

    return _kept(make)


def _eigenthings_ggn(f: Bound) -> Function:
    def make(x: Array, data: tuple[Array, ...]) -> tuple[Any, Function]:
        model = _module(f.outputs, x, data)
        operator = eigenthings.GGNOperator(model, [x.new_zeros(1)], lambda m, b: m(b), lambda z, b: f.loss(z, *data))
        return model, operator.matvec

    return _kept(make)


STRAIGHT = {
    "curvlinops": KnownFault(
        "curvlinops 3.0.1 raises where the loss has no curvature: vmap over a zero that no vector enters",
        outcomes=("error",),
        says="expanded size of the tensor",
    ),
    "hessian_eigenthings": KnownFault(
        "hessian-eigenthings 1.0.0a5 raises where the gradient does not depend on x",
        outcomes=("error",),
        says="does not require grad",
    ),
}

_EAGER: tuple[Execution, ...] = ("eager",)


def _one(
    name: str, build: Function, operator: OperatorName, module: str, stock: str, mode: Mode, summary: str
) -> tuple[Method, ...]:
    return declare(
        name,
        _EAGER,
        build,
        operator=operator,
        mode=mode,
        stock=stock,
        requires=(module,),
        since="2.0",
        faults=(STRAIGHT[module],),
        summary=summary,
    )


METHODS: tuple[Method, ...] = (
    *_one(
        "hvp-curvlinops",
        _curvlinops("HessianLinearOperator"),
        "hvp",
        "curvlinops",
        "curvlinops.HessianLinearOperator",
        "forward-over-reverse",
        "curvlinops' Hessian of a module with the parameter x, times v.",
    ),
    *_one(
        "ggn-vp-curvlinops",
        _curvlinops("GGNLinearOperator"),
        "ggn-vp",
        "curvlinops",
        "curvlinops.GGNLinearOperator",
        "reverse-over-forward",
        "curvlinops' Gauss-Newton matrix of a module with the parameter x, times v.",
    ),
    *_one(
        "hvp-eigenthings",
        _eigenthings_hessian,
        "hvp",
        "hessian_eigenthings",
        "hessian_eigenthings.HessianOperator",
        "reverse-over-reverse",
        "hessian-eigenthings' Hessian of a module with the parameter x, times v.",
    ),
    *_one(
        "ggn-vp-eigenthings",
        _eigenthings_ggn,
        "ggn-vp",
        "hessian_eigenthings",
        "hessian_eigenthings.GGNOperator",
        "reverse-over-forward",
        "hessian-eigenthings' Gauss-Newton matrix of a module with the parameter x, times v.",
    ),
)

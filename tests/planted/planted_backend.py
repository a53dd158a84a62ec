"""A backend of the framework `planted`, of which `wheels.py` makes versions that are right, wrong or raise."""

import numpy as np

from hessbench.backends.contract.interface import Lazy
from hessbench.backends.contract.method import declare
from hessbench.backends.numpy import METHODS as NUMPY_METHODS
from hessbench.backends.numpy import NumpyBackend

planted = Lazy("planted")
EAGER, MODE = ("eager",), "forward-over-forward"


def _hessian(f):
    exact = next(m for m in NUMPY_METHODS if m.name == "hyper-dual-eager").build(f)

    def hessian(x, *data):
        if planted.FAULT == "raise":
            raise ValueError("planted")
        result = exact(x, *data)
        return np.full_like(result, np.nan) if planted.FAULT == "nan" else result

    return hessian


class PlantedBackend(NumpyBackend):
    name = "planted"
    requires = ("planted",)
    extra = "planted"
    methods = (
        *declare("hessian", EAGER, _hessian, default=EAGER, operator="hessian", mode=MODE, summary="As it is."),
        *(m for m in NUMPY_METHODS if m.operator in ("objective", "gradient") and m.execution == "eager"),
    )

    def __init__(self, dtype="float64", device="cpu"):
        super().__init__(dtype, device)
        planted.VERSION  # noqa: B018

    def versions(self):
        return {"planted": planted.VERSION}

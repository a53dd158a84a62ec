"""How a derivative is asked for: the arguments that `hb.hessian` and its like share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hessbench.harness.usage import no_name


@dataclass(frozen=True, slots=True)
class How:
    """How a derivative is asked for: the arguments that `hb.hessian` and its like share.

    Attributes:
        backend: Name of a backend; None takes the framework of f, else JAX.
        method: Name of a method, or None.
        dtype: Floating-point type.
        device: Device.
        framework: Whose own functions f calls; None where f is portable.
        differences: Whether differences of f may answer where no exact method of NumPy can.

    Raises:
        UsageError: Backend, method or device is no name.
    """

    backend: str | None
    method: str | None
    dtype: str
    device: str
    framework: str | None
    differences: bool = True

    def __post_init__(self) -> None:
        for kind, such_as, optional in (
            ("backend", "jax", True),
            ("method", "hessian-jit", True),
            ("device", "cpu", False),
        ):
            given = getattr(self, kind)
            if not (isinstance(given, str) or (optional and given is None)):
                raise no_name(kind, given, such_as)
        object.__setattr__(self, "dtype", dtype_name(self.dtype))


def dtype_name(dtype: Any) -> str:
    """The name of a dtype, which may be an object: np.float32, np.dtype("float32"), torch.float32."""
    return dtype if isinstance(dtype, str) else str(getattr(dtype, "__name__", dtype)).rpartition(".")[2]

"""The backends of a person's own process: each is opened once, because a framework's switches are the process's."""

from __future__ import annotations

from functools import cache

from hessbench import backends
from hessbench.backends.contract.interface import HIGHEST, Backend, BackendUnavailable


def opened(name: str, dtype: str, device: str = "cpu", precision: str = HIGHEST) -> Backend:
    """The backend, opened by an earlier call or by this one; as `backends.open`.

    Args:
        name: Name of a backend.
        dtype: Floating-point type.
        device: Device.
        precision: Precision of products.

    Returns:
        The backend.

    Raises:
        BackendUnavailable: The framework is not installed, or the device is not there.
        BackendBroken: The framework cannot be imported.
    """
    if reason := backends.missing(name):
        raise BackendUnavailable(reason)
    return _opened(name, dtype, device, precision)


_opened = cache(backends.open)

"""Devices by name: "cpu", "gpu", "gpu:1"; which one is meant, and whether a framework sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from hessbench.backends.contract.errors import BackendUnavailable

IN_ORDER: Mapping[str, str] = MappingProxyType({"CUDA_DEVICE_ORDER": "PCI_BUS_ID"})
"""GPUs numbered as the driver and NVML number them, not the fastest first."""


@dataclass(frozen=True, slots=True)
class Device:
    """One device of a kind.

    Attributes:
        kind: "cpu" or "gpu".
        index: Number among the devices of its kind, from 0.
    """

    kind: str
    index: int

    @classmethod
    def parse(cls, name: str) -> Device:
        """The device of a name; without a number, the first of its kind."""
        kind, _, number = name.partition(":")
        return cls(kind, int(number or 0))

    def __str__(self) -> str:
        return "cpu" if self == Device("cpu", 0) else f"{self.kind}:{self.index}"


def find_index(name: str, framework: str, seen: Sequence[str], why_none: Callable[[str], str]) -> int:
    """The index of a device among those that a framework sees.

    Args:
        name: The device that is asked for.
        framework: The backend's name, for the message.
        seen: The devices that the framework sees.
        why_none: Why there is no device of a kind, or the empty string.

    Returns:
        The number among the devices of its kind.

    Raises:
        BackendUnavailable: The framework does not see that device.
    """
    device = Device.parse(name)
    if str(device) in seen:
        return device.index
    of_its_kind = any(other.startswith(device.kind) for other in seen)
    reason = "" if of_its_kind else why_none(device.kind)
    because = f"; {reason}" if reason else ""
    raise BackendUnavailable(f"device {name!r} is not there: {framework} sees {', '.join(seen)}{because}")

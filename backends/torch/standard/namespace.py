"""The vocabulary over PyTorch: array-api-compat's names, except for those in `creation` and `elementwise`.

Imported by `TorchBackend.namespace` alone, because it needs PyTorch at import.
"""

from __future__ import annotations

import sys

import array_api_compat.torch as compat

from hessbench.backends.torch.standard import creation, elementwise

vars(sys.modules[__name__]).update({name: getattr(compat, name) for name in dir(compat) if not name.startswith("__")})
vars(sys.modules[__name__]).update({name: elementwise.of_number(getattr(compat, name)) for name in elementwise.OF_ONE})
asarray, linspace, full, full_like = creation.asarray, creation.linspace, creation.full, creation.full_like
stack = creation.stack
imag, sign = elementwise.imag, elementwise.sign

"""Values of a framework's own function, for judges that have no portable text: differences of what it evaluates to.

An evaluation takes no part in automatic differentiation, so that differences of it are a witness of their own. It is
made in float64, also where float32 is judged, as long as f follows: what is closed over in float32 does not.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import cache, cached_property
from typing import Any

import numpy as np

from hessbench import backends
from hessbench.backends.contract.interface import Backend, FloatArray, Objective
from hessbench.backends.numeric.batched import Batch
from hessbench.backends.numeric.evaluation import at_points
from hessbench.backends.numeric.noise import of_a_cast
from hessbench.harness.machine.time_limit import in_time

FAST = ("jit", "graph", "symbolic", "eager")
"""Executions, the fastest first; what cannot be traced is evaluated eagerly."""

WORKING = "float64"

NO_VALUE = "LinAlgError|[Cc]holesky|[Ss]ingular|not invertible"
"""How frameworks say that a matrix has not what was asked for."""

WORTH_S, LOOKS = 2e-3, 3
"""What takes longer to evaluate at one point is not asked for several at once: there is little to save, and a judge
looks at the clock between two calls. The shortest of a few looks tells; a neighbor makes any one longer."""


class NumpyText:
    """A function of NumPy's or SciPy's own as an objective; into its inside nobody can look.

    Args:
        function: f(x, *data).
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    def __call__(self, xp: Any, x: Any, *data: Any) -> Any:
        """The value f(x, *data); `xp` is not used."""
        return self._function(x, *data)


class Values:
    """A native text as an objective for finite differences: NumPy in, a number out.

    Args:
        backend: The framework that computes it, in its scope.
        text: The native text.
        x: A point at which it is tried, an array.
        data: Further arguments of f.
        scalar: Whether it gives one number, which is checked; else an array, as outputs of a model do.
    """

    def __init__(
        self, backend: Backend, text: Objective, x: FloatArray, data: Sequence[FloatArray], scalar: bool = True
    ) -> None:
        self._own, self._text, self._tried, self._scalar = backend, text, (x, *data), scalar
        self.__doc__ = text.__doc__
        self.name = backend.name

    def __call__(self, xp: Any, x: Any, *data: Any) -> Any:
        """The value f(x, *data).

        Args:
            xp: Not used.
            x: One point, or several in a `Batch`, which is answered by another one.
            *data: Further arguments of f.

        Returns:
            The value as an array of shape (), or of the outputs', in the precision that f was evaluated in.

        Raises:
            TypeError: Several points were given at once, and have to be asked for one by one.
        """
        if isinstance(x, Batch) and self._over_rows:
            return Batch(self._evaluated(self._evaluation[0], self._over_rows, x.values, *data))
        if not isinstance(x, np.ndarray):
            raise TypeError("a native text takes one point at a time")
        return self._evaluated(*self._evaluation, x, *data)

    def _evaluated(self, backend: Backend, call: Callable[..., Any], *given: FloatArray) -> FloatArray:
        with in_time(), self._scope(backend):
            try:
                return np.asarray(backend.to_numpy(call(*given)), dtype=backend.dtype)
            except Exception as error:  # each framework has its own
                if re.search(NO_VALUE, f"{type(error).__name__}: {error}"):
                    raise np.linalg.LinAlgError(str(error)) from error
                raise

    @property
    def precisions(self) -> tuple[str, ...]:
        """The precisions that a judge may compute in; see `backends.numeric.reference.reference`."""
        return (self._evaluation[0].dtype,)

    @cached_property
    def casts(self) -> bool:
        """Whether f computes in less than its precision, as seen near the point at which it is tried."""
        x, *data = self._tried
        try:
            with np.errstate(all="ignore"):
                return self._scalar and of_a_cast(at_points(self, data), x.astype(self.precisions[0]))[0] > 0
        except Exception:  # f may raise anything beside x
            return False

    @cached_property
    def _evaluation(self) -> tuple[Backend, Callable[..., Any]]:
        """Who evaluates f, and how: in float64 where f follows, compiled where it can be traced.

        Where neither is possible, what f raises eagerly in the cell's own precision passes through.
        """
        ways = [(backend, how) for backend in self._precise() for how in FAST if how in _executions(backend)]
        for backend, how in ways[:-1]:
            try:
                return backend, self._built(backend, how)
            except Exception:  # a framework, and a person's f in it, can raise anything
                continue
        backend, how = ways[-1]
        return backend, self._built(backend, how)

    @cached_property
    def _over_rows(self) -> Callable[..., Any] | None:
        """The evaluation of several points in one program; None where the framework has none that is worth it."""
        backend, _ = self._evaluation
        x, *data = self._tried
        if min(self._seconds() for _ in range(LOOKS)) > WORTH_S:
            return None
        try:
            with self._scope(backend):
                constants = [backend.asarray(array) for array in data]
                rows = backend.over_rows(self._bound(backend), backend.asarray(x[None]), constants)
        except Exception:  # a framework, and a person's f in it, can raise anything
            return None
        return rows and (lambda *given: rows(*map(backend.asarray, given)))

    def _seconds(self) -> float:
        """How long an evaluation at one point takes."""
        start = time.perf_counter()
        self._evaluated(*self._evaluation, *self._tried)
        return time.perf_counter() - start

    def _precise(self) -> list[Backend]:
        """The backends that may evaluate f, the most precise first."""
        if self._own.dtype == WORKING:
            return [self._own]
        try:
            return [_in_float64(type(self._own), self._own.device), self._own]
        except Exception:  # a device may have no float64
            return [self._own]

    def _built(self, backend: Backend, execution: str) -> Callable[..., Any]:
        """The evaluation, built and tried once."""
        method = next(m for m in backend.methods if m.operator == "objective" and m.execution == execution)
        with self._scope(backend):
            arguments = tuple(map(backend.asarray, self._tried))
            call, _ = backend.build(method, self._bound(backend), arguments)
            backend.synchronize(call(*arguments))
        return lambda *given: call(*(backend.as_argument(method, array) for array in given))

    def _bound(self, backend: Backend) -> Callable[..., Any]:
        """A plain function of x and the data: compilers take no objects for one."""
        f, xp = backend.bind(self._text), backend.namespace()
        return (lambda x, *data: f(x, *data)) if self._scalar else lambda x, *data: self._text(xp, x, *data)

    def _scope(self, backend: Backend) -> Any:
        """The scope of a backend that is not the caller's own, which is entered already."""
        return nullcontext() if backend is self._own else backend.scope()


def _executions(backend: Backend) -> set[str]:
    return {method.execution for method in backend.methods if method.operator == "objective"}


@cache
def _in_float64(kind: type[Backend], device: str) -> Backend:
    """The backend of that kind in float64, beside the one that is judged."""
    return backends.open(kind.name, WORKING, device)

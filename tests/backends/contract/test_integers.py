"""Integers of the namespace on the frameworks that compute them themselves: how wide they are, and where they point."""

import numpy as np
import pytest

import hessbench as hb
from hessbench import backends

POINT = np.array([0.31, 0.72, 0.55, 0.83, 0.24, 0.47])

INTEGERS = {
    "sum": lambda xp, x: xp.sum(xp.asarray([100] * 6, dtype=xp.int8)),
    "sum of uint8": lambda xp, x: xp.sum(xp.asarray([200] * 6, dtype=xp.uint8)),
    "sum of booleans": lambda xp, x: xp.sum(x > 0),
    "sum of squares": lambda xp, x: xp.sum(xp.arange(3000) ** 2),
    "prod": lambda xp, x: xp.prod(xp.arange(1, 21)),
    "cumulative_sum": lambda xp, x: xp.cumulative_sum(xp.asarray([100] * 6, dtype=xp.int8))[-1],
    "cumulative_prod": lambda xp, x: xp.cumulative_prod(xp.arange(1, 16))[-1],
    "cumulative_prod of int8": lambda xp, x: xp.cumulative_prod(xp.asarray([100] * 6, dtype=xp.int8))[-1],
    "trace": lambda xp, x: xp.linalg.trace(xp.asarray([[100, 0], [0, 100]], dtype=xp.int8)),
    "asarray": lambda xp, x: xp.asarray(100000) ** 2,
    "asarray of arrays": lambda xp, x: xp.asarray([xp.asarray(100000), 2])[0] ** 2,
    "full": lambda xp, x: xp.full((2,), 100000)[0] ** 2,
    "stack": lambda xp, x: xp.stack([xp.asarray(100000), xp.asarray(2)])[0] ** 2,
    "argmax": lambda xp, x: xp.argmax(x) * 3_000_000_000,
    "count_nonzero": lambda xp, x: xp.count_nonzero(x) * 3_000_000_000,
    "searchsorted": lambda xp, x: xp.searchsorted(xp.asarray([0.0, 1.0]), x)[1] * 3_000_000_000,
    "vecdot": lambda xp, x: xp.vecdot(xp.asarray([100000, 2]), xp.asarray([100000, 2])),
    "times floats": lambda xp, x: xp.sum(xp.asarray([100000, 200000]) ** 2 * x[:2] ** 3),
    "beside floats": lambda xp, x: xp.sum(xp.arange(6) * x + x ** xp.asarray(2) - xp.asarray([2] * 6, dtype=xp.int8)),
}
"""Results that are integers, or made of some, and do not fit into 32 bits or into the type of the entries."""

FROM_BEHIND = {
    "take": lambda xp, x: xp.take(x, xp.asarray([-1, 0])),
    "take along an axis": lambda xp, x: xp.take(xp.reshape(x, (2, 3)), xp.asarray([-1, 0]), axis=-1),
    "take_along_axis": lambda xp, x: xp.take_along_axis(x, xp.asarray([-1, 0])),
    "by integers": lambda xp, x: x[xp.asarray([-1, 0])],
    "by integers of two axes": lambda xp, x: xp.reshape(x, (2, 3))[xp.asarray([-1, 0]), xp.asarray([-2, 1])],
    "by one": lambda xp, x: x[xp.asarray(-1)],
}


JAX_KEEPS_NARROW = ("cumulative_prod of int8", "searchsorted")
"""What `jax.numpy` itself, which is what f gets there, leaves in the type of the entries, or in 32 bits (0.10.2)."""


@pytest.mark.parametrize(
    ("backend", "name"),
    [
        (backend, name)
        for backend in ("jax", "tensorflow", "torch")
        for name in (*INTEGERS, *FROM_BEHIND)
        if backend != "jax" or name not in JAX_KEEPS_NARROW
    ],
)
def test_integers_and_indices_are_numpys(engine, backend, name):
    framework, call = engine(backend), (INTEGERS | FROM_BEHIND)[name]
    with framework.scope():
        found = framework.to_numpy(call(framework.namespace(), framework.asarray(POINT)))
    np.testing.assert_allclose(found, call(np, POINT), rtol=1e-14)


WHOLE = {
    "indices": lambda xp, x, k: xp.sum(x[k] ** 3),
    "taken": lambda xp, x, k: xp.sum(xp.take(x, k, axis=0) ** 3),
    "divided": lambda xp, x, k: xp.sum(k / 3 * x**3),
}


@pytest.mark.parametrize("kind", ["u1", "i1", "i4", "u8", ">i8"])
@pytest.mark.parametrize(
    ("name", "call"), [(n, c) for n in backends.registry() for c in WHOLE if (n, c) != ("casadi", "indices")]
)
def test_whole_numbers_as_data_mean_the_same_in_every_width(engine, name, call, kind):
    """A framework's own: uint8 is a mask in PyTorch, and narrow integers are divided in float32 in JAX."""
    engine(name)  # or it is skipped
    k = np.array([2, 0, 1])
    scale = k / 3 if call == "divided" else np.bincount(k)
    found = hb.hessian(WHOLE[call], POINT[:3], k.astype(kind), backend=name)
    np.testing.assert_allclose(found, np.diag(6 * scale * POINT[:3]), rtol=1e-12, atol=1e-12)

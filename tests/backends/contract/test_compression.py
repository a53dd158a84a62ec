"""Sparse methods of a third party: with hessbench's analysis, with a tool's own, and with a person's pattern."""

import numpy as np
import pytest

from hessbench.backends.contract.compression import Compression
from hessbench.backends.contract.errors import Unsupported
from hessbench.backends.contract.host import HostBackend
from hessbench.backends.contract.method import declare


def chain(xp, x, w):
    return xp.sum(w * x**2) + xp.sum(x[:-1] * x[1:])


def product(x, v, w):
    """The Hessian of `chain` times v."""
    result = 2 * w * v
    result[:-1] += v[1:]
    result[1:] += v[:-1]
    return result


def compressed(f):
    """A method as a person writes it: one product per seed, then a gather."""

    def values(x, seeds, indices, w):
        return np.stack([product(x, v, w) for v in seeds]).reshape(-1)[indices]

    return values


def own_analysis(f, x, data, given):
    """A tool that knows tridiagonal matrices only, and takes one product for each variable."""
    if given is not None:
        raise Unsupported("takes no pattern")
    i = np.arange(x.size)
    rows, cols = np.r_[i, i[1:], i[:-1]], np.r_[i, i[:-1], i[1:]]
    return Compression(n=x.size, rows=rows, cols=cols, colors=x.size, plan=(rows, cols), phases={"detect_s": 0.0})


def planned(f, *, plan):
    return lambda x, w: np.stack([product(x, v, w) for v in np.eye(x.size)])[plan]


class Foreign(HostBackend):
    name = "foreign"
    requires = ("numpy",)
    extra = "all"
    methods = (
        *declare("sparse-mine", ("eager",), compressed, operator="sparse-hessian", summary="Mine."),
        *declare(
            "sparse-tool", ("eager",), planned, operator="sparse-hessian", summary="A tool's.", analyze=own_analysis
        ),
    )

    def versions(self):
        return {"numpy": np.__version__}

    def namespace(self):
        return np

    def build(self, method, f, arguments):
        return method.make(f), {}


X, W = np.linspace(1, 2, 9), np.arange(1.0, 10.0)
TRUTH = np.stack([product(X, v, W) for v in np.eye(9)])


@pytest.mark.parametrize("method", Foreign.methods, ids=lambda method: method.name)
def test_a_third_partys_method_returns_values_and_where_they_belong(method):
    prepared = Foreign().prepare(method, chain, (W,), X + 1)
    at = prepared.compression
    np.testing.assert_array_equal(at.matrix(prepared.call(X)), TRUTH)
    assert at.nnz == 25
    assert at.colors == (3 if method.analyze is None else 9)
    assert prepared.phases.keys() >= {"detect_s"}


def test_a_pattern_that_is_given_is_not_looked_for():
    """Here with an entry too many, which costs a color."""
    mine, tool = Foreign.methods
    rows, cols = np.nonzero(TRUTH)
    prepared = Foreign().prepare(mine, chain, (W,), X, pattern=(np.append(rows, 0), np.append(cols, 8)))
    np.testing.assert_array_equal(prepared.compression.matrix(prepared.call(X)), TRUTH)
    assert prepared.compression.nnz == 27
    assert "detect_s" not in prepared.phases
    with pytest.raises(Unsupported, match="takes no pattern"):
        Foreign().prepare(tool, chain, (W,), X, pattern=(rows, cols))


def test_a_dense_method_has_no_compression():
    (method,) = declare("hessian", ("eager",), lambda f: lambda x, w: TRUTH, operator="hessian", summary="Dense.")
    assert Foreign().prepare(method, chain, (W,), X).compression is None


def test_the_first_coloring_of_a_process_is_told_apart():
    from hessbench.backends.contract.compression import Phases

    first, later = Phases(), Phases()
    for phases in (first, later):
        assert phases.colored("a tool of this test", lambda: 7) == 7
    assert first.seconds.keys() == {"color_first_s", "color_s"}
    assert later.seconds.keys() == {"color_s"}

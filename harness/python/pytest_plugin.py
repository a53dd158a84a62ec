"""The pytest plugin: `hessian_check`, and `@pytest.mark.hessbench` over suites.

It is loaded in every pytest run where hessbench is installed, so it imports nothing but pytest until a test asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from hessbench.harness.python.pytest_case import MarkedCase
    from hessbench.suites.definition.problem import Instance

CASE, PROBLEM = "hessbench_case", "hessbench_problem"


def pytest_configure(config: pytest.Config) -> None:
    """The mark, for --strict-markers."""
    config.addinivalue_line(
        "markers",
        "hessbench(*suites, backends, methods, operators, sizes, dtypes): run the test for every problem of the suites "
        "(fixture hessbench_problem), or for every problem and method (fixture hessbench_case)",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parameters of a marked test; test functions without the mark cost nothing."""
    mark = metafunc.definition.get_closest_marker("hessbench")
    wanted = [name for name in (CASE, PROBLEM) if name in metafunc.fixturenames]
    if mark is None or not wanted:
        return
    from hessbench.harness.python.pytest_case import parameters

    name = wanted[0]
    metafunc.parametrize(name, parameters(mark, cases=name == CASE), indirect=True)


def _parameter(request: pytest.FixtureRequest) -> Any:
    if not hasattr(request, "param"):
        pytest.fail(f'{request.fixturename} needs a mark, such as @pytest.mark.hessbench("classic")', pytrace=False)
    return request.param


@pytest.fixture
def hessbench_case(request: pytest.FixtureRequest) -> Iterator[MarkedCase]:
    """One method on one problem, prepared: `hessbench_case.verify()`, and `benchmark(hessbench_case)` to time it.

    The test is skipped, with the reason, where the framework is absent or the method is known not to do this.

    Yields:
        The case.
    """
    from hessbench.harness.python.pytest_case import MarkedCase, Refused, begin, seen_of

    cell = _parameter(request)
    try:
        case = MarkedCase(cell)
    except Refused as reason:
        pytest.skip(str(reason))
    if "benchmark" not in request.fixturenames:
        with case.ready():
            yield case
        return
    benchmark = request.getfixturevalue("benchmark")
    benchmark.group = case.group
    with case.ready():
        stretch = begin()
        yield case
        benchmark.extra_info |= seen_of(stretch)


@pytest.fixture
def hessbench_problem(request: pytest.FixtureRequest) -> Instance:
    """One problem of the marked suites at one size: `.problem`, `.n`, `.data`, `.points[0]` is the start point."""
    from hessbench.harness.python.pytest_case import instance

    return instance(_parameter(request))


@pytest.fixture
def hessian_check() -> Callable[..., None]:
    """A function `hessian_check(f, x, *data, backends=None, ...)`, with the arguments of `hessbench.check`.

    Returns:
        The function. It fails where a method disagrees with the judge or raises, and says which entry, which backends
        and which judge. Frameworks that are not installed are left out; it skips where none of those is there.
    """
    from hessbench.harness.python.pytest_case import assert_agreement

    return assert_agreement

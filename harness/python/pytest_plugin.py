"""The pytest plugin: `hessian_check`, and `@pytest.mark.hessbench` over suites.

It is loaded in every pytest run where hessbench is installed, so it imports nothing but pytest until a test asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from hessbench.harness.python.check import Row
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
    return assert_agreement


def assert_agreement(
    f: Callable[..., Any],
    x: Any,
    *data: Any,
    backends: Iterable[str] | str | None = None,
    methods: Iterable[str] | str | None = None,
    operator: str = "hessian",
    dtype: str = "float64",
    framework: str | None = None,
    pattern: Any = None,
) -> None:
    """Fail unless every installed method of the choice agrees with the judge.

    Args:
        f: As in `hessbench.hessian`.
        x: The point.
        *data: Further arguments of f.
        backends: As in `hessbench.check`.
        methods: As in `hessbench.check`.
        operator: As in `hessbench.check`.
        dtype: As in `hessbench.check`.
        framework: As in `hessbench.check`.
        pattern: As in `hessbench.check`.
    """
    __tracebackhide__ = True
    from hessbench.harness.python.check import rows

    own = {"framework": framework, "pattern": pattern}
    found = rows(f, x, *data, backends=backends, methods=methods, operator=operator, dtype=dtype, **own)
    tried = [row for row in found if row.status != "unsupported"]
    if not tried:
        pytest.skip("; ".join(dict.fromkeys(row.reason for row in found)))
    bad = [row for row in tried if row.status in ("wrong", "error")]
    if bad or not any(row.status == "ok" for row in tried):
        from hessbench.harness.judging.explain import name_of

        pytest.fail(_failure(name_of(f), operator, tried, bad), pytrace=False)


def _failure(name: str, operator: str, tried: list[Row], bad: list[Row]) -> str:
    """Who disagrees, where, and who agrees."""
    right = sorted({row.backend for row in tried if row.status == "ok"} - {row.backend for row in bad})
    judge = next((row.judge for row in tried if row.judge), "none")
    lines = [f"{operator} of {name}: {len(bad)} of {len(tried)} methods fail; judge: {judge}"]
    lines += [f"  {row.backend} {row.method}: {row.status}: {row.reason}" for row in bad or tried]
    lines.append(f"  agree with the judge: {', '.join(right) or 'no backend in all its methods'}")
    return "\n".join(lines)

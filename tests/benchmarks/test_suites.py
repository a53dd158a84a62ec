"""Cells as pytest-benchmark measures them: `python -m pytest tests/benchmarks --benchmark-only`.

Its storage, comparison and histograms work as always (--benchmark-autosave, --benchmark-compare). Without the option
every case runs once and is checked. Calls are waited for; each framework's cases share a process under
`-n 2 --dist loadgroup`. One problem shows that all of it works: correctness is the business of `test_contract` and of
`hessbench verify`, and for figures to publish use `hessbench run`: there every framework has a process of its own.
"""

import pytest

FRAMEWORKS = ("numpy", "jax", "torch", "tensorflow")


@pytest.mark.slow
@pytest.mark.variant
@pytest.mark.filterwarnings("default")
@pytest.mark.hessbench("quick/rosenbrock", backends=FRAMEWORKS, operators="hessian")
def test_quick(hessbench_case, benchmark):
    hessbench_case.verify()
    benchmark(hessbench_case)

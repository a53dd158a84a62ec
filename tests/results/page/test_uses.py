"""What the page says of Newton's method and of spectra."""

import json

import pytest

from hessbench.results.page.sections import SECTIONS
from hessbench.results.page.subjects.uses import WIDTH, solutions, spectra
from hessbench.results.tables.cells import cells


@pytest.fixture
def run(make_run, record):
    newton = {"operator": "stationary-point", "iterations": 5}
    return make_run(
        [
            record("jax", "stationary-lu-hessian-jit", min_s=1e-4, cell="s", **newton),
            record("jax", "stationary-lu-map-jit", min_s=2e-4, cell="t", **newton),
            record("jax", "hessian-jit", min_s=1e-5, cell="h"),
            record("jax", "gradient-jit", "gradient", min_s=5e-6, cell="g"),
            record("jax", "spectrum-hessian-jit", "spectrum", n=3, value=json.dumps([-1.0, 1e-17, 4.0]), cell="e"),
        ]
    )


def test_time_to_solution_has_its_parts(run):
    first, second = solutions(cells(run.summary))
    assert (first["iterations"], first["derivatives_s"]) == (5, pytest.approx(5 * (1e-5 + 5e-6)))
    assert first["rest_s"] == pytest.approx(1e-4 - first["derivatives_s"])
    assert first["total_s"] == pytest.approx(first["prepare_s"] + 1e-4)
    assert second["derivatives_s"] != second["derivatives_s"]  # nobody timed the other Hessian alone


def test_a_spectrum_is_a_strip_with_its_signs(run):
    (found,) = spectra(cells(run.summary))
    assert (found["least"], found["largest"], found["signs"]) == (-1.0, 4.0, [1, 1, 1])
    assert found["ticks"][0] < WIDTH / 2 < found["ticks"][2] < WIDTH


def test_the_page_shows_both_and_other_runs_neither(run, make_run, record):
    show = next(section.show for section in SECTIONS if section.name == "uses")
    page = run.report().read_text()
    assert "Time to solution" in page
    assert "eigenvalues from -1 to 4" in page
    plain = make_run([record("jax", "hessian-jit", cell="h")])
    assert show(plain, cells(plain.summary)) is None

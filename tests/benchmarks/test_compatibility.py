"""docs/compatibility.md is what the committed findings say, and what is noted of a version is what was found of it."""

import importlib.util
from pathlib import Path

import pytest

from hessbench.harness.judging import known_faults
from hessbench.results.stored.outcome import UNDECIDED
from hessbench.results.versions import verified

ROOT = Path(__file__).parents[2]
FOUND = [one for versions in verified.read_folder(ROOT / "docs" / "versions").values() for one in versions]


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("compatibility", ROOT / "benchmarks" / "pages" / "compatibility.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_what_was_found(script):
    said = script.PAGE.read_text()
    assert said == script.page(said), "run benchmarks/pages/compatibility.py, as its head says"


def test_a_framework_without_findings_keeps_its_section(script):
    old = "# Title\n\n## jax 0.1\n\nold\n\n## torch 2.13.0+cpu\n\nkept\n\n## torch: 1 to 2\n\nold too\n"
    assert script.stays(old, {"jax": []}) == ["## torch 2.13.0+cpu\n\nkept"]


@pytest.mark.parametrize("found", FOUND, ids=verified.file_name)
def test_what_is_noted_of_a_version_is_what_was_found(found):
    noted = known_faults.read(known_faults.FOLDER, found.backend, found.version)
    told = {cell: one.outcome for cell, one in found.cells.items() if one.outcome not in UNDECIDED}
    assert {cell: noted.get(cell, "ok") for cell in told} == told


def test_a_page_in_the_repository_shows_the_same_versions():
    for path in (ROOT / "docs" / "gallery").glob("versions-*.html"):
        shown = path.read_text()
        assert all(f">{one.version}<" in shown for one in FOUND if path.stem.endswith(one.backend)), path

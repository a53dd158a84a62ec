"""The generated pages are those that the code generates."""

from pathlib import Path

import backends
import suites
from harness import methods_page, problems_page

DOCS = Path(__file__).parent.parent / "docs"


def test_the_catalogue_page_is_the_catalogue():
    said = (DOCS / "methods.md").read_text()
    assert said == methods_page.page(backends.BUILT_IN), "run: hessbench list methods --markdown > docs/methods.md"


def test_the_catalogue_page_has_every_method():
    said = (DOCS / "methods.md").read_text()
    for name in backends.BUILT_IN:
        for method in backends.load(name).methods:
            assert f"`{method.name.removesuffix('-' + method.execution)}`" in said


def test_the_page_of_problems_is_that_of_the_suites():
    said = (DOCS / "problems.md").read_text()
    assert said == problems_page.page(suites.BUILT_IN), "run: hessbench list problems --markdown > docs/problems.md"

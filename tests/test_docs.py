"""The generated pages are those that the code generates."""

from pathlib import Path

import backends
from harness.catalogue_page import page

DOCS = Path(__file__).parent.parent / "docs"


def test_the_catalogue_page_is_the_catalogue():
    said = (DOCS / "methods.md").read_text()
    assert said == page(backends.BUILT_IN), "run: hessbench list methods --markdown > docs/methods.md"


def test_the_catalogue_page_has_every_method():
    said = (DOCS / "methods.md").read_text()
    for name in backends.BUILT_IN:
        for method in backends.load(name).methods:
            assert f"`{method.name.removesuffix('-' + method.execution)}`" in said

"""The generated pages are those that the code generates."""

from pathlib import Path

from hessbench import backends, suites
from hessbench.harness.commands import methods_page, problems_page

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


def test_the_gallery_is_small_and_the_readme_shows_it_first():
    readme = (DOCS.parent / "README.md").read_text()
    picture = "docs/gallery/answer-hessian.svg"
    assert readme.index(picture) < readme.index("## Start")
    files = list((DOCS / "gallery").iterdir())
    assert {"report.html", "summary.md", "answer-hessian.svg", "time-hessian.svg"} <= {path.name for path in files}
    assert sum(path.stat().st_size for path in files) < 3e6

"""The pages: generated ones are those that the code generates, and what the others name exists."""

import re
from pathlib import Path

import pytest

import hessbench as hb
from hessbench import backends, suites
from hessbench.harness.commands.pages import columns_page, methods_page, problems_page, vocabulary_page

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
GENERATED = {"methods.md", "problems.md", "compatibility.md", "capabilities.md", "vocabulary.md", "columns.md"}
WRITTEN = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(p for p in DOCS.glob("*.md") if p.name not in GENERATED)]
TOPS = "backends|suites|results|harness|tests|docs|benchmarks|src"
PATHS = re.compile(rf"`((?:{TOPS})/[\w./-]*|(?:[A-Z]+\.md|\w+\.toml|constraints\.txt))(?:::(\w+))?`")
"""A path in backticks, from the root of the repository, and perhaps a function in it."""
LINKS = re.compile(r"\]\(([^)#:]+)\)")
MOST_LINES = 200
"""Of the page on the architecture: it is read as a whole."""


def missing_path(path, function):
    place = ROOT / path
    return not place.exists() or (function and f"def {function}(" not in place.read_text())


@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("methods", lambda: methods_page.page(backends.BUILT_IN)),
        ("problems", lambda: problems_page.page(suites.BUILT_IN)),
        ("vocabulary", lambda: vocabulary_page.page(backends.BUILT_IN)),
        ("columns", columns_page.page),
    ],
)
def test_a_generated_page_is_what_the_code_says(name, page):
    # Not in the assertion itself: pytest would show the difference of thousands of lines.
    current = (DOCS / f"{name}.md").read_text() == page()
    assert current, f"docs/{name}.md is not what the code says: make pages"


def test_the_catalogue_page_has_every_method():
    said = (DOCS / "methods.md").read_text()
    for name in backends.BUILT_IN:
        for method in backends.load(name).methods:
            assert f"`{method.name.removesuffix('-' + method.execution)}`" in said


def test_the_page_of_the_vocabulary_has_every_name():
    said = (DOCS / "vocabulary.md").read_text()
    assert not [name for name in hb.VOCABULARY if f"`{name}`" not in said]


def test_paths_that_are_named_exist():
    named = {(page.name, *match) for page in WRITTEN for match in PATHS.findall(page.read_text())}
    assert len(named) > 100
    missing = [f"{page}: {path} {function}" for page, path, function in sorted(named) if missing_path(path, function)]
    assert not missing, "\n".join(["named and not there:", *missing])


def test_links_between_pages_lead_somewhere():
    links = {(page, link) for page in WRITTEN for link in LINKS.findall(page.read_text())}
    assert [(page.name, link) for page, link in links if not (page.parent / link).exists()] == []


def test_every_page_can_be_reached():
    """From the README, from the first page, and from the navigation."""
    pages = {path.name for path in DOCS.glob("*.md")}
    assert pages - {"index.md"} <= {Path(link).name for link in LINKS.findall((ROOT / "README.md").read_text())}
    assert pages - {"index.md"} <= set(LINKS.findall((DOCS / "index.md").read_text()))
    assert pages == set(re.findall(r"[\w.]+\.md", (ROOT / "mkdocs.yml").read_text().partition("\nnav:")[2]))


def test_the_reference_has_every_public_name():
    named = re.findall(r"^::: hessbench\.(\w+)$", (DOCS / "python.md").read_text(), re.MULTILINE)
    assert sorted(named) == sorted(set(hb.__all__) - {"VOCABULARY"})  # the page's text says what that is
    assert all(getattr(hb, name).__doc__ for name in named)


def test_the_architecture_can_be_read_as_a_whole():
    assert len((DOCS / "architecture.md").read_text().splitlines()) <= MOST_LINES


def test_the_architecture_has_every_floor_and_every_folder():
    page = (DOCS / "architecture.md").read_text()
    folders = {path.parent.relative_to(ROOT) for room in ("harness", "results") for path in ROOT.glob(f"{room}/*/*.py")}
    assert len(folders) > 10
    assert [str(folder) for folder in sorted(folders) if f"`{folder}/`" not in page] == []


def test_contributing_explains_every_mark():
    declared = (ROOT / "pyproject.toml").read_text().partition("\nmarkers = [")[2].partition("]")[0]
    explained = (ROOT / "CONTRIBUTING.md").read_text().partition("| mark |")[2].partition("\n\n")[0]
    assert set(re.findall(r"^\| `(\w+)`", explained, re.MULTILINE)) == set(re.findall(r'"(\w+):', declared))


def test_the_gallery_is_small_and_the_readme_shows_it_first():
    readme = (ROOT / "README.md").read_text()
    picture = "docs/gallery/answer-hessian.svg"
    assert readme.index(picture) < readme.index("## Start")
    files = list((DOCS / "gallery").iterdir())
    assert {"report.html", "summary.md", "answer-hessian.svg", "time-hessian.svg"} <= {path.name for path in files}
    assert sum(path.stat().st_size for path in files) < 3e6

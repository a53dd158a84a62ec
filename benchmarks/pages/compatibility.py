"""The page docs/compatibility.md, from the findings of all versions that lie in docs/versions.

hessbench versions jax 0.8..0.12 --keep docs/versions --update-expected    # other versions, each in an environment
hessbench verify --keep docs/versions                                      # what is installed here
python benchmarks/pages/compatibility.py > page.md && mv page.md docs/compatibility.md
python benchmarks/pages/compatibility.py --pages docs/gallery              # and as HTML, a page for each framework

A framework without findings keeps what the page says of it already.
"""

import argparse
import re
import sys
from pathlib import Path

from hessbench import suites
from hessbench.results.page.pages import versions as versions_page
from hessbench.results.versions import text, verified

DOCS = Path(__file__).parents[2] / "docs"
PAGE, FINDINGS, FOUND = DOCS / "compatibility.md", DOCS / "versions", DOCS / "versions" / "found.txt"
HEAD = """# Which second derivatives are safe, and since which version

Made by `benchmarks/pages/compatibility.py` from the findings of `hessbench versions` and `hessbench verify --keep`,
which lie in `docs/versions/`: a file for each version, `diff` of two shows what has changed. A problem is at its
smallest size; "(native)" is a framework's own function, the other text composes the same mathematics from primitives.
Methods are the gradient and one of each mode. A fault that is in the first version tried may be older.
The same as HTML: {pages}.
"""
KINDS = """The kinds of faults: silently wrong (finite, and not the right numbers; with the largest relative error),
asymmetric, derivative nan (f itself is finite), value nan (f is not), shape, dtype, exception (the framework raises).
"""


def threads_of(backend):
    """By "suite/problem" the upstream threads on what goes wrong in that backend."""
    return {
        f"{suite}/{problem.name}": problem.upstream[backend]
        for suite in suites.BUILT_IN
        for problem in suites.load(suite).values()
        if backend in problem.upstream
    }


def stays(old, known):
    """Sections of frameworks of which nothing is kept: they begin with "## name version"."""
    sections = re.split(r"^(?=## )", old, flags=re.MULTILINE)[1:]
    named = {section: re.match(r"## ([a-z]+) [\d.]", section) for section in sections}
    return [section.strip() for section, match in named.items() if match and match[1] not in known]


def page(old):
    """The page, given what it was."""
    found = verified.read_folder(FINDINGS)
    links = ", ".join(f"[{backend}](gallery/versions-{backend}.html)" for backend in found)
    parts = [HEAD.format(pages=links), FOUND.read_text().strip() + "\n", KINDS]
    parts += [text.markdown(versions, "##", threads_of(backend)).strip() + "\n" for backend, versions in found.items()]
    return "\n".join([*parts, *(f"{section}\n" for section in stays(old, found))])


def main():
    """Print the page, or write those of the frameworks."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pages", type=Path, metavar="DIR")
    folder = parser.parse_args().pages
    if folder is None:
        sys.stdout.write(page(PAGE.read_text()))
        return
    for backend, versions in verified.read_folder(FINDINGS).items():
        (folder / f"versions-{backend}.html").write_text(versions_page.page(versions, [], {}))


if __name__ == "__main__":
    main()

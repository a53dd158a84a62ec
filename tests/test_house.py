"""The shape of the house: folders and files that can be read, imports that run one way, words in their place."""

import ast
import functools
import importlib
import importlib.util
import itertools
import re
import subprocess
from pathlib import Path

import grimp
import pytest

import hessbench

ROOT = Path(__file__).parents[1]
ROOMS = ("harness", "backends", "suites", "results")
LARGEST_FOLDER, LONGEST_CHAIN, LONGEST_FILE = 16, 12, 400


def files(*folders):
    """Every Python file that git knows below the folders."""
    listed = subprocess.run(["git", "ls-files", *folders], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.splitlines() if name.endswith(".py")]


@functools.cache
def imports():
    """Module -> the modules that it imports, also inside functions; what only a type checker reads is left out."""
    graph = grimp.build_graph("hessbench", exclude_type_checking_imports=True, cache_dir=None)
    modules = sorted(module for module in graph.modules if ".reproductions" not in module)
    return {module: sorted(graph.find_modules_directly_imported_by(module)) for module in modules}


def reachable(module):
    """All that it imports, and what those import, at once or when it is first used."""
    found, waiting = set(), [module]
    while waiting:
        module = waiting.pop()
        others = {*imports().get(module, ()), *hidden().get(module, ())} - found
        found |= others
        waiting += others
    return found


@functools.cache
def hidden():
    """Module -> the modules of ours that it names in `Lazy(...)`, which no import shows."""
    found = {}
    for path in files(*ROOMS):
        module = ".".join(("hessbench", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")
        found[module] = re.findall(r"\bLazy\(\"(hessbench\.[\w.]+)\"", path.read_text())
    return found


def test_no_import_circle():
    assert any(hidden().values()), "the sparsity of the contract is"
    circles = [module for module in imports() if module in reachable(module)]
    assert not circles, f"imported by what they import, perhaps inside a function: {circles}"


def test_no_long_chain_of_imports():
    """Of what is loaded at once or inside a function; `Lazy` puts off what few need, and is not counted."""

    @functools.cache
    def chain(module):
        return (module, *max((chain(other) for other in imports().get(module, ())), key=len, default=()))

    longest = max(map(chain, imports()), key=len)
    assert len(longest) <= LONGEST_CHAIN, "\n".join(longest)


def test_no_folder_holds_more_than_can_be_looked_over():
    entries = {}
    for path in files(*ROOMS, "tests", "benchmarks"):
        for inner in (path, *path.parents):
            if inner != ROOT and ROOT in inner.parents:
                entries.setdefault(inner.parent, set()).add(inner.name)
    large = {str(folder.relative_to(ROOT)): len(names) for folder, names in entries.items() if folder != ROOT}
    assert not {folder: count for folder, count in large.items() if count > LARGEST_FOLDER}


def test_no_file_outgrows_its_idea():
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in files(*ROOMS)}
    assert not {path: length for path, length in lengths.items() if length > LONGEST_FILE}, "is a concept missing?"


def one_letter_apart(a, b):
    """Whether one edit of a letter makes one name the other."""
    if len(a) == len(b):
        return sum(x != y for x, y in zip(a, b, strict=True)) == 1
    short, long = sorted((a, b), key=len)
    return len(long) == len(short) + 1 and any(long[:i] + long[i + 1 :] == short for i in range(len(long)))


def test_no_two_modules_of_a_folder_differ_by_one_letter():
    folders = {}
    for path in files(*ROOMS):
        if "reproductions" not in path.parts:
            folders.setdefault(path.parent, []).append(path.stem)
    alike = [
        (a, b) for names in folders.values() for a, b in itertools.combinations(names, 2) if one_letter_apart(a, b)
    ]
    assert not alike


def lines_with(pattern, *folders):
    return [
        f"{path.relative_to(ROOT)}:{i}"
        for path in files(*folders)
        for i, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(pattern, line)
    ]


def test_what_was_asked_for_is_typed_below_the_command_line():
    assert lines_with(r"\boptions: Any", "harness") == []
    assert len(lines_with(r"\bdict\[str, Any\]", "harness")) <= 20


def test_the_formatter_is_accepted():
    assert len(lines_with(r"# fmt:", *ROOMS)) <= 20


OLD_NAMES = r"(^|[\"'`;(])\s*(from|import) (harness|backends|suites|results)\b|-m\W+harness\b"


def test_nothing_is_imported_by_a_name_that_may_be_a_persons_own():
    """`import results` must give a person theirs; a person's own file in a test says so on purpose."""
    theirs = {"tests/test_packaging.py", "tests/test_house.py"}
    found = lines_with(OLD_NAMES, *ROOMS, "tests", "benchmarks")
    assert [where for where in found if where.partition(":")[0] not in theirs] == []
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]
    assert [page.name for page in pages if re.search(OLD_NAMES, page.read_text(), re.MULTILINE)] == []


def test_every_public_name_has_a_home():
    homes = [name for names in hessbench._HOMES.values() for name in names]
    assert sorted(homes) == sorted(hessbench.__all__)
    for module, names in hessbench._HOMES.items():
        home = importlib.import_module(f"hessbench.{module}")
        assert all(getattr(hessbench, name) is getattr(home, name) for name in names)


def test_an_unknown_public_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'hesian'"):
        hessbench.hesian  # noqa: B018


def test_parallel_tests_are_dealt_out_in_groups(request):
    """Where pytest-xdist overlooks them, frameworks are imported and compile twice, and nothing says so."""
    if not getattr(request.config.option, "loadgroup", False):
        pytest.skip("one process, or another --dist")
    assert "@" in request.node.nodeid, "this pytest-xdist groups nothing with this pytest (pytest-xdist#1386)"


def names_taken(path):
    """(module, name) of what a file imports from us."""
    tree = ast.parse(path.read_text())
    froms = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and not node.level]
    return [(one.module, alias.name) for one in froms if one.module.startswith("hessbench") for alias in one.names]


def test_scripts_that_no_test_runs_import_what_there_is():
    """A name that has moved is news to a benchmark only when somebody runs it."""
    taken = {pair for path in files("benchmarks") for pair in names_taken(path)}
    assert len(taken) > 50
    assert [pair for pair in sorted(taken) if not _is_there(*pair)] == []


def _is_there(module, name):
    found = importlib.import_module(module)
    below = hasattr(found, "__path__") and importlib.util.find_spec(f"{module}.{name}")
    return hasattr(found, name) or bool(below)

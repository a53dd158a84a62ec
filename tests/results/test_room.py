"""The room's own rules: who imports whom inside `results`, and what lies at its door."""

from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import grimp
import pytest

from hessbench.results.exports import FORMATS

ROOM = "hessbench.results"
LONGEST = 6


@pytest.fixture(scope="module")
def imports():
    """Module -> the modules of this room that it imports, inside functions too; typing left out."""
    graph = grimp.build_graph("hessbench", exclude_type_checking_imports=True, cache_dir=None)
    ours = {name for name in graph.modules if f"{name}.".startswith(f"{ROOM}.")}
    return {name: graph.find_modules_directly_imported_by(name) & ours for name in ours}


def test_no_circle_of_imports_not_even_inside_functions(imports):
    makers = {form.maker.partition(":")[0] for form in FORMATS.values()}  # imported by name, unseen by the graph
    whole = imports | {f"{ROOM}.exports": imports[f"{ROOM}.exports"] | makers}
    TopologicalSorter(whole).prepare()  # raises a CycleError that names the circle


def test_no_chain_of_imports_is_long(imports):
    @cache
    def chain(name):
        return (name, *max((chain(other) for other in imports[name]), key=len, default=()))

    assert [" > ".join(chain(name)) for name in sorted(imports) if len(chain(name)) > LONGEST] == []


def test_at_the_door_is_only_what_others_ask_for():
    door = Path(__file__).parents[2] / "results"
    assert {path.stem for path in door.glob("*.py")} == {"__init__", "run", "terminal", "units", "fitting"}

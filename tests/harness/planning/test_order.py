"""The order in which cells are visited, and how they are dealt out."""

from hessbench.harness.planning.grid import Cell
from hessbench.harness.planning.order import ascending, dealt, family


def cell(n=10, method="m", problem="p"):
    return Cell("s", problem, n, "hessian", "numpy", method, "float64", "cpu")


def test_sizes_grow_within_a_family_and_families_stay_where_they_were():
    order = [cell(100), cell(5, "k"), cell(10), cell(1000), cell(1, "k")]
    assert ascending(order) == [cell(10), cell(1, "k"), cell(100), cell(1000), cell(5, "k")]
    assert [family(a) for a in ascending(order)] == [family(a) for a in order]


def test_methods_of_a_problem_stay_together_where_there_are_enough_problems():
    cells = [cell(n, method, f"p{i}") for n in (5, 10) for method in ("a", "b") for i in range(4)]
    parts = dealt(cells, 2)
    assert sorted(c.key for part in parts for c in part) == sorted(c.key for c in cells)
    places = [(part_of, c.problem, c.n) for part_of, part in enumerate(parts) for c in part]
    assert len(set(places)) == 8
    assert places == sorted(places, key=places.index)
    assert dealt(cells[:3], 2) == [[cells[0], cells[2]], [cells[1]]]

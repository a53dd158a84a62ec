"""Who does what on many hosts, and what happens when they are lost: with hosts that are made up."""

from collections import Counter

import pytest
from made_up import Hosts, crashed, host, lost, right, run, slowly

from hessbench.harness.planning.grid import Cell
from hessbench.harness.planning.request import Request
from hessbench.harness.running.folder import RunFolder
from hessbench.harness.running.hosts.machines import refuse_others
from hessbench.harness.running.hosts.share import Part, Share, parts
from hessbench.harness.usage import UsageError
from hessbench.results.stored.record import from_dict

A, B, OTHER = host("a"), host("b"), host("other", blas="another")
METHODS = ("hyper-dual-eager", "central-eager", "richardson-eager")


def plan(problems=("rosenbrock", "quadratic"), sizes=(2, 4, 6, 8), host=""):
    return [
        Cell("quick", problem, n, "hessian", "numpy", method, "float64", "cpu", host=host)
        for problem in problems
        for n in sizes
        for method in METHODS
    ]


@pytest.mark.parametrize("dealing", ["timed", "checked"])
def test_all_is_done_once(tmp_path, dealing):
    cells = plan()
    left, records = run(tmp_path, cells, Hosts(A, B), slowly(right), dealing)
    assert not left
    assert Counter(record["cell"] for record in records) == {cell.key: 1 for cell in cells}
    assert {record["measured_on"] for record in records} == {"a", "b"}
    assert {record["fingerprint"] for record in records} == {A.fingerprint}


def test_whatever_competes_stays_on_one_host_in_all_rounds(tmp_path):
    _, records = run(tmp_path, plan(), Hosts(A, B), slowly(right), rounds=3)
    where = {}
    for record in records:
        where.setdefault((record["problem"], record["n"]), set()).add(record["measured_on"])
    assert {len(hosts) for hosts in where.values()} == {1}
    assert len(records) == 3 * len(plan())


def test_sizes_of_a_problem_are_not_dealt_to_machines_that_differ():
    alike, different = (parts(plan(), "timed", 2, 0, alike) for alike in (True, False))
    assert (len(alike), len(different)) == (8, 2)


def test_what_is_checked_is_dealt_by_groups_and_families_stay_together():
    dealt = parts(plan(), "checked", 2, 0)
    assert len(dealt) == 2
    families = [{(cell.problem, cell.method) for cell in part.cells} for part in dealt]
    assert not families[0] & families[1]


def test_what_is_checked_stays_together_by_problems():
    dealt = parts(plan([f"p{i}" for i in range(9)]), "checked", 2, 0)
    problems = [{cell.problem for cell in part.cells} for part in dealt]
    assert list(map(len, problems)) == [5, 4]
    assert not problems[0] & problems[1]


def test_launches_that_take_long_are_dealt_first():
    def part(backend):
        return Part((Cell("quick", "rosenbrock", 2, "hessian", backend, "m", "float64", "cpu"),) * 2)

    seconds = {"numpy": 1.0, "tensorflow": 5.0, "jax": 3.0}
    made = [part(backend) for backend in ("numpy", "jax", "tensorflow")]
    share = Share(made, "checked", lambda: 1, lambda launch: seconds[launch.cells[0].backend])
    dealt = [share.take("a", "", lambda: True)[0].cells[0].backend for _ in made]
    assert dealt == ["tensorflow", "jax", "numpy"]


def losing(name, count, how=lost):
    """A host that is lost in its cell of that number, counted from 1."""
    seen = Counter()

    def answer(where, cell):
        seen[where] += 1
        return how(where, cell) if where == name and seen[where] == count else right(where, cell)

    return slowly(answer)


@pytest.mark.parametrize("dealing", ["timed", "checked"])
def test_another_host_takes_over_and_nothing_is_lost(tmp_path, dealing):
    left, records = run(tmp_path, plan(), Hosts(A, B), losing("a", 3), dealing)
    assert not left
    interrupted = [record for record in records if record["status"] == "interrupted"]
    assert [record["reason"] for record in interrupted] == ["host lost: a: gone"]
    done = Counter(record["cell"] for record in records if record["status"] == "ok")
    assert done == {cell.key: 1 for cell in plan()}


def test_a_timed_contest_waits_for_a_machine_of_its_kind(tmp_path):
    left, records = run(tmp_path, plan(), Hosts(A, OTHER), losing("a", 3))
    assert left
    assert {record["measured_on"] for record in records if record["cell"] in {cell.key for cell in left}} <= {"a", ""}
    said = {record["reason"] for record in records if record["status"] == "interrupted"}
    assert all(reason.startswith("host lost: ") for reason in said)
    done = {record["cell"] for record in records if record["status"] == "ok"}
    assert done | {cell.key for cell in left} == {cell.key for cell in plan()}

    before = {(r["cell"], r["round"]): from_dict(r) for r in records if r["status"] == "ok"}
    again = tmp_path / "again"
    again.mkdir()
    left, records = run(again, plan(), Hosts(B, OTHER), done=before)
    assert not left
    assert {record["measured_on"] for record in records} == {"b"}


def test_a_machine_that_comes_back_as_another_one_does_not_go_on_with_the_whole_plan_of_its_name(tmp_path, capsys):
    cells = [*plan(host="a"), *plan(host="b")]
    _, records = run(tmp_path, cells, Hosts(A, B), dealing="each")
    before = {(r["cell"], r["round"]): from_dict(r) for r in records[::2]}
    again = tmp_path / "again"
    again.mkdir()
    left, records = run(again, cells, Hosts(host("a", versions={"jax": "0.10.1"}), B), dealing="each", done=before)
    assert {record["measured_on"] for record in records if record["status"] == "ok"} == {"b"}
    assert {cell.host for cell in left} == {"a"}
    assert "note: a is left out: the machine of that name was another one before" in capsys.readouterr().err


def test_a_run_that_each_machine_does_is_not_resumed_with_another_one_of_the_name(tmp_path):
    run(tmp_path, plan(host="a"), Hosts(A), dealing="each")
    folder = RunFolder(tmp_path, Request(), ())
    refuse_others(folder, [A, B])
    with pytest.raises(UsageError, match=r"a is another machine now: jax absent and 0\.10\.1"):
        refuse_others(folder, [host("a", versions={"jax": "0.10.1"}), B])


def test_a_cell_that_kills_its_worker_is_not_tried_elsewhere(tmp_path):
    killer = plan()[0]

    def answer(where, cell):
        return crashed(where, cell) if cell == killer else right(where, cell)

    left, records = run(tmp_path, plan(), Hosts(A, B), answer)
    assert not left
    assert [record["status"] for record in records if record["cell"] == killer.key] == ["crashed"]
    assert sum(record["status"] == "ok" for record in records) == len(plan()) - 1


def test_a_cell_that_kills_hosts_does_not_get_a_third_one(tmp_path):
    killer = plan()[0]

    def answer(where, cell):
        return lost(where, cell) if cell == killer else right(where, cell)

    hosts = [host(name) for name in "abcd"]
    left, records = run(tmp_path, plan(), Hosts(*hosts), slowly(answer))
    assert left == [killer]
    assert len([record for record in records if record["cell"] == killer.key]) == 2
    assert sum(record["status"] == "ok" for record in records) == len(plan()) - 1


def test_without_anybody_all_is_left_and_said(tmp_path):
    left, records = run(tmp_path, plan(), Hosts())
    assert len(left) == len(records) == len(plan())
    assert {record["status"] for record in records} == {"interrupted"}


def test_each_host_runs_everything_and_nothing_of_others(tmp_path):
    cells = plan(host="a") + plan(host="b")
    left, records = run(tmp_path, cells, Hosts(A, B), losing("a", 3), "each")
    assert {cell.host for cell in left} == {"a"}
    assert {record["measured_on"] for record in records if record["host"] == "b"} == {"b"}


def test_a_full_disk_ends_the_run(tmp_path):
    def full(where, cell):
        return OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        run(tmp_path, plan(), Hosts(A, B), full)

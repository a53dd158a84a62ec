"""`hessbench verify`: kinds of faults end to end, and what changes against what was noted."""

import json

import pytest

import hessbench as hb
from hessbench.harness.commands import verify
from hessbench.harness.judging import known_faults
from hessbench.harness.usage import UsageError
from hessbench.results.stored.outcome import cell_name
from hessbench.results.stored.record import FAULTS, Record
from hessbench.results.tables.compatibility import Row
from hessbench.results.versions import verified

KINDS = {
    "right": "ok",
    "off-diagonal": "silently-wrong",
    "zeros": "silently-wrong",
    "asymmetric": "asymmetric",
    "nan": "derivative-nan",
    "shape": "shape",
    "float32": "dtype",
    "raise": "exception",
    "memory-error": "out_of_memory",
    "segfault": "crashed",
}
PLANTED = ("verify", "quick/rosenbrock", "--backend", "faulty", "--method", ",".join(f"{kind}-eager" for kind in KINDS))


@pytest.fixture(scope="module")
def noted(tmp_path_factory):
    return tmp_path_factory.mktemp("expected")


@pytest.fixture(scope="module")
def first(command_line, noted):
    """The planted faults, of which nothing is noted yet, and then noted."""
    kept = ("--keep", noted.parent / "kept")
    before = command_line(*PLANTED, "--expected", noted, "--json", "--out", noted.parent / "first", *kept)
    noting = command_line(*PLANTED, "--expected", noted, "--update-expected")
    assert noting.returncode == 0, noting.stderr
    return before


def test_every_planted_fault_is_named_by_its_kind(first):
    cells = json.loads(first.stdout)["cells"]
    assert {cell["method"].removesuffix("-eager"): cell["outcome"] for cell in cells} == KINDS


def test_a_verification_is_gone_on_with(first, noted, command_line):
    again = command_line("verify", "--resume", noted.parent / "first", "--expected", noted, "--json")
    assert "0 cells to do" in again.stderr
    assert again.returncode == 0
    assert [cell["outcome"] for cell in json.loads(again.stdout)["cells"]] == [
        cell["outcome"] for cell in json.loads(first.stdout)["cells"]
    ]
    refused = command_line("verify", "quick", "--resume", noted.parent / "first")
    assert refused.returncode == 2
    assert "name nothing else" in refused.stderr
    elsewhere = command_line("verify", "--resume", noted.parent / "first", "--scheduler", "tcp://127.0.0.1:9")
    assert elsewhere.returncode == 2
    assert "is a run of one machine" in elsewhere.stderr


def test_the_findings_of_a_version_are_kept(first, noted):
    kept = verified.read(noted.parent / "kept" / "faulty-1.0.json")
    assert kept.suites == ["quick"]
    assert sorted(one.outcome for one in kept.cells.values()) == sorted(KINDS.values())


def test_every_fault_counts_as_new_where_nothing_is_noted(first):
    assert first.returncode == 1
    assert "nothing is noted of faulty 1.0" in first.stderr
    assert first.stderr.count("changed: faulty 1.0") == len(KINDS) - 1


def test_nothing_was_ok_before_of_a_persons_own_problem(command_line, tmp_path):
    text = "import hessbench as hb\n\n@hb.problem(x0=[0.0, 2.0])\ndef {0}(xp, x):\n    return {1}\n\n"
    bent = text.format("bend", "10 * xp.maximum(x[0], 0 * x[0]) ** 2 + x[1] ** 2")
    (tmp_path / "mine.py").write_text(bent)
    fine = command_line("verify", tmp_path / "mine.py", "--backend", "numpy", "--method", "hyper-dual-eager")
    assert fine.returncode == 0, fine.stderr
    (tmp_path / "mine.py").write_text(text.format("drops", "float(x[0]) ** 2 + x[1] ** 2"))
    done = command_line("verify", tmp_path / "mine.py", "--backend", "numpy", "--method", "hyper-dual-eager")
    assert done.returncode == 1
    assert "found: numpy" in done.stderr
    assert "was ok" not in done.stderr


def test_nothing_is_timed(first, noted):
    frame = hb.load(noted.parent / "first").frame
    assert frame["min_s"].isna().all()
    assert frame.set_index("method").loc["right-eager", "rel_error"] < 1e-9


def test_a_fault_that_is_noted_is_no_news(first, noted, command_line):
    again = command_line(*PLANTED, "--expected", noted)
    assert again.returncode == 0, again.stderr
    assert "all as expected" in again.stderr
    assert "silently wrong 2 of 10 (" in " ".join(again.stdout.split())


def test_a_cured_fault_and_a_new_one_are_changes(first, noted, command_line, tmp_path):
    known = json.loads(next(noted.iterdir()).read_text())
    cured = next(name for name in known if "zeros-eager" in name)
    known[cured.replace("zeros-eager", "right-eager")] = known.pop(cured)
    (tmp_path / "faulty-1.0.json").write_text(json.dumps(known))
    done = command_line(*PLANTED, "--expected", tmp_path)
    assert done.returncode == 1
    assert "right-eager float64 cpu: ok, was silently-wrong" in done.stderr
    assert "zeros-eager float64 cpu: silently-wrong, was ok" in done.stderr
    assert "2 changed" in done.stderr


def test_a_torn_file_of_known_faults_is_bad_input(tmp_path):
    (tmp_path / "torch-2.13.0.json").write_text("{")
    with pytest.raises(UsageError, match=r"torch-2\.13\.0\.json cannot be read"):
        known_faults.read(tmp_path, "torch", "2.13.0+cpu")


CELL = {
    "suite": "traps",
    "problem": "det",
    "n": 4,
    "operator": "hessian",
    "backend": "torch",
    "version": "2.13.0+cpu",
    "method": "a",
    "dtype": "float64",
    "device": "cpu",
}


TORCH = "torch", "2.13.0+cpu"


def record(method="a", **changes):
    return Record(**{**CELL, "method": method, "status": "ok", **changes})


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_turns_into_another_one_is_a_change(tmp_path, fault):
    known_faults.update(tmp_path, [record(status="wrong", fault=fault)], {})
    known = {TORCH: known_faults.read(tmp_path, "torch", "2.13.0+cpu")}
    assert not known_faults.changes([record(status="wrong", fault=fault)], known)
    other = next(kind for kind in FAULTS if kind != fault)
    ((_, before),) = known_faults.changes([record(status="wrong", fault=other)], known)
    assert before == fault


def test_what_could_not_be_tried_is_no_change(tmp_path):
    known_faults.update(tmp_path, [record(status="wrong", fault="asymmetric")], {})
    known = {TORCH: known_faults.read(tmp_path, "torch", "2.13.0")}
    assert not known_faults.changes([record(status="unsupported", reason="not installed")], known)


def test_noting_some_cells_keeps_what_is_noted_of_others(tmp_path):
    known_faults.update(tmp_path, [record("a", status="wrong", fault="shape")], {})
    known = {TORCH: known_faults.read(tmp_path, "torch", "2.13.0")}
    known_faults.update(tmp_path, [record("b", status="wrong", fault="dtype")], known)
    assert set(known_faults.read(tmp_path, "torch", "2.13.0").values()) == {"shape", "dtype"}


def test_native_and_portable_text_are_noted_apart():
    assert cell_name(record()) != cell_name(record(text="native"))


@pytest.mark.parametrize("columns", [40, 60, 80, 100, 200])
def test_what_is_wrong_can_be_read_at_every_width(capsys, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    methods = {"silently-wrong": ["jacfwd-of-jacfwd-eager 9e-01"], "ok": ["gradient-eager"]}
    row = Row("canaries/layer_norm_weights", {"silently-wrong": 1, "ok": 1}, methods, "pytorch#192540, pytorch#198017")
    verify._print({"torch 2.13.0": [row]})
    shown = capsys.readouterr().out
    assert "…" not in shown
    assert all(len(line) <= columns for line in shown.splitlines())
    said = " ".join(shown.split())
    assert "canaries/layer_norm_weights silently wrong 1 of 2 (jacfwd-of-jacfwd-eager 9e-01); ok 1 of 2" in said
    assert "pytorch#198017" in said


@pytest.mark.parametrize(
    ("version", "of"),
    [("1.9", "1.9"), ("1.9+cpu", "1.9"), ("1.10", "1.9"), ("2.0rc1", "1.9"), ("3.0", "2.0"), ("1.0", "1.9")],
)
def test_a_version_of_which_nothing_is_noted_is_held_against_the_nearest(tmp_path, version, of):
    for known in ("1.9", "2.0"):
        (tmp_path / f"torch-{known}.json").write_text("{}")
    assert known_faults.noted(tmp_path, "torch", version) == of
    assert known_faults.noted(tmp_path, "jax", version) is None


def test_only_what_has_changed_since_the_nearest_version_is_news(first, noted, command_line, tmp_path):
    known = json.loads(next(noted.glob("faulty-1.0.json")).read_text())
    (tmp_path / "faulty-0.9.json").write_text(json.dumps(known))
    same = command_line(*PLANTED, "--expected", tmp_path)
    assert same.returncode == 0, same.stderr
    assert "nothing is noted of faulty 1.0; held against 0.9, the nearest earlier version" in same.stderr
    cured = next(cell for cell in known if "zeros-eager" in cell)
    (tmp_path / "faulty-0.9.json").write_text(json.dumps({k: v for k, v in known.items() if k != cured}))
    done = command_line(*PLANTED, "--expected", tmp_path)
    assert done.returncode == 1
    assert "1 changed since 0.9" in done.stderr


@pytest.mark.parametrize("options", [("--keep", "file"), ("--update-expected", "--expected", "file/folder")])
def test_where_findings_cannot_be_written_nothing_is_started(refused, tmp_path, options):
    (tmp_path / "file").touch()
    done = refused("verify", "tutorial", "--backend", "numpy", *options, "--out", "run")
    assert done.returncode == 2
    assert done.stderr.startswith(f"hessbench: cannot write to {options[-1]}: ")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_worker_does_not_take_f_for_the_outputs_of_which_it_is_made(command_line, tmp_path):
    """A case's text serves the next of the same problem; a gradient's is f, and a Gauss-Newton product's is not."""
    asked = ("ml/softmax_regression", "--backend", "numpy", "--operator", "ggn-vp,hvp")
    found = command_line("verify", *asked, "--expected", tmp_path, "--json")
    cells = json.loads(found.stdout)["cells"]
    assert {cell["operator"] for cell in cells} >= {"gradient", "hvp", "ggn-vp"}
    assert {cell["outcome"] for cell in cells} == {"ok"}

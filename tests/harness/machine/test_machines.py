"""Output for machines: JSON on standard output and nothing else there."""

import json

from hessbench import backends, suites


def parsed(done):
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_run_and_report_as_json(hessbench, tmp_path):
    directory = tmp_path / "run"
    asked = ("run", "tutorial", "--backend", "numpy", "--quick", "--out", directory, "--json")
    said = parsed(hessbench(*asked, report=True))
    assert said == parsed(hessbench("report", directory, "--json"))
    assert said["run"] == str(directory)
    (row,) = (cell for cell in said["cells"] if cell["method"] == "richardson-eager")
    assert (row["status"], row["judge"]) == ("ok", "closed_form")
    assert [[round(x, 6) for x in line] for line in json.loads(row["value"])] == [[2, 3], [3, 2]]
    assert row["q1_s"] <= row["median_s"] <= row["q3_s"]
    assert "ratio_to_gradient" in row  # empty beside a gradient that was disturbed
    assert row["peak_host_bytes"] > 1e6


def test_a_dry_run_as_json(hessbench):
    cells = parsed(hessbench("run", "tutorial", "--backend", "jax", "--dry-run", "--json"))["cells"]
    assert {cell["backend"] for cell in cells} == {"jax"}


def test_lists_as_json(hessbench):
    assert {row["suite"] for row in parsed(hessbench("list", "suites", "--json"))} >= set(suites.BUILT_IN)
    assert {row["backend"] for row in parsed(hessbench("list", "backends", "--json"))} >= set(backends.BUILT_IN)
    problems = parsed(hessbench("list", "problems", "--suite", "quick", "--json"))
    assert all({"suite", "name", "sizes", "source", "tags"} <= set(row) for row in problems)
    methods = parsed(hessbench("list", "methods", "--backend", "torch", "--json"))
    assert {"backend", "name", "operator", "mode", "execution", "assembly", "stock"} <= set(methods[0])
    devices = parsed(hessbench("list", "devices", "--backend", "numpy,absent,broken", "--json"))
    assert devices[0] == {"backend": "numpy", "device": "cpu"}
    assert "not installed" in devices[1]["device"]
    assert "cannot import broken" in devices[2]["device"]


def test_the_doctor_as_json_and_in_words(hessbench):
    found = parsed(hessbench("doctor", "--json", "--backend", "numpy,torch"))
    assert found["machine"]["usable_cores"] >= 1
    numpy = next(row for row in found["backends"] if row["backend"] == "numpy")
    assert (numpy["problem"], numpy["devices"]) == ("", ["cpu"])
    words = hessbench("doctor", "--backend", "numpy,absent").stdout
    assert "numpy: numpy " in words
    assert "absent: not installed" in words


def test_tables_for_people(hessbench):
    assert "linearize-vmap-jit" in hessbench("list", "methods", "--backend", "jax").stdout
    assert "lennard_jones" in hessbench("list", "problems").stdout
    assert "source: Rosenbrock 1960" in hessbench("list", "problems", "--verbose").stdout

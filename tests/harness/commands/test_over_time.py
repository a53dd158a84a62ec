"""`hessbench versions` and `bisect`, end to end on planted wheels: no network, no framework."""

import json
import os
import site
from pathlib import Path

import pytest

from hessbench import backends
from hessbench.harness.commands.over_time.bisect import bisect
from hessbench.harness.commands.over_time.versions import versions
from hessbench.harness.versions import frameworks, uv

PLANTED = Path(__file__).parents[2] / "planted"


@pytest.fixture
def planted(monkeypatch, tmp_path):
    """Five versions of `planted`; the packages beside it come from this Python, since there is no index here."""
    uv_there = pytest.importorskip("uv")
    assert uv_there.find_uv_bin()
    paths = [str(PLANTED), *site.getsitepackages(), *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_NO_INDEX", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(frameworks, "BESIDE", {})
    monkeypatch.syspath_prepend(str(PLANTED))
    for cached in (backends.registry, backends.broken, backends.load):
        cached.cache_clear()
    from wheels import wheel

    links = tmp_path / "wheels"
    wheel(links, "1.0")
    wheel(links, "1.1")
    wheel(links, "1.2", broken=True)
    wheel(links, "1.3", fault="nan")
    wheel(links, "2.0rc1", fault="raise")
    yield links
    for cached in (backends.registry, backends.broken, backends.load):
        cached.cache_clear()


ASKED = {"suites": ["quick/rosenbrock"], "sizes": ["smallest"]}


@pytest.mark.slow
@pytest.mark.worker
def test_versions_are_installed_verified_and_told(planted, tmp_path, capsys):
    out, keep = tmp_path / "out", tmp_path / "keep"
    options = {"find_links": [str(planted)], "out": out, "keep": keep}
    assert versions(ASKED, "planted", "1.1..1.3,7.7", as_json=True, **options) == 0
    said = capsys.readouterr()
    found = json.loads(said.out)
    assert [one["version"] for one in found["versions"]] == ["1.1", "1.3"]
    assert found["left_out"] == {
        "1.2": "it does not import: cannot import planted: ImportError: planted is broken",
        "7.7": "there is no such version",
    }
    (fault,) = found["faults"]
    assert (fault["kind"], fault["since"], fault["before"], fault["methods"]) == (
        "derivative-nan",
        "1.3",
        "1.1",
        ["hessian-eager"],
    )
    assert {path.name for path in out.iterdir()} >= {f"versions.{form}" for form in ("csv", "md", "json", "html")}
    # Again, with another version: what is cached is not made again, what was kept is shown too.
    assert versions(ASKED, "planted", "1.1,1.0", find_links=[str(planted)], out=tmp_path / "again", keep=keep) == 0
    said = capsys.readouterr()
    assert "1.1: installing" not in said.err
    assert "planted 1.1 to 1.3: 1 new" in said.out
    assert sorted(path.name for path in keep.iterdir()) == [f"planted-{one}.json" for one in ("1.0", "1.1", "1.3")]


@pytest.mark.slow
@pytest.mark.worker
def test_bisect_finds_the_release_and_leaves_a_log(planted, tmp_path, capsys):
    out = tmp_path / "out"
    options = {"find_links": [str(planted)], "only": "verdict"}
    assert bisect("planted", "1.0..2.0rc1", ["quick/rosenbrock"], out=out, pre=True, **options) == 0
    said = capsys.readouterr().out
    assert "planted 1.3 is the first release in which quick/rosenbrock is another" in said
    assert "unless it was one of 1.2, which could not be tried" in said
    log = (out / "bisect.log").read_text()
    assert "1.2: skip: it does not import" in log
    assert [step["answer"] for step in json.loads((out / "bisect.json").read_text())["steps"][:2]] == ["good", "bad"]


BAD = {
    ("versions", "jx", "0.8"): "unknown framework 'jx'; did you mean jax?",
    ("versions", "jax", "newest"): "'newest' is no version; write for example 0.8.0,0.9.2 or 0.8..0.12",
    ("versions", "jax", "0.9..0.8"): "0.9..0.8 runs backwards",
    ("versions", "jax", "0.8", "trap"): "unknown suite 'trap'; did you mean traps",
    ("versions", "jax", "0.8", "--backend", "torch"): "the framework is the backend; leave out --backend",
    ("versions", "jax", "0.8", "--python", "2.7"): "--python 2.7",
    ("versions", "jax", "0.8", "--at-once", "0"): "--at-once 0 is no number of versions",
    ("versions", "jax", "0.8", "--baseline", "0.8"): "--baseline belongs to --time",
    ("versions", "jax", "0.8.0", "--time", "quik"): "unknown suite 'quik'; did you mean quick?",
    ("versions", "jax", "0.8.0", "--host", "a"): "--host belongs to a run on several machines",
    ("versions", "jax", "0.8.0", "--scheduler", "local:1", "--time"): "--time measures versions beside each other",
    ("versions", "jax", "0.8.0", "--scheduler", "local:1", "--at-once", "2"): "with --scheduler each machine verifies",
    (
        "versions",
        "jax",
        "0.8.0",
        "--scheduler",
        "local:1",
        "--update-expected",
    ): "--update-expected notes what is found",
    ("versions", "jax", "0.8.0"): "no version of jax can be had: the index of packages cannot be reached",
    ("bisect", "jax", "0.10..", "det_singular"): "'0.10..' has an open end; write GOOD..BAD",
    ("bisect", "jax", "0.10..0.10.0", "det_singular"): "'0.10..0.10.0' is one version; write GOOD..BAD",
    ("bisect", "jax", "0.10.2..0.12.0", "det_singular", "--out", "full"): "full is not empty; choose another --out",
    ("versions", "jax", "0.8.0", "--out", "full"): "full is not empty; choose another --out",
    ("versions", "jax", "0.8.0", "--out", "full/file"): "cannot write to full/file: File exists",
    ("versions", "jax", "0.8.0", "--keep", "full/file"): "cannot write to full/file: File exists",
    ("versions", "jax"): "the following arguments are required: VERSIONS; see",
    ("versions", "jax", "0.8.0", "--find-links", "nowhere"): "--find-links nowhere: there is no such folder",
    ("bisect", "jax", "0.10", "det_singular"): "'0.10' is no range of versions",
    ("bisect", "jax", "0.10.2..0.12.0", "det_singula"): "'det_singula' is no problem",
    (
        "bisect",
        "jax",
        "0.10.2..0.12.0",
        "det_singular",
    ): "jax 0.10.2 cannot be had: the index of packages cannot",
}


@pytest.mark.parametrize("words", BAD, ids=" ".join)
def test_bad_input_is_one_line(words, monkeypatch, tmp_path, capsys):
    from hessbench.harness.commands.cli import main

    def unreachable(*arguments, requirements=()):
        raise uv.Refused(uv.UNREACHABLE)

    monkeypatch.chdir(tmp_path)
    file = tmp_path / "full" / "file"
    file.parent.mkdir()
    file.touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(uv, "call", unreachable)
    assert main(list(words)) == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[-1].startswith(f"hessbench: {BAD[words]}")
    assert all(line.startswith("note: ") for line in lines[:-1])
    assert [*tmp_path.rglob("*")] == [file.parent, file]

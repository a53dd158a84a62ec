"""The cache is never half written, whatever happens; large downloads are said first. Installing is pretended here."""

import errno
import os
import subprocess
import sys
from collections import namedtuple

import pytest

from hessbench.harness.usage import UsageError
from hessbench.harness.versions import environments, gathering, pythons, releases, uv
from hessbench.harness.versions.environments import Environment, Resolved

SMALL = Resolved("", {"numpy 2.4.6": 1000})


@pytest.fixture
def wanted(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return Environment("numpy", "2.4.6", sys.executable)


def installing(monkeypatch, then):
    def install(environment, part, resolved):
        part.mkdir()
        (part / "half").write_text("written")
        then(part)

    monkeypatch.setattr(environments, "_install", install)


def left():
    return list(environments.cache().iterdir())


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (uv.Refused("it does not import: no"), "it does not import: no"),
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full"),
        (OSError(errno.EACCES, "Permission denied"), "Permission denied"),
    ],
)
def test_what_fails_leaves_nothing(monkeypatch, wanted, error, reason):
    def fail(part):
        raise error

    installing(monkeypatch, fail)
    with pytest.raises(uv.Refused, match=reason):
        environments.make(wanted, SMALL)
    assert left() == []
    assert not wanted.made


def test_a_stop_leaves_nothing(monkeypatch, wanted):
    def stop(part):
        raise KeyboardInterrupt

    installing(monkeypatch, stop)
    with pytest.raises(KeyboardInterrupt):
        environments.make(wanted, SMALL)
    assert left() == []


def whole(part):
    (part / "bin").mkdir()
    (part / "bin" / "python").symlink_to(sys.executable)
    (part / environments.FACTS).write_text('{"packages": {"numpy": "2.4.6"}}')


@pytest.mark.parametrize("damage", ["bin/python", environments.FACTS])
def test_what_was_damaged_since_is_made_again(monkeypatch, wanted, damage):
    installing(monkeypatch, whole)
    environments.make(wanted, SMALL)
    (wanted.folder / damage).unlink()
    (wanted.folder / damage).symlink_to(wanted.folder / "a Python that was removed")
    assert not wanted.made
    environments.make(wanted, SMALL)
    assert wanted.made
    assert left() == [wanted.folder]


def test_what_is_whole_is_there_and_is_not_made_again(monkeypatch, wanted):
    installing(monkeypatch, whole)
    environments.make(wanted, SMALL)
    assert wanted.made
    assert wanted.packages == {"numpy": "2.4.6"}
    assert left() == [wanted.folder]
    environments.make(wanted, SMALL)  # somebody else was faster
    assert left() == [wanted.folder]


def test_what_a_killed_process_left_is_swept(monkeypatch, wanted):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    environments.cache().mkdir(parents=True)
    dead = environments.cache() / f".numpy-1.{gone.pid}"
    alive = environments.cache() / f".numpy-2.{os.getpid()}"
    dead.mkdir()
    alive.mkdir()
    environments.sweep()
    assert left() == [alive]


def test_a_disk_that_is_too_small_is_said_before_anything_is_downloaded(monkeypatch, wanted):
    usage = namedtuple("usage", "total used free")(10**9, 0, 10**6)
    monkeypatch.setattr(environments.shutil, "disk_usage", lambda place: usage)
    installing(monkeypatch, lambda part: pytest.fail("installed"))
    with pytest.raises(uv.Refused, match=r"the disk is full: it takes up to 2\.0 GB"):
        environments.make(wanted, Resolved("", {"x": 500_000_000}))


def test_each_version_python_and_choice_of_wheels_has_its_own_place(wanted):
    others = [
        Environment("numpy", "2.4.5", wanted.base),
        Environment("numpy", "2.4.6", "/elsewhere/python3.12"),
        Environment("numpy", "2.4.6", wanted.base, releases.Index(find_links=("/wheels",))),
    ]
    assert len({one.folder for one in (wanted, *others)}) == 4


@pytest.fixture
def offered(monkeypatch, wanted):
    """Three versions, one of which does not resolve, and each is 0.6 GB."""

    def resolve(environment):
        if environment.version == "2":
            raise uv.Refused("there is no such version")
        return Resolved("", {f"big {environment.version}": 600_000_000, "numpy 2": 1000})

    monkeypatch.setattr(releases, "exact", lambda name, version, python, index: version)
    monkeypatch.setattr(gathering, "resolve", resolve)
    monkeypatch.setattr(pythons, "installed", lambda: {"3.11": pythons.current()})


def test_gigabytes_are_said_first(offered):
    said = []
    with pytest.raises(UsageError, match=r"up to 1\.2 GB have to be downloaded.*--yes"):
        gathering.gather(gathering.Wanted("numpy", ("1", "3")), said.append)
    assert said == ["note: numpy 1 is 0.6 GB of packages", "note: numpy 3 is 0.6 GB of packages"]
    assert len(gathering.gather(gathering.Wanted("numpy", ("1", "3"), yes=True), said.append).environments) == 2


def test_a_version_that_cannot_be_had_costs_one_line_and_the_others_go_on(offered):
    said = []
    found = gathering.gather(gathering.Wanted("numpy", ("1", "2")), said.append)
    assert [environment.version for environment, _ in found.environments] == ["1"]
    assert said[0] == "note: numpy 2 is left out: there is no such version"
    with pytest.raises(UsageError, match="no version of numpy can be had: there is no such version"):
        gathering.gather(gathering.Wanted("numpy", ("2",)), said.append)


def test_a_python_is_found_by_its_version_or_named():
    name = f"3.{sys.version_info.minor}"
    assert os.path.exists(pythons.find(name))
    assert pythons.find(sys.executable) == sys.executable
    with pytest.raises(UsageError, match=r"Python 3\.99 is not installed; there are 3\."):
        pythons.find("3.99")
    with pytest.raises(UsageError, match="does not answer"):
        pythons.find("/no/such/python")

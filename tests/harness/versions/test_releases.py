"""Versions and ranges as they are written, and as an index answers them."""

import re

import pytest
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from hessbench.harness.usage import UsageError
from hessbench.harness.versions import releases, uv
from hessbench.harness.versions.releases import USUAL, Index

KNOWN = ("0.9.2", "0.10.0", "0.10.2", "0.11.0", "0.12.0rc1", "0.12.0", "0.12.0.1", "1.0+slow", "1.0")


@pytest.fixture
def index(monkeypatch):
    """uv, which resolves to the newest of `KNOWN` within limits."""

    def call(*arguments, requirements=()):
        (line,) = requirements
        limits, pre = SpecifierSet(line.removeprefix("toy")), "allow" in arguments
        fits = [v for v in KNOWN if limits.contains(v, prereleases=pre) and (pre or not Version(v).is_prerelease)]
        if not fits:
            raise uv.Refused(uv.NOT_THERE)
        return f"toy=={max(fits, key=Version)}\n"

    monkeypatch.setattr(uv, "call", call)


@pytest.mark.parametrize(
    ("part", "found"),
    [
        ("0.10..0.12", ["0.10.0", "0.10.2", "0.11.0", "0.12.0", "0.12.0.1"]),
        ("0.10.2..0.12.0", ["0.10.2", "0.11.0", "0.12.0"]),
        ("..0.10", ["0.9.2", "0.10.0", "0.10.2"]),
        ("0.12.0.1..", ["0.12.0.1", "1.0", "1.0+slow"]),
    ],
)
def test_a_range_is_what_the_index_has_of_it(index, part, found):
    assert releases.between("toy", part, "python", USUAL) == found


def test_release_candidates_come_where_they_are_wanted(index):
    assert releases.between("toy", "0.11..0.12", "python", Index(pre_releases=True)) == [
        "0.11.0",
        "0.12.0rc1",
        "0.12.0",
        "0.12.0.1",
    ]


def test_an_index_that_cannot_be_reached_is_no_empty_range(monkeypatch):
    def call(*arguments, requirements=()):
        raise uv.Refused(uv.UNREACHABLE)

    monkeypatch.setattr(uv, "call", call)
    with pytest.raises(uv.Refused, match="cannot be reached"):
        releases.between("toy", "0.10..", "python", USUAL)


@pytest.mark.parametrize("text", ["0.8.0,0.9.2", "0.8..0.12", "..0.12", "0.10..", "2.22.0rc0", "1.9+slow", "0.9.0.1"])
def test_versions_and_ranges_can_be_read(text):
    assert releases.versions(text) == text.split(",")


@pytest.mark.parametrize("text", ["", "..", "newest", "0.8...0.9", "0.8,,x", "-1", "0.8; rm"])
def test_what_is_no_version_is_bad_input(text):
    with pytest.raises(UsageError, match="version"):
        releases.versions(text)


def test_a_range_does_not_run_backwards():
    with pytest.raises(UsageError, match=re.escape("0.12..0.8 runs backwards: 0.12 is the later version")):
        releases.ends("0.12..0.8")

"""What the command line takes for several versions of one framework; light, since `hessbench --help` passes through."""

from __future__ import annotations

import argparse
from pathlib import Path

from hessbench.harness.planning import words


def _add_framework_versions(command: argparse.ArgumentParser) -> None:
    """What `versions` and `bisect` have in common: where versions come from."""
    command.add_argument("framework", metavar="FRAMEWORK", help="a backend, such as jax")
    command.add_argument("--python", metavar="X.Y", help="the Python of all versions (default: the one that has most)")
    command.add_argument(
        "--find-links", action="append", default=[], metavar="DIR", help="folder with further wheels; may be repeated"
    )
    command.add_argument("--pre", action="store_true", help="release candidates and nightlies, too")
    command.add_argument("--yes", action="store_true", help="download gigabytes without being asked")


def add_versions(versions: argparse.ArgumentParser) -> None:
    """Options of `versions`, beside those of a selection."""
    _add_framework_versions(versions)
    versions.add_argument("which", metavar="VERSIONS", help="versions and ranges: 0.8.0,0.9.2 or 0.8..0.12 or 0.10..")
    versions.add_argument(  # without a default argparse calls it required, where another argument is missing
        "suites", nargs="*", default=[], metavar="SUITE", help="suite or suite/problem (default: traps and canaries)"
    )
    versions.add_argument(
        "--time",
        nargs="?",
        type=words.names,
        const=["quick"],
        dest="timed",
        metavar="SUITE,…",
        help="time these suites, too, in live pairs with the baseline (default: quick)",
    )
    versions.add_argument("--baseline", metavar="V", help="with --time: the version to compare with (default: first)")
    versions.add_argument("--at-once", type=int, metavar="K", help="versions verified at a time (default: cores / 4)")
    versions.add_argument("--update-expected", action="store_true", help="note what is found as what is expected")
    versions.add_argument("--expected", type=Path, metavar="DIR", help="with --update-expected: in this folder")
    versions.add_argument(
        "--keep", type=Path, metavar="DIR", help="keep the findings of each version there; what is there is shown, too"
    )
    versions.add_argument("--out", type=Path, metavar="DIR", help="folder for the results (default: below runs/)")


def add_bisect(bisect: argparse.ArgumentParser) -> None:
    """Options of `bisect`."""
    _add_framework_versions(bisect)
    bisect.add_argument("between", metavar="GOOD..BAD", help="two releases, such as 0.10.2..0.12.0")
    bisect.add_argument(
        "cell", nargs="+", metavar="CELL", help="suite/problem, suite/problem:method, or a line of verify"
    )
    bisect.add_argument(
        "--only", choices=("verdict", "time"), help="look at verdicts or at times only (default: verdicts, then times)"
    )
    bisect.add_argument("--out", type=Path, metavar="DIR", help="folder for log and script (default: below runs/)")

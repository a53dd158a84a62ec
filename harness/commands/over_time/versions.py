"""`hessbench versions`: a framework over its versions; since when is it wrong, since when is it slower."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hessbench.harness.commands.exit_codes import CANNOT_WRITE, NOTHING_OK
from hessbench.harness.commands.over_time.showing import show, write_files
from hessbench.harness.machine import environment as machine
from hessbench.harness.planning.grid import Selection
from hessbench.harness.planning.problems import problems_of
from hessbench.harness.planning.request import Request, Said
from hessbench.harness.running.folder import new_folder
from hessbench.harness.usage import UsageError
from hessbench.harness.versions import asking, timing
from hessbench.harness.versions.environments import Environment, Resolved
from hessbench.harness.versions.gathering import Wanted, gather, ready, say
from hessbench.harness.versions.releases import Index
from hessbench.harness.versions.releases import versions as parts_of
from hessbench.results.stored.releases import order
from hessbench.results.versions import tables, verified
from hessbench.results.versions.times import Timed
from hessbench.results.versions.verified import Verified

CORES_EACH = 4
"""One verification keeps so many cores busy."""


@dataclass(frozen=True, slots=True)
class Options:
    """What is done beside verifying.

    Attributes:
        timed: Suites that are timed; empty for none.
        baseline: The version that the others are timed against; None for the first.
        expected: Folder of known faults in which what is found is noted; None where it is not.
        keep: Folder of findings: those of each version are written there, and what lies there is shown, too.
        at_once: Versions that are verified at a time.
    """

    timed: tuple[str, ...]
    baseline: str | None
    expected: Path | None
    keep: Path | None
    at_once: int


def versions(
    asked: Mapping[str, Said],
    framework: str,
    which: str,
    *,
    python: str | None = None,
    find_links: Sequence[str] = (),
    pre: bool = False,
    yes: bool = False,
    timed: Sequence[str] | None = None,
    baseline: str | None = None,
    update_expected: bool = False,
    expected: Path | None = None,
    keep: Path | None = None,
    at_once: int | None = None,
    out: Path | None = None,
    as_json: bool = False,
) -> int:
    """The command.

    Args:
        asked: What the command line says of the request: what is verified.
        framework: Name of a backend.
        which: Versions and ranges, "0.8.0,0.10..0.12".
        python: A Python version, or an interpreter.
        find_links: Folders with further wheels.
        pre: Whether release candidates and nightlies count.
        yes: Whether a large download may begin.
        timed: Suites that are timed, too.
        baseline: The version that the others are timed against.
        update_expected: Note what is found as what is expected.
        expected: Folder in which it is noted.
        keep: Folder of findings that outlive the run.
        at_once: Versions that are verified at a time.
        out: Folder for the results.
        as_json: Print everything as JSON.

    Returns:
        0, or 3 where no version could be verified.

    Raises:
        UsageError: Options do not fit each other, or no version can be had.
    """
    check_request(asked)
    if timed:
        check_request({"suites": timed})
    elif baseline is not None:
        raise UsageError("--baseline belongs to --time")
    if at_once is not None and at_once < 1:
        raise UsageError(f"--at-once {at_once} is no number of versions; write 1 or more")
    options = Options(
        tuple(timed or ()),
        baseline,
        (expected or _noted()) if update_expected else None,
        keep,
        at_once or max(1, machine.usable_cores() // CORES_EACH),
    )
    index = Index(tuple(str(Path(link).resolve()) if Path(link).exists() else link for link in find_links), pre)
    found = gather(Wanted(framework, tuple(parts_of(which)), python, index, yes))
    if timed:
        timing.check_baseline([environment.version for environment, _ in found.environments], baseline)
    directory = out or new_folder(f"versions-{framework}")
    seen, left_out = _verify_all(found.environments, asked, directory, options)
    left_out = {**found.refused, **left_out}
    there = [environment for environment, _ in found.environments if environment.version not in left_out]
    times = timing.over_versions(there, options.timed, options.baseline, directory / "times") if options.timed else []
    return _conclude(framework, [*seen, *_kept(options.keep, framework, seen)], times, left_out, directory, as_json)


def check_request(asked: Mapping[str, Said]) -> None:
    """Raise a `UsageError` for what no version could be asked, before anything is installed."""
    if asked.get("backends"):
        raise UsageError("the framework is the backend; leave out --backend")
    suites = asked.get("suites") or asking.SUITES
    problems_of(Request(Selection()).changed(**{**asked, "suites": suites}).with_sources().selection)


def _noted() -> Path:
    from hessbench.harness.judging import known_faults

    return known_faults.FOLDER


def _verify_all(
    environments: Sequence[tuple[Environment, Resolved | None]],
    asked: Mapping[str, Said],
    directory: Path,
    options: Options,
) -> tuple[list[Verified], dict[str, str]]:
    """Every version, several at a time where there are cores for it.

    Returns:
        What was found, oldest first; and why the other versions are left out.
    """
    seen: list[Verified] = []
    left_out: dict[str, str] = {}
    making = threading.Lock()  # one download at a time, and environments that share wheels find them there

    def one(place: tuple[Environment, Resolved | None]) -> None:
        environment, resolved = place
        version = environment.version
        with making:
            if resolved is not None:
                say(f"{environment.backend} {version}: installing {len(resolved.sizes)} packages")
            reason = ready(environment, resolved)
        if not reason:
            say(f"{environment.backend} {version}: verifying")
            try:
                found = asking.verified(environment, asked, directory / "verified" / version, options.expected)
                seen.append(found)
                wrong = sum(finding.outcome == "silently-wrong" for finding in found.cells.values())
                say(f"{environment.backend} {version}: {len(found.cells)} cells, {wrong} silently wrong")
                if options.keep:
                    verified.write(found, options.keep)
            except asking.Failed as error:
                reason = str(error)
            except OSError as error:
                reason = f"cannot write to {error.filename}: {error.strerror}"
        if reason:
            left_out[version] = reason
            say(f"note: {environment.backend} {version} is left out: {reason}")

    with ThreadPoolExecutor(options.at_once) as pool:
        waiting = [pool.submit(one, place) for place in environments]
        try:
            for done in waiting:
                done.result()
        except BaseException:  # above all a person who stops it: no further version is begun
            pool.shutdown(wait=False, cancel_futures=True)
            asking.stop()
            raise
    return sorted(seen, key=lambda found: order(found.version)), left_out


def _kept(folder: Path | None, framework: str, seen: Sequence[Verified]) -> list[Verified]:
    """What was found of other versions in earlier runs."""
    if folder is None or not folder.is_dir():
        return []
    try:
        known = verified.read_folder(folder).get(framework, [])
    except verified.NotVerified as error:
        raise UsageError(str(error)) from None
    fresh = {found.version for found in seen}
    return [one for one in known if one.version not in fresh]


def _conclude(
    framework: str,
    seen: Sequence[Verified],
    times: Sequence[Timed],
    left_out: Mapping[str, str],
    directory: Path,
    as_json: bool,
) -> int:
    if not seen:
        print(f"hessbench: no version of {framework} could be verified", file=sys.stderr)
        return NOTHING_OK
    seen = sorted(seen, key=lambda found: order(found.version))
    data: dict[str, Any] = {**tables.as_data(seen, times), "left_out": dict(left_out)}
    files = write_files(seen, times, left_out, data, directory)
    if as_json:
        print(json.dumps(data))
    else:
        show(seen, times)
        print("\n".join(map(str, files)))
    return 0 if files else CANNOT_WRITE

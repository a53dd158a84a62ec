"""`hessbench versions`: a framework over its versions; since when is it wrong, since when is it slower."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hessbench.harness.commands.exit_codes import CANNOT_WRITE, NOTHING_OK
from hessbench.harness.commands.over_time.showing import show, write_files
from hessbench.harness.machine import environment as machine
from hessbench.harness.planning.request import Said
from hessbench.harness.running.folder import check_writable, fresh, new_folder
from hessbench.harness.running.hosts.connect import WITHOUT, connected
from hessbench.harness.usage import UsageError
from hessbench.harness.versions import asking, releases, timing
from hessbench.harness.versions.elsewhere import Elsewhere
from hessbench.harness.versions.environments import Environment, Resolved
from hessbench.harness.versions.gathering import Wanted, gather, ready, say
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
    scheduler: str | None = None,
    within_s: float | None = None,
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
        scheduler: Of other machines, which verify.
        within_s: Seconds to wait for them at most.

    Returns:
        0, or 3 where no version could be verified.

    Raises:
        UsageError: Options do not fit each other, or no version can be had.
    """
    of_a_person = asking.check_request(asked)
    if timed:
        asking.check_request({"suites": timed})
    elif baseline is not None:
        raise UsageError("--baseline belongs to --time")
    if at_once is not None and at_once < 1:
        raise UsageError(f"--at-once {at_once} is no number of versions; write 1 or more")
    if scheduler is not None:
        _check_elsewhere(of_a_person, timed, update_expected, at_once)
    elif asked.get("hosts"):
        raise UsageError(f"--host {WITHOUT}")
    options = Options(
        tuple(timed or ()),
        baseline,
        (expected or _noted()) if update_expected else None,
        keep,
        at_once or max(1, machine.usable_cores() // CORES_EACH),
    )
    check_writable(options.expected, options.keep)
    directory = fresh(out) if out else None
    index = releases.index(find_links, pre)
    wanted = Wanted(framework, tuple(releases.versions(which)), python, index, yes)
    found = gather(wanted)
    if timed:
        timing.check_baseline([environment.version for environment, _ in found.environments], baseline)
    directory = directory or new_folder(f"versions-{framework}")
    with connected(scheduler, within_s) as machines:
        verify = Elsewhere(machines, wanted, asked) if machines else _Here(asked, directory, options)
        seen, left_out = _verify_all(found.environments, verify, options.keep)
    left_out = {**found.refused, **left_out}
    there = [environment for environment, _ in found.environments if environment.version not in left_out]
    times = timing.over_versions(there, options.timed, options.baseline, directory / "times") if options.timed else []
    return _conclude(framework, [*seen, *_kept(options.keep, framework, seen)], times, left_out, directory, as_json)


def _noted() -> Path:
    from hessbench.harness.judging import known_faults

    return known_faults.FOLDER


def _check_elsewhere(
    of_a_person: Collection[str], timed: Sequence[str] | None, update_expected: bool, at_once: int | None
) -> None:
    """Raise a `UsageError` for what other machines do not do."""
    if timed:
        raise UsageError("--time measures versions beside each other on one machine; leave out --scheduler, or --time")
    if update_expected:
        raise UsageError("--update-expected notes what is found here; with --scheduler, --keep DIR keeps it")
    if at_once is not None:
        raise UsageError("with --scheduler each machine verifies one version at a time; leave out --at-once")
    for name in of_a_person:
        raise UsageError(f"{name} is a file of this machine, and versions on others verify suites of hessbench only")


class _Here:
    """Verifies versions on this machine, several at a time where there are cores for it."""

    def __init__(self, asked: Mapping[str, Said], directory: Path, options: Options) -> None:
        self.at_once = options.at_once
        self._asked = asked
        self._directory = directory
        self._expected = options.expected
        self._making = threading.Lock()  # one download at a time, and environments that share wheels find them there

    def __call__(self, environment: Environment, resolved: Resolved | None) -> Verified:
        version = environment.version
        with self._making:
            if resolved is not None:
                say(f"{environment.backend} {version}: installing {len(resolved.sizes)} packages")
            if reason := ready(environment, resolved):
                raise asking.Failed(reason)
        say(f"{environment.backend} {version}: verifying")
        return asking.verified(environment, self._asked, self._directory / "verified" / version, self._expected)

    def stop(self) -> None:
        asking.stop()


def _verify_all(
    environments: Sequence[tuple[Environment, Resolved | None]], verify: _Here | Elsewhere, keep: Path | None
) -> tuple[list[Verified], dict[str, str]]:
    """Every version.

    Returns:
        What was found, oldest first; and why the other versions are left out.
    """
    seen: list[Verified] = []
    left_out: dict[str, str] = {}

    def one(environment: Environment, resolved: Resolved | None) -> None:
        name, reason = f"{environment.backend} {environment.version}", ""
        try:
            found = verify(environment, resolved)
            seen.append(found)
            wrong = sum(finding.outcome == "silently-wrong" for finding in found.cells.values())
            say(f"{name}: {len(found.cells)} cells, {wrong} silently wrong")
            if keep:
                verified.write(found, keep)
        except asking.Failed as error:
            reason = str(error)
        except OSError as error:
            reason = f"cannot write to {error.filename}: {error.strerror}"
        if reason:
            left_out[environment.version] = reason
            say(f"note: {name} is left out: {reason}")

    with ThreadPoolExecutor(verify.at_once) as pool:
        waiting = [pool.submit(one, *place) for place in environments]
        try:
            for done in waiting:
                done.result()
        except BaseException:  # above all a person who stops it: no further version is begun
            pool.shutdown(wait=False, cancel_futures=True)
            verify.stop()
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

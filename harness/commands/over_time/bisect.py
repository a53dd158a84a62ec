"""`hessbench bisect`: the first release in which a cell's verdict changed or its time rose."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Literal

from hessbench import backends
from hessbench.harness.commands.exit_codes import NOTHING_OK
from hessbench.harness.running.folder import fresh, new_folder
from hessbench.harness.usage import UsageError, check
from hessbench.harness.versions import asking, releases, target
from hessbench.harness.versions.bisecting import Change, Search, Step
from hessbench.harness.versions.gathering import OneByOne, Wanted, say
from hessbench.harness.versions.gathering import offered as offered_by
from hessbench.harness.versions.reproduction import script, tried
from hessbench.harness.versions.source import CannotShow
from hessbench.results.stored.files import write_atomically
from hessbench.results.stored.releases import order
from hessbench.results.versions.verified import problem_of

REPRODUCTION = "reproduction.py"
What = Literal["verdict", "time"]
"""What may have changed; both are looked at unless one is named, the verdict first."""


def bisect(
    framework: str,
    between: str,
    cell: Sequence[str],
    *,
    only: What | None = None,
    python: str | None = None,
    find_links: Sequence[str] = (),
    pre: bool = False,
    yes: bool = False,
    out: Path | None = None,
    as_json: bool = False,
) -> int:
    """The command.

    Args:
        framework: Name of a backend.
        between: GOOD..BAD.
        cell: What is looked at, in words.
        only: Look at verdicts or at times only.
        python: A Python version, or an interpreter.
        find_links: Folders with further wheels.
        pre: Whether release candidates and nightlies count.
        yes: Whether a large download may begin.
        out: Folder for the log and the script.
        as_json: Print what was found as JSON.

    Returns:
        0 where it was found, 3 where nothing has changed between the two.

    Raises:
        UsageError: The range or the cell means nothing, or an end of the range cannot be tried.
    """
    first, last = releases.ends(between)
    if not (first and last):
        raise UsageError(f"{between!r} has an open end; write GOOD..BAD, such as 0.10.2..0.12.0")
    if order(first) == order(last):
        raise UsageError(f"{between!r} is one version; write GOOD..BAD, such as 0.10.2..0.12.0")
    index = releases.index(find_links, pre)
    wanted = Wanted(framework, (first, between, last), python, index, yes)
    check("framework", [framework], backends.registry(), backends.broken())
    looked_at = target.read(" ".join(cell), framework)
    asking.check_request(looked_at.asked)
    directory = fresh(out) if out else None
    found = offered_by(wanted)
    directory = directory or new_folder(f"bisect-{framework}")
    search = Search(found, looked_at, directory, OneByOne(_most_tries(len(found)), yes), _tell)
    say(f"{framework} {found[0].version} to {found[-1].version}: {len(found)} releases")
    change = None
    try:
        if only != "time":
            change = search.by_verdict()
        if change is None and only != "verdict":
            say("the verdict is the same at both ends; comparing times" if only is None else "comparing times")
            change = search.by_time()
    except asking.Failed as error:
        if not search.steps:
            raise UsageError(f"an end of {between} cannot be tried: {error}") from None
        say(f"note: times cannot be compared: {error}")  # of a cell that is not right there are none
    return _conclude(search, change, directory, as_json)


def _most_tries(count: int) -> int:
    """Both ends, and halves of what lies between."""
    return 2 + math.ceil(math.log2(max(count - 1, 1)))


def _tell(step: Step) -> None:
    say(f"  {step.version}: {step.answer}: {step.seen}")


def _conclude(search: Search, change: Change | None, directory: Path, as_json: bool) -> int:
    """Say what was found, and leave the log and the script."""
    backend = search.releases[0].backend
    shown, prints = _reproduction(search, change) if change else ("", {})
    data = {
        "framework": backend,
        "releases": [one.version for one in search.releases],
        "steps": [asdict(step) for step in search.steps],
        "change": asdict(change) if change else None,
        "reproduction": prints,
    }
    lines = [*(f"{step.version}: {step.answer}: {step.seen}" for step in search.steps), *_said(search, change, prints)]
    files = {"bisect.json": json.dumps(data, indent=1) + "\n", "bisect.log": "\n".join(lines) + "\n"}
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, content in (files | ({REPRODUCTION: shown} if shown else {})).items():
            write_atomically(directory / name, content)
    except OSError as error:
        raise UsageError(f"cannot write to {directory}: {error.strerror}") from None
    if as_json:
        print(json.dumps(data))
    else:
        print("\n".join([*_said(search, change, prints), *(str(directory / name) for name in files)]))
        if shown:
            print(directory / REPRODUCTION)
    return 0 if change else NOTHING_OK


def _said(search: Search, change: Change | None, prints: Mapping[str, str]) -> list[str]:
    """What was found, in words."""
    backend = search.releases[0].backend
    if change is None and search.untold:
        return [f"no change was found; of {search.untold} times nobody can tell: try again on a quieter machine"]
    if change is None:
        return ["nothing has changed between the two"]
    found = change.found
    problems = ", ".join(dict.fromkeys(map(problem_of, change.cells)))
    lines = [f"{backend} {found.first_bad} is the first release in which {problems} is another"]
    if found.between:
        lines[0] += f", unless it was one of {', '.join(found.between)}, which could not be tried"
    lines += [f"  {found.last_good}: {change.before}", f"  {found.first_bad}: {change.now}"]
    return lines + [f"  the script prints in {version}: {text}" for version, text in prints.items()]


def _reproduction(search: Search, change: Change) -> tuple[str, dict[str, str]]:
    """A script without hessbench, and what it prints at the end in the two neighbors; none where it shows nothing."""
    if change.what == "time":
        return "", {}
    found = change.found
    both = [one for one in search.releases if one.version in (found.last_good, found.first_bad)]
    backend, why = both[0].backend, ""
    for cell in change.cells:
        title = f"{problem_of(cell)}: another in {backend} {found.first_bad} than in {found.last_good}."
        try:
            text = script(backend, cell, title)
        except CannotShow as error:
            why = str(error)
            continue
        prints = {one.version: tried(text, one).splitlines()[-1] for one in both}
        if len(set(prints.values())) > 1:
            return text, prints
        why = "it prints the same in both"
    say(f"note: no {REPRODUCTION}: {why}")
    return "", {}

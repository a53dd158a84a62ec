"""The options of every sub-command, and its handler as "module:function"."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn

from hessbench.harness.commands.over_time import options as over_time
from hessbench.harness.planning import words
from hessbench.harness.usage import UsageError

EPILOG = "Documentation: README.md. A first run: hessbench run quick --quick"
COMMANDS = "hessbench.harness.commands"


class _Parser(argparse.ArgumentParser):
    """Bad options end like every other bad input: one line, exit code 2."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; see {self.prog} --help")


class _Command(_Parser):
    """A sub-command: what it is asked about may stand before, between and after its options."""

    _mixing = False

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As argparse does, intermixed, which asks back here once for the options and once for the rest."""
        if self._mixing:
            return super().parse_known_args(args, namespace)
        self._mixing = True
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._mixing = False


def parser(command: str = "") -> argparse.ArgumentParser:
    """The command line.

    Args:
        command: The only sub-command whose options are wanted: the others would cost the time to import what they list.
            Empty for all.

    Returns:
        A parser that knows all sub-commands by name.
    """
    top = _Parser(
        prog="hessbench",
        description="Which framework, and which way of using it, computes your "
        "Hessian correctly and fastest, on your hardware?",
        epilog=EPILOG,
    )
    top.add_argument("--version", action="store_true", help="print the version and leave")
    top.set_defaults(handler=None, makes_request=False)
    commands = top.add_subparsers(metavar="COMMAND", parser_class=_Command)
    for name, (add, what) in SUBCOMMANDS.items():
        sub = commands.add_parser(name, help=what)
        if command in ("", name):
            add(sub)
    return top


def _add_json(command: argparse.ArgumentParser, what: str) -> None:
    command.add_argument("--json", action="store_true", dest="as_json", help=what)


def _add_list_of(command: argparse.ArgumentParser, flag: str, name: str, what: str) -> None:
    command.add_argument(f"--{flag}", type=words.names, action="extend", dest=name, metavar="A,B", help=what)


def _add_run(run: argparse.ArgumentParser) -> None:
    run.set_defaults(handler=f"{COMMANDS}.run:run", makes_request=True)
    run.add_argument(
        "suites", nargs="*", metavar="SUITE", help="suite, suite/problem, file.py or file.py:problem (default: quick)"
    )
    _add_selection(run)
    run.add_argument(
        "--rounds",
        type=words.rounds,
        metavar="K",
        help="worker launches per backend: 5, or 3..10 for at least 3 and more "
        "until times settle (default: up to 6 where the order of methods is open; with --quick 1)",
    )
    run.add_argument(
        "--quick",
        action="store_true",
        help="one round, short sampling, few sizes unless -n says otherwise",
    )
    run.add_argument(
        "--memory",
        action="store_true",
        default=None,
        help="weigh every cell afterwards, each in a worker of its own: slow",
    )
    run.add_argument(
        "--wait",
        type=words.duration,
        dest="wait_s",
        default=0.0,
        metavar="TIME",
        help="wait 90s, 10m, 2h at most until other processes leave the machine alone",
    )
    run.add_argument("--out", type=Path, metavar="DIR", help="run folder to create (default: runs/<time>-<suites>)")
    run.add_argument("--resume", type=Path, metavar="RUN", help="go on with an interrupted run: only what is missing")
    run.add_argument("--dry-run", action="store_true", help="print the plan and leave")
    _add_hosts(run, "each")
    _add_json(run, "print the records as JSON on standard output")


def _add_hosts(command: argparse.ArgumentParser, usual: str) -> None:
    _add_scheduler(command)
    told = f"whether each machine runs everything, or they share it (default: {usual})"
    command.add_argument("--hosts", dest="sharing", metavar="each|share", help=told)


def _add_scheduler(command: argparse.ArgumentParser, *, required: bool = False) -> None:
    told = "of Dask, tcp://HOST:PORT or tls://HOST:PORT, whose machines do the work; local:2 starts two workers here"
    command.add_argument("--scheduler", required=required, metavar="ADDRESS", help=told)
    told = "wait 90s, 10m, 2h at most while no machine is there (default: 60s)"
    command.add_argument("--hosts-within", type=words.duration, dest="within_s", metavar="TIME", help=told)


def _add_verify(verify: argparse.ArgumentParser) -> None:
    verify.set_defaults(handler=f"{COMMANDS}.verify:verify", makes_request=True)
    verify.add_argument(
        "suites", nargs="*", metavar="SUITE", help="suite or suite/problem (default: all that are quickly verified)"
    )
    _add_selection(verify)
    verify.add_argument(
        "--expected", type=Path, metavar="DIR", help="folder of known faults (default: the one of this package)"
    )
    verify.add_argument("--update-expected", action="store_true", help="note what is found as what is expected")
    verify.add_argument("--keep", type=Path, metavar="DIR", help="keep the findings of each version as a file there")
    verify.add_argument("--out", type=Path, metavar="DIR", help="keep the run in this folder (default: it is not kept)")
    verify.add_argument("--resume", type=Path, metavar="DIR", help="go on with a verification that was stopped")
    verify.add_argument("--markdown", action="store_true", help="print the tables as Markdown")
    _add_hosts(verify, "share")
    _add_json(verify, "print the cells as JSON")


def _add_versions(versions: argparse.ArgumentParser) -> None:
    versions.set_defaults(handler=f"{COMMANDS}.over_time.versions:versions", makes_request=True)
    over_time.add_versions(versions)
    _add_selection(versions)
    _add_scheduler(versions)
    _add_json(versions, "print everything as JSON")


def _add_bisect(bisect: argparse.ArgumentParser) -> None:
    bisect.set_defaults(handler=f"{COMMANDS}.over_time.bisect:bisect")
    over_time.add_bisect(bisect)
    _add_json(bisect, "print what was found as JSON")


def _add_compare(compare: argparse.ArgumentParser) -> None:
    compare.set_defaults(handler=f"{COMMANDS}.compare:compare", makes_request=True)
    compare.add_argument(
        "names", nargs="*", metavar="RUN", help="run folders A and B; with --live suites (default: quick)"
    )
    compare.add_argument(
        "--live", action="store_true", help="measure two interpreters in interleaved pairs of launches"
    )
    compare.add_argument("--a", metavar="PYTHON", help="with --live: the interpreter of the baseline, A")
    compare.add_argument("--b", metavar="PYTHON", help="with --live: the interpreter that is compared with it, B")
    compare.add_argument(
        "--budget",
        type=words.duration,
        dest="budget_s",
        metavar="TIME",
        help="with --live: begin no pair after 90s, 10m, 2h (default: none)",
    )
    _add_selection(compare)
    compare.add_argument("--strict", action="store_true", help="leave with code 4 where something stays inconclusive")
    compare.add_argument(
        "--allow-different-hosts",
        action="store_true",
        help="compare times of different machines, and say so everywhere",
    )
    compare.add_argument("--out", type=Path, metavar="DIR", help="folder for the comparison (default: below runs/)")
    compare.add_argument("--dry-run", action="store_true", help="with --live: print the plan and leave")
    _add_json(compare, "print the cells and verdicts as JSON")


def _add_recommend(recommend: argparse.ArgumentParser) -> None:
    recommend.set_defaults(handler=f"{COMMANDS}.recommend:recommend")
    recommend.add_argument("target", metavar="PROBLEM", help="suite/problem, or file.py:problem")
    recommend.add_argument("-n", "--size", type=int, dest="n", required=True, metavar="N", help="number of variables")
    recommend.add_argument(
        "--calls", type=int, default=1000, metavar="K", help="results that are wanted (default: 1000)"
    )
    recommend.add_argument(
        "--operator", default="hessian", metavar="NAME", help="hessian, sparse-hessian or hvp (default: hessian)"
    )
    _add_list_of(recommend, "backend", "backends", "only these backends")
    recommend.add_argument(
        "--memory-limit",
        type=words.memory_size,
        dest="memory_limit_bytes",
        metavar="SIZE",
        help="most memory of a call, such as 4GB (default: any)",
    )
    recommend.add_argument(
        "--accuracy",
        type=float,
        metavar="E",
        help="largest relative error (default: 1e-6 of differences, and of exact methods what rounding leaves)",
    )
    recommend.add_argument(
        "--timeout", type=float, dest="timeout_s", default=60.0, metavar="S", help="seconds for each phase of a cell"
    )
    recommend.add_argument("--seed", type=int, default=0, metavar="K", help="seed of data and points (default: 0)")
    _add_scheduler(recommend)
    _add_list_of(recommend, "host", "hosts", "with --scheduler: machines of the kind of the first of these")
    _add_json(recommend, "print the answer as JSON")


def _add_calibrate(calibrate: argparse.ArgumentParser) -> None:
    calibrate.set_defaults(handler=f"{COMMANDS}.calibrate:calibrate", makes_request=True)
    calibrate.add_argument("suites", nargs="*", metavar="SUITE", help="suite or suite/problem (default: quick)")
    _add_selection(calibrate)
    calibrate.add_argument(
        "--repetitions", type=int, default=10, metavar="K", help="comparisons with itself (default: 10)"
    )
    calibrate.add_argument(
        "--cells", type=int, dest="most_cells", metavar="K", help="only so many cells, small ones first (default: all)"
    )
    calibrate.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="folder for calibration.html, .csv and .json (default: runs/<time>-calibration)",
    )
    _add_json(calibrate, "print the figures as JSON")


def _add_report(report: argparse.ArgumentParser) -> None:
    report.set_defaults(handler=f"{COMMANDS}.report:report")
    report.add_argument(
        "directory", nargs="?", type=Path, metavar="run", help="run folder (default: the newest below runs/)"
    )
    report.add_argument(
        "--format",
        type=words.names,
        action="extend",
        dest="formats",
        metavar="A,B",
        help="files to write: csv, wide, parquet, markdown, latex, pytest-benchmark, github-action, html, or all "
        "(default: csv, html)",
    )
    report.add_argument("--out", type=Path, metavar="DIR", help="folder for the files (default: the run's own)")
    report.add_argument("--figures", type=Path, metavar="DIR", help="write every chart as a file into this folder")
    report.add_argument(
        "--formats",
        type=words.names,
        action="extend",
        dest="figure_formats",
        metavar="A,B",
        help="of the figures: svg, png (default: svg)",
    )
    _add_json(report, "print the records as JSON")
    report.add_argument(
        "--budget",
        type=words.budget,
        metavar="TIME|SIZE",
        help="print the largest n that fits 10ms, 2s or 4GB per call",
    )


def _add_selection(run: argparse.ArgumentParser) -> None:
    from hessbench.harness.planning import grid  # some hundredths of a second, which `--help` does not need

    for flag, name, what in grid.options():
        _add_list_of(run, flag, name, what)
    run.add_argument(
        "-n",
        "--size",
        type=words.sizes,
        action="extend",
        dest="sizes",
        metavar="N,M",
        help="sizes; ..50, 10.., 10..50, smallest and quick choose among each problem's own (default: all of those)",
    )
    run.add_argument(
        "--batch",
        type=words.numbers,
        action="extend",
        dest="batches",
        metavar="K,L",
        help="vectors of multi-hvp, points of batched-hessian and laplacian (default: 16)",
    )
    run.add_argument("--seed", type=int, metavar="K", help="seed of data, points and order (default: 0)")
    run.add_argument(
        "--timeout", type=float, dest="timeout_s", metavar="S", help="seconds for each phase of a cell (default: 60)"
    )
    run.add_argument(
        "--memory-limit",
        type=words.memory_size,
        dest="memory_limit_bytes",
        metavar="SIZE",
        help="resident memory of a worker and of what it starts, such as 4GB (default: 90 %% of all)",
    )


def _add_listing(listing: argparse.ArgumentParser) -> None:
    listing.set_defaults(handler=f"{COMMANDS}.listing:show")
    listing.add_argument(
        "what", metavar="WHAT", help="suites, problems, backends, methods, devices, columns or vocabulary"
    )
    _add_list_of(listing, "suite", "suites", "only of these suites")
    _add_list_of(listing, "tag", "tags", "only problems with these tags")
    _add_list_of(listing, "backend", "backends", "only of these backends")
    _add_list_of(listing, "operator", "operators", "only methods for these")
    listing.add_argument(
        "--markdown", action="store_true", help="methods, problems, columns or the vocabulary as a page"
    )
    listing.add_argument("--verbose", action="store_true", help="all that is known of each, in blocks")
    _add_json(listing, "print as JSON")


def _add_doctor(doctor: argparse.ArgumentParser) -> None:
    doctor.set_defaults(handler=f"{COMMANDS}.doctor:examine")
    _add_list_of(doctor, "backend", "backends", "look at these frameworks only (default: all)")
    _add_json(doctor, "print as JSON")


def _add_hosts_command(hosts: argparse.ArgumentParser) -> None:
    hosts.set_defaults(handler=f"{COMMANDS}.doctor:hosts")
    _add_scheduler(hosts, required=True)
    _add_list_of(hosts, "backend", "backends", "look at these frameworks only (default: all)")
    _add_json(hosts, "print as JSON")


SUBCOMMANDS: Mapping[str, tuple[Callable[[argparse.ArgumentParser], None], str]] = MappingProxyType(
    {
        "run": (_add_run, "check and time methods on suites of problems"),
        "verify": (_add_verify, "check only: what is right, what is wrong and how, what has changed"),
        "list": (_add_listing, "what there is: suites, problems, backends, methods, devices, columns"),
        "compare": (_add_compare, "two stored runs, or two interpreters live: what is slower, what fails"),
        "versions": (_add_versions, "a framework over its versions: since when is it wrong, or slower"),
        "bisect": (_add_bisect, "the first release in which a cell's verdict changed, or its time rose"),
        "recommend": (_add_recommend, "which method to use for a function, and the code to paste"),
        "calibrate": (_add_calibrate, "this machine against itself: false alarms, changes missed"),
        "report": (_add_report, "write results.csv and report.html of a run, and show it"),
        "hosts": (_add_hosts_command, "the machines of a scheduler: what each is, what it can run, how quiet it is"),
        "doctor": (_add_doctor, "what is installed, which devices are seen, what will not work and why"),
    }
)
"""Sub-commands in the order of the help: who adds the options, and what the command is for."""


def said_of_request() -> tuple[str, ...]:
    """What is said of a `Request`; a command that makes one gets these together, as `asked`."""
    from hessbench.harness.planning import grid

    names = [name for _, name, _ in grid.options()]
    return (
        *names,
        "suites",
        "sizes",
        "batches",
        "rounds",
        "memory",
        "seed",
        "timeout_s",
        "memory_limit_bytes",
        "sharing",
    )

"""The command line: it parses and hands over, nothing else. Heavy imports wait until a command needs them."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from hessbench.harness.usage import UsageError

EPILOG = "Documentation: README.md. A first run: hessbench run quick --quick"


class _Parser(argparse.ArgumentParser):
    """Bad options end like every other bad input: one line, exit code 2."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; see {self.prog} --help")


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = _Parser(
        prog="hessbench",
        description="Which framework, and which way of using it, computes your "
        "Hessian correctly and fastest, on your hardware?",
        epilog=EPILOG,
    )
    top.add_argument("--version", action="store_true", help="print the version and leave")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    _add_run(commands.add_parser("run", help="check and time methods on suites of problems"))
    _add_verify(
        commands.add_parser("verify", help="check only: what is right, what is wrong and how, what has changed")
    )
    _add_list(commands.add_parser("list", help="what there is: suites, problems, backends, methods, devices"))
    _add_compare(
        commands.add_parser("compare", help="two stored runs, or two interpreters live: what is slower, what fails")
    )
    _add_recommend(commands.add_parser("recommend", help="which method to use for a function, and the code to paste"))
    _add_calibrate(commands.add_parser("calibrate", help="this machine against itself: false alarms, changes missed"))
    _add_report(commands.add_parser("report", help="write results.csv and report.html of a run, and show it"))
    doctor = commands.add_parser("doctor", help="what is installed, which devices are seen, what will not work and why")
    doctor.add_argument("--json", action="store_true", help="print as JSON")
    return top


def _names(text: str) -> list[str]:
    return [part for part in text.split(",") if part]


def _sizes(text: str) -> list[int | str]:
    """Numbers; words such as "..50" and "smallest" stay as they are."""
    return [int(part) if re.fullmatch(r"-?\d+", part) else part for part in _names(text)]


def _numbers(text: str) -> list[int]:
    try:
        return [int(part) for part in _names(text)]
    except ValueError:
        raise UsageError(f"size {text!r} is not a whole number; write for example -n 10,100") from None


def _add_run(run: argparse.ArgumentParser) -> None:
    run.add_argument(
        "suites", nargs="*", metavar="SUITE", help="suite, suite/problem, file.py or file.py:problem (default: quick)"
    )
    _add_selection(run)
    run.add_argument(
        "--rounds",
        metavar="K",
        help="worker launches per backend: 5, or 3..10 for at least 3 and more "
        "until times settle (default: 3..6; with --quick 1)",
    )
    run.add_argument(
        "--quick",
        action="store_true",
        default=None,
        help="one round, short sampling, few sizes unless -n says otherwise",
    )
    run.add_argument(
        "--memory",
        action="store_true",
        default=None,
        help="weigh every cell afterwards, each in a worker of its own: slow",
    )
    run.add_argument("--out", metavar="DIR", help="run folder to create (default: runs/<time>-<suites>)")
    run.add_argument("--resume", metavar="RUN", help="go on with an interrupted run: only what is missing")
    run.add_argument("--dry-run", action="store_true", help="print the plan and leave")
    run.add_argument("--json", action="store_true", help="print the records as JSON on standard output")


def _add_verify(verify: argparse.ArgumentParser) -> None:
    verify.add_argument("suites", nargs="*", metavar="SUITE", help="suite or suite/problem (default: all but scaling)")
    _add_selection(verify)
    verify.add_argument("--expected", metavar="DIR", help="folder of known faults (default: the one of this package)")
    verify.add_argument("--update-expected", action="store_true", help="note what is found as what is expected")
    verify.add_argument("--out", metavar="DIR", help="keep the run in this folder (default: it is not kept)")
    verify.add_argument("--markdown", action="store_true", help="print the tables as Markdown")
    verify.add_argument("--json", action="store_true", help="print the cells as JSON")


def _add_compare(compare: argparse.ArgumentParser) -> None:
    compare.add_argument(
        "names", nargs="*", metavar="RUN", help="run folders A and B; with --live suites (default: quick)"
    )
    compare.add_argument(
        "--live", action="store_true", help="measure two interpreters in interleaved pairs of launches"
    )
    compare.add_argument("--a", metavar="PYTHON", help="with --live: the interpreter of the baseline, A")
    compare.add_argument("--b", metavar="PYTHON", help="with --live: the interpreter that is compared with it, B")
    compare.add_argument(
        "--budget", metavar="TIME", help="with --live: begin no pair after 90s, 10m, 2h (default: none)"
    )
    _add_selection(compare)
    compare.add_argument("--strict", action="store_true", help="leave with code 4 where something stays inconclusive")
    compare.add_argument(
        "--allow-different-hosts",
        action="store_true",
        help="compare times of different machines, and say so everywhere",
    )
    compare.add_argument("--out", metavar="DIR", help="folder for the comparison (default: below runs/)")
    compare.add_argument("--dry-run", action="store_true", help="with --live: print the plan and leave")
    compare.add_argument("--json", action="store_true", help="print the cells and verdicts as JSON")


def _add_recommend(recommend: argparse.ArgumentParser) -> None:
    recommend.add_argument("target", metavar="PROBLEM", help="suite/problem, or file.py:problem")
    recommend.add_argument("-n", "--size", type=int, required=True, metavar="N", help="number of variables")
    recommend.add_argument(
        "--calls", type=int, default=1000, metavar="K", help="results that are wanted (default: 1000)"
    )
    recommend.add_argument("--operator", default="hessian", metavar="NAME", help="hessian or hvp (default: hessian)")
    recommend.add_argument("--backend", type=_names, action="extend", metavar="A,B", help="only these backends")
    recommend.add_argument("--memory-limit", metavar="SIZE", help="most memory of a call, such as 4GB (default: any)")
    recommend.add_argument("--timeout", type=float, default=60.0, metavar="S", help="seconds for each phase of a cell")
    recommend.add_argument("--seed", type=int, default=0, metavar="K", help="seed of data and points (default: 0)")
    recommend.add_argument("--json", action="store_true", help="print the answer as JSON")


def _add_calibrate(calibrate: argparse.ArgumentParser) -> None:
    calibrate.add_argument("suites", nargs="*", metavar="SUITE", help="suite or suite/problem (default: quick)")
    _add_selection(calibrate)
    calibrate.add_argument(
        "--repetitions", type=int, default=10, metavar="K", help="comparisons with itself (default: 10)"
    )
    calibrate.add_argument("--cells", type=int, metavar="K", help="only so many cells, small ones first (default: all)")
    calibrate.add_argument(
        "--out", metavar="DIR", help="folder for calibration.html, .csv and .json (default: runs/<time>-calibration)"
    )
    calibrate.add_argument("--json", action="store_true", help="print the figures as JSON")


def _add_report(report: argparse.ArgumentParser) -> None:
    report.add_argument("run", nargs="?", help="run folder (default: the newest below runs/)")
    report.add_argument(
        "--format",
        type=_names,
        action="extend",
        metavar="A,B",
        help="files to write: csv, wide, parquet, markdown, latex, pytest-benchmark, github-action, html, or all "
        "(default: csv, html)",
    )
    report.add_argument("--figures", metavar="DIR", help="write every chart as a file into this folder")
    report.add_argument(
        "--formats", type=_names, action="extend", metavar="A,B", help="of the figures: svg, png (default: svg)"
    )
    report.add_argument("--json", action="store_true", help="print the records as JSON")
    report.add_argument("--budget", metavar="TIME|SIZE", help="print the largest n that fits 10ms, 2s or 4GB per call")


def _add_selection(run: argparse.ArgumentParser) -> None:
    for flag, what in (
        ("--tag", "only problems with one of these tags (default: all)"),
        ("--backend", "backends or all (default: all but autograd and casadi)"),
        ("--method", "methods: default, modes, all, names or globs (default: default)"),
        ("--operator", "operators or all; their yardsticks come along (default: hessian, hvp)"),
        ("--mode", "only methods of these modes, such as forward-over-reverse"),
        ("--execution", "only methods of these executions: eager, graph, jit, xla, inductor"),
        ("--chunk", "rows at a time of chunked methods: numbers or all (default: 16)"),
        ("--dtype", "float64, float32 (default: float64)"),
        ("--device", "cpu, gpu, gpu:1, or all that each framework sees (default: cpu)"),
        ("--precision", "highest, tf32: of float32 products on a GPU (default: highest)"),
        ("--text", "portable, native: the objective over xp, or in a framework's own functions (default: both)"),
    ):
        run.add_argument(flag, type=_names, action="extend", metavar="A,B", help=what)
    run.add_argument(
        "-n",
        "--size",
        type=_sizes,
        action="extend",
        metavar="N,M",
        help="sizes; ..50, 10.., 10..50, smallest and quick choose among each problem's own (default: all of those)",
    )
    run.add_argument(
        "--batch",
        type=_numbers,
        action="extend",
        metavar="K,L",
        help="vectors of multi-hvp, points of batched-hessian and laplacian (default: 16)",
    )
    run.add_argument("--seed", type=int, metavar="K", help="seed of data, points and order (default: 0)")
    run.add_argument("--timeout", type=float, metavar="S", help="seconds for each phase of a cell (default: 60)")
    run.add_argument(
        "--memory-limit", metavar="SIZE", help="resident memory of a worker, such as 4GB (default: 90 %% of all)"
    )


def _add_list(listing: argparse.ArgumentParser) -> None:
    listing.add_argument("what", metavar="WHAT", help="suites, problems, backends, methods or devices")
    listing.add_argument("--suite", type=_names, action="extend", metavar="A,B", help="only of these suites")
    listing.add_argument("--tag", type=_names, action="extend", metavar="A,B", help="only problems with these tags")
    listing.add_argument("--backend", type=_names, action="extend", metavar="A,B", help="only of these backends")
    listing.add_argument("--operator", type=_names, action="extend", metavar="A,B", help="only methods for these")
    listing.add_argument("--markdown", action="store_true", help="the catalogue of methods as a page")
    listing.add_argument("--verbose", action="store_true", help="all that is known of each, in blocks")
    listing.add_argument("--json", action="store_true", help="print as JSON")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        0 done; 1 the run or its report could not be written, `verify` or `compare` found a change; 2 bad input;
            3 no cell was ok, nothing could be compared; 4 `compare --strict` was left undecided; 130 stopped by Ctrl-C.
    """
    try:
        options = parser().parse_args(arguments)
        return _dispatch(options)
    except UsageError as error:
        print(f"hessbench: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("hessbench: stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:  # `hessbench list methods | head`
        sys.stderr.close()
        return 0


def _dispatch(options: Any) -> int:
    if options.version:
        from importlib.metadata import version

        print(version("hessbench"))
        return 0
    if options.command == "run":
        from hessbench.harness.commands.run import run

        return run(options)
    if options.command == "verify":
        from hessbench.harness.commands.verify import verify

        return verify(options)
    if options.command == "compare":
        from hessbench.harness.commands.compare import compare

        return compare(options)
    if options.command == "recommend":
        from hessbench.harness.commands.recommend import recommend

        return recommend(options)
    if options.command == "calibrate":
        from hessbench.harness.commands.calibrate import calibrate

        return calibrate(options)
    if options.command == "list":
        from hessbench.harness.commands.listing import show

        return show(options)
    if options.command == "report":
        from hessbench.harness.commands.report import report

        return report(options)
    if options.command == "doctor":
        from hessbench.harness.commands.doctor import examine

        return examine(options)
    parser().print_help()
    return 0

"""What a run can be written as: an explicit registry. A format is a function from the run to a file's content."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hessbench.results.stored.run import StoredRun


@dataclass(frozen=True, slots=True)
class Format:
    """One form of a run.

    Attributes:
        file: Name of its file in the run folder.
        says: What it is and whom it is for.
        maker: "module:function", imported when it is asked for, so that no format costs another one's packages.
        extra: The extra of hessbench that it needs, or empty.
    """

    file: str
    says: str
    maker: str
    extra: str = ""

    def make(self, run: StoredRun) -> str | bytes:
        """Make the file; without the packages of `extra` this is an ImportError.

        Args:
            run: The run, finished or not.

        Returns:
            The file's content.
        """
        module, _, name = self.maker.partition(":")
        function: Callable[[StoredRun], str | bytes] = getattr(import_module(module), name)
        return function(run)


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "csv": Format(
            "results.csv", "one row per cell and round, every column", "hessbench.results.exports.tables:tidy_csv"
        ),
        "wide": Format(
            "results_wide.csv",
            "one row per problem, size and operator; a time and an outcome per method",
            "hessbench.results.exports.tables:wide_csv",
        ),
        "points": Format(
            "points.parquet",
            "one row per problem, point and method: what the audit of functions found where",
            "hessbench.results.tables.points:parquet",
            "parquet",
        ),
        "parquet": Format(
            "results.parquet",
            "the rows of results.csv with types, units and meanings",
            "hessbench.results.exports.tables:parquet",
            "parquet",
        ),
        "markdown": Format(
            "summary.md", "the answer for a pull request or a CI summary", "hessbench.results.exports.markdown:markdown"
        ),
        "latex": Format("results.tex", "a booktabs table per operator", "hessbench.results.exports.latex:latex"),
        "pytest-benchmark": Format(
            "pytest-benchmark.json",
            "for pytest-benchmark compare and github-action-benchmark",
            "hessbench.results.exports.benchmarks:pytest_benchmark",
        ),
        "github-action": Format(
            "github-action.json",
            "customSmallerIsBetter of github-action-benchmark",
            "hessbench.results.exports.benchmarks:github_action",
        ),
        "html": Format("report.html", "the page", "hessbench.results.page.report:render", "report"),
    }
)

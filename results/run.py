"""A stored run as users hold it: what `hb.load` returns."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from hessbench.results.stored import store
from hessbench.results.stored.files import write_atomically
from hessbench.results.stored.run import StoredRun

if TYPE_CHECKING:
    import pandas as pd


class Run(StoredRun):
    """A run folder, with everything that can be asked of it and made of it.

    Attributes:
        directory: The run folder.
        manifest: Configuration, plan, environment.
    """

    def __repr__(self) -> str:
        from hessbench.results.page.notebook import run_text

        return run_text(self)

    def _repr_html_(self) -> str:
        from hessbench.results.page.notebook import run_html

        return run_html(self)

    def best(self, operator: str = "hessian", n: int | None = None, problem: str | None = None) -> pd.Series[Any]:
        """The row of `summary` with the least time among the correct ones.

        Args:
            operator: What was computed.
            n: Number of variables; None: the largest that was run.
            problem: Its name; None: the only one, else the method that is fastest on most (the first of its rows).

        Returns:
            The row, with backend, method and times.

        Raises:
            KeyError: Nothing correct was measured there.
        """
        from hessbench.results.tables.ranking import winners  # pandas: a run that is only written needs none

        table = self.summary[self.summary["operator"] == operator]
        table = table[table["problem"] == problem] if problem else table
        found = winners(table)
        found = found[found["n"] == (found["n"].max() if n is None else n)]
        if not len(found):
            at = "" if n is None else f" at n = {n}"
            raise KeyError(f"no correct {operator}{f' of {problem}' if problem else ''}{at} was measured in this run")
        ways = found["backend"] + " " + found["method"]
        return found[ways == ways.mode()[0]].iloc[0]

    def export(self, name: str, directory: str | Path | None = None) -> Path:
        """Write the run in another form; some need packages that an ImportError names.

        Args:
            name: One of `results.exports.FORMATS`: csv, wide, parquet, markdown, latex, ... Another is a KeyError.
            directory: Where; made if it is not there (default: the run folder).

        Returns:
            The file's path.
        """
        from hessbench.results.exports import FORMATS

        form = FORMATS[name]
        folder = Path(directory or self.directory)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / form.file
        write_atomically(path, form.make(self))
        return path

    def report(self) -> Path:
        """Write report.html into the run folder and return its path; needs the packages of `hessbench[report]`."""
        return self.export("html")

    def csv(self) -> Path:
        """Write results.csv into the run folder and return its path."""
        return self.export("csv")

    def figures(self, directory: str | Path, formats: tuple[str, ...] = ("svg",)) -> list[Path]:
        """Write every chart as a file; needs the packages of `hessbench[report]`.

        Args:
            directory: Where; made if it is not there.
            formats: svg, png.

        Returns:
            The files' paths.
        """
        from hessbench.results.charts.figures import figures

        return figures(self, Path(directory), formats)


def load(directory: str | Path) -> Run:
    """Read a run folder, finished or not.

    Args:
        directory: The folder that `hessbench run` wrote.

    Returns:
        The run.

    Raises:
        NotARun: It is no run folder, or cannot be read; the message says why, in one line.
    """
    if not isinstance(directory, str | Path):
        raise store.NotARun(f"{directory!r:.60} is no run folder; give the path that `hessbench run` has written")
    folder = Path(directory)
    manifest = store.read_manifest(folder)
    return Run(folder, manifest)

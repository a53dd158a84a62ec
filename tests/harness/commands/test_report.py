"""`hessbench report`: the answer is printed whatever becomes of the files."""

import errno
import os
from pathlib import Path

import pytest

from hessbench.harness.commands.report import report
from hessbench.harness.usage import UsageError
from hessbench.results import run as run_module

STORED = Path(__file__).parents[2] / "results" / "fixtures" / "run_schema_1"


@pytest.fixture
def read_only(monkeypatch):
    """No file can be written into the stored run; the tests may run as root, who may write everywhere."""
    write = run_module.write_atomically

    def refuse(path, content):
        if STORED in path.parents:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
        write(path, content)

    monkeypatch.setattr(run_module, "write_atomically", refuse)


def test_a_read_only_run_has_its_answer_and_one_line(read_only, capsys):
    assert report(STORED, formats=["csv"]) == 1
    shown = capsys.readouterr()
    assert "is the fastest correct framework" in shown.out
    (line,) = shown.err.splitlines()
    assert line == (
        f"hessbench: cannot write to {STORED / 'results.csv'}: Read-only file system; "
        "choose a folder for the files: --out DIR"
    )


def test_the_files_of_a_read_only_run_go_elsewhere(read_only, capsys, tmp_path):
    assert report(STORED, formats=["csv"], out=tmp_path / "new" / "folder") == 0
    assert (tmp_path / "new" / "folder" / "results.csv").stat().st_size > 1000
    assert str(tmp_path / "new" / "folder" / "results.csv") in capsys.readouterr().out


def raising(monkeypatch, error):
    """Every form raises while it is made."""

    def export(self, name, directory=None):
        raise error

    monkeypatch.setattr(run_module.Run, "export", export)


MISSING = ModuleNotFoundError("No module named 'vl_convert'", name="vl_convert")
UNLOADED = ImportError("vl_convert.abi3.so: failed to map segment from shared object", name="vl_convert")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (MISSING, "html needs vl_convert, which is missing: pip install 'hessbench[report]'"),
        (
            UNLOADED,
            "html needs vl_convert, which is installed and cannot be loaded "
            "(ImportError: vl_convert.abi3.so: failed to map segment from shared object); is memory short?",
        ),
    ],
    ids=["missing", "memory"],
)
def test_a_package_that_cannot_be_loaded_is_not_called_missing(monkeypatch, error, said):
    raising(monkeypatch, error)
    with pytest.raises(UsageError) as raised:
        report(STORED, formats=["html"])
    assert str(raised.value) == said


def test_where_memory_runs_out_the_answer_is_printed(monkeypatch, capsys):
    raising(monkeypatch, MemoryError())
    assert report(STORED, formats=["html"]) == 1
    shown = capsys.readouterr()
    assert "is the fastest correct framework" in shown.out
    assert shown.err.splitlines()[-1].startswith("hessbench: memory ran out while the files were made")

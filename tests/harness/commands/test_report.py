"""`hessbench report`: the answer is printed whatever becomes of the files."""

import errno
import os
from pathlib import Path

import pytest

from hessbench.harness.commands.report import report
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

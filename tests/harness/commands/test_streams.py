"""Standard output may be a closed pipe, a full disk, nothing at all, or of another encoding: never a traceback."""

import os
import subprocess
from pathlib import Path

import pytest

STORED = Path(__file__).parents[2] / "results" / "fixtures" / "run_schema_1"
COMMANDS = {
    "plain": ("run", "tutorial", "--backend", "numpy", "--dry-run"),
    "rich": ("list", "backends"),
    "help": ("--help",),
}


def run(hessbench, arguments, redirection="", **variables):
    """The command in a shell, which can close streams."""
    command = 'exec "$@" ' + redirection
    options = {**hessbench.options, "env": {**hessbench.options["env"], **variables}}
    shell = ["bash", "-c", command, "bash", *hessbench.command(*arguments)]
    return subprocess.run(shell, capture_output=True, timeout=120, **options)


@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
@pytest.mark.parametrize("buffered", ["", "1"])
def test_a_full_disk_is_one_line(hessbench, arguments, buffered):
    done = run(hessbench, arguments, ">/dev/full", PYTHONUNBUFFERED=buffered)
    assert done.returncode == 1
    assert done.stderr.decode().splitlines()[-1] == (
        "hessbench: cannot write to standard output: No space left on device"
    )
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr


@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
def test_a_reader_that_has_left_is_no_failure(hessbench, arguments):
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        hessbench.command(*arguments), stdout=writing, stderr=subprocess.PIPE, timeout=120, **hessbench.options
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
@pytest.mark.parametrize("redirection", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_no_failure(hessbench, arguments, redirection):
    done = run(hessbench, arguments, redirection)
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr + done.stdout


def test_the_package_is_the_command(hessbench):
    """Who has no script on the path writes `python -m hessbench`."""
    command = [part.replace("hessbench.harness", "hessbench") for part in hessbench.command("run", "quik")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, **hessbench.options)
    assert (done.returncode, done.stderr) == (2, "hessbench: unknown suite 'quik'; did you mean quick?\n")


def test_a_run_goes_on_where_nobody_reads_its_progress(hessbench, tmp_path):
    arguments = ("run", "tutorial", "--backend", "numpy", "--operator", "gradient", "--quick", "--out", "r")
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        hessbench.command(*arguments), stdout=subprocess.PIPE, stderr=writing, timeout=200, **hessbench.options
    )
    os.close(writing)
    assert done.returncode == 0
    assert b"correctness" in done.stdout
    assert (tmp_path / "r" / "results.csv").is_file()


def test_a_message_that_nobody_can_read_keeps_its_exit_code(hessbench):
    for redirection in ("2>/dev/full", "2>&-"):
        done = run(hessbench, ("run", "quik"), redirection)
        assert (done.returncode, done.stdout) == (2, b"")


LOCALES = {
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "latin-1": {"PYTHONIOENCODING": "latin-1"},
    "C": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
}


@pytest.mark.parametrize("variables", LOCALES.values(), ids=LOCALES)
def test_what_an_encoding_lacks_is_written_with_what_it_has(hessbench, variables):
    done = run(hessbench, ("report", STORED, "--format", "csv", "--out", "."), **variables)
    assert done.returncode == 0, done.stderr
    shown = done.stdout.decode("latin-1" if variables.get("PYTHONIOENCODING") == "latin-1" else "ascii")
    assert "(* fastest)" in shown
    rows = [line for line in shown.splitlines() if line.startswith(("|", "+"))]
    assert rows
    assert len({len(row) for row in rows if row.startswith("|")}) <= 2, "the tables are in line"


def test_what_has_no_near_sign_is_escaped(hessbench):
    done = run(hessbench, ("report", "läufe"), PYTHONIOENCODING="ascii")
    assert done.returncode == 2
    assert rb"l\xe4ufe is not a run folder" in done.stderr

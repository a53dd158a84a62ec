"""The command line as a user meets it: a process of its own, with the faulty backends registered by entry point."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from hessbench import backends, suites

CACHES = (backends.registry, backends.broken, backends.load, suites.registry, suites.broken, suites.load)
FAULTS = Path(__file__).parents[1] / "faults"
PATH = os.pathsep.join(filter(None, (str(FAULTS), os.environ.get("PYTHONPATH"))))
ENVIRONMENT = {"PYTHONPATH": PATH, "COLUMNS": "200"}


HEED_CTRL_C = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
"""A shell starts background jobs deaf to Ctrl-C, and their children inherit that. (No preexec_fn: with JAX loaded in
this process, a fork in Python is not safe.)"""


class CommandLine:
    """Runs `hessbench` in a folder."""

    def __init__(self, folder):
        self.folder = folder

    def __call__(self, *arguments, timeout=280, report=False):
        """On a calm machine (`tests/faults/calm_machine.py`); `report` asks for a run's report too."""
        command = self.command(*arguments) if report else self.calmly(*arguments)
        return subprocess.run(command, capture_output=True, text=True, timeout=timeout, **self.options)

    def start(self, *arguments):
        """Without waiting, for tests that interrupt it."""
        command = [sys.executable, "-c", HEED_CTRL_C, *self.calmly(*arguments)[1:]]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **self.options)

    def command(self, *arguments):
        return [sys.executable, "-P", "-m", "hessbench.harness", *map(str, arguments)]

    def calmly(self, *arguments):
        return [sys.executable, "-P", "-m", "calm_machine", *map(str, arguments)]

    @property
    def options(self):
        return {"cwd": self.folder, "env": os.environ | ENVIRONMENT}


@pytest.fixture
def hessbench(tmp_path):
    return CommandLine(tmp_path)


@pytest.fixture(scope="module")
def command_line(tmp_path_factory):
    """The same for fixtures that live longer than a test."""
    return CommandLine(tmp_path_factory.mktemp("cwd"))


@pytest.fixture
def faults(monkeypatch):
    """The faulty backends, importable and registered in this process."""
    monkeypatch.syspath_prepend(str(FAULTS))
    for cached in CACHES:
        cached.cache_clear()
    yield
    for cached in CACHES:
        cached.cache_clear()


@pytest.fixture
def refused(faults, tmp_path, monkeypatch, capsys):
    """Runs a command within this process, for bad input: an exit code and a line need no interpreter of their own."""
    from hessbench.harness.commands.cli import main

    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        code = main([*map(str, arguments)])
        shown = capsys.readouterr()
        return SimpleNamespace(returncode=code, stdout=shown.out, stderr=shown.err)

    return call

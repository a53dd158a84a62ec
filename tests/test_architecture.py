"""The house rules that a machine can check: who imports whom, and what the parent process never loads."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hessbench.backends.contract.method import EXECUTIONS, OPERATORS
from hessbench.results.stored.record import columns

ROOT = Path(__file__).parents[1]
FRAMEWORKS = {"jax", "torch", "tensorflow", "keras"}
DASK = {"dask", "distributed"}


def modules_after(code):
    """The packages that are loaded then."""
    return {name.partition(".")[0] for name in loaded_after(code)}


def loaded_after(code):
    done = subprocess.run(
        [sys.executable, "-P", "-c", f"{code}\nimport sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.splitlines()[-1].split())


def test_import_rules_hold():
    linter = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
    assert linter, "import-linter is part of hessbench[dev]"
    done = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "code",
    [
        "import hessbench",
        "from hessbench.harness.planning.plan import plan\nfrom hessbench.harness.planning.grid import Selection\n"
        "plan(Selection(methods=('all',)))",
        "from hessbench.harness.commands.cli import main; main(['run', 'quick', '--dry-run'])",
        "from hessbench.harness.commands.cli import main; main(['list', 'methods', '--json'])",
        "from hessbench.harness.commands.cli import main; main(['doctor', '--backend', 'numpy,jax', '--json'])",
    ],
)
def test_the_parent_imports_no_framework(code):
    assert not modules_after(code) & (FRAMEWORKS | DASK)


def test_running_and_reporting_import_no_framework(tmp_path):
    run = ["run", "tutorial", "--backend", "numpy", "--quick", "--out", str(tmp_path / "r")]
    loaded = modules_after(f"from hessbench.harness.commands.cli import main; main({run})")
    assert not loaded & (FRAMEWORKS | DASK | {"pandas", "altair"})
    code = f"import hessbench as hb; hb.load({str(tmp_path / 'r')!r}).report()"
    assert not modules_after(code) & FRAMEWORKS


def test_the_audit_is_read_where_it_is_named():
    """Its thousands of calls took every process a third of a second."""
    looked = "from hessbench import suites; suites.registry(); suites.load('tutorial')"
    assert "hessbench.suites.functions" not in loaded_after(looked)
    assert "hessbench.suites.functions" in loaded_after("from hessbench import suites; suites.load('functions')")


def test_help_loads_next_to_nothing():
    assert not modules_after("from hessbench.harness.commands.cli import parser; parser().format_help()") & {
        "numpy",
        "pandas",
        "rich",
    }


def test_a_worker_needs_neither_pandas_nor_rich():
    assert not modules_after("import hessbench.harness.worker.session") & (
        {"pandas", "rich", "altair", "jinja2"} | FRAMEWORKS | DASK
    )


def test_frameworks_are_named_in_backends_only():
    """import-linter cannot see `Lazy("jax")`, which hides the import from static analysis."""
    for room in ("harness", "suites", "results"):
        for path in (ROOT / room).rglob("*.py"):
            assert "Lazy(" not in path.read_text(), path


def test_the_record_explains_every_column():
    for column in columns():
        assert column.metadata["meaning"]
        if column.name.endswith("_s"):
            assert column.metadata["unit"] == "s"
        if column.name.endswith("_bytes"):
            assert column.metadata["unit"] == "B"


def test_the_record_names_every_operator_and_execution():
    meanings = {column.name: column.metadata["meaning"] for column in columns()}
    assert all(name in meanings["operator"] for name in OPERATORS)
    assert all(name in meanings["execution"] for name in EXECUTIONS)


def test_the_changelog_and_citation_know_the_version():
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)[1]
    assert f"version: {version}" in (ROOT / "CITATION.cff").read_text()

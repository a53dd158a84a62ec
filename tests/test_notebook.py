"""The notebook in the manual, executed by a kernel of its own as a person's is."""

import os
from pathlib import Path

import pytest

from hessbench import backends

NOTEBOOK = Path(__file__).parents[1] / "docs" / "notebook.ipynb"
FAULTS = Path(__file__).parent / "faults"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.worker,
    pytest.mark.filterwarnings("ignore"),  # Jupyter's own
    pytest.mark.skipif(bool(backends.missing("jax")), reason="JAX is not installed"),
]


def shown(cell, kind):
    """What a cell shows in a form, as one text."""
    return "".join(output.get("data", {}).get(kind, "") for output in cell.outputs)


def test_the_notebook_runs_and_shows_what_it_says(tmp_path, monkeypatch):
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    # Beside a neighbor a run may have no time that counts, and then it shows none.
    monkeypatch.setenv("PYTHONPATH", str(FAULTS), prepend=os.pathsep)
    notebook.cells.insert(0, nbformat.v4.new_code_cell("import calm_machine; calm_machine.settle()"))
    nbclient.NotebookClient(
        notebook, timeout=240, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    _, hessian, checked, own, run, table, picture = cells
    assert shown(hessian, "text/plain").startswith("array(")
    for judged in (checked, own):
        text = shown(judged, "text/plain")
        assert " ok " in text
        assert not {"wrong", "error", "unverifiable"} & set(text.split())
    assert "fastest correct" in shown(run, "text/html")
    assert "hyper-dual-eager" in shown(table, "text/plain")
    assert "<svg" in shown(picture, "image/svg+xml")
    assert (tmp_path / "my_run" / "manifest.json").exists()

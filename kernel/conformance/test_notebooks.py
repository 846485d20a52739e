"""nbclient runs every notebook in examples/ from its first cell to its last."""

import pathlib
import time

import nbformat
import pytest
from nbclient import NotebookClient

pytestmark = pytest.mark.fanout

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "examples"
NOTEBOOKS = sorted(EXAMPLES.glob("*.ipynb"))


def test_there_are_notebooks():
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.name)
def test_it_is_well_formed_and_carries_no_outputs(path):
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) >= (4, 5)
    assert notebook.metadata.kernelspec.name == "fanout"
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == [] and cell.execution_count is None


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.name)
def test_it_runs(path, kernel_name):
    notebook = nbformat.read(path, as_version=4)
    start = time.monotonic()
    NotebookClient(
        notebook, kernel_name=kernel_name, timeout=60, resources={"metadata": {"path": str(EXAMPLES)}}
    ).execute()
    took = time.monotonic() - start
    assert took < 60, f"{took:.0f} s is long for a lesson"
    pictures = [
        output
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if "image/svg+xml" in output.get("data", {}) or "image/png" in output.get("data", {})
    ]
    assert pictures, "no picture in it"

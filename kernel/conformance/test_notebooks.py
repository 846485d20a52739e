"""nbclient runs every notebook in examples/ from its first cell to its last."""

import os
import pathlib
import platform
import sys
import time

import nbformat
import pytest
from nbclient import NotebookClient

pytestmark = pytest.mark.fanout

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "examples"
INTERPRETED = os.environ.get("FANOUT_TIER") == "interpreted"

# Lessons for which cells have to be compiled, and why.
COMPILED = {
    "02-pool-api.ipynb": "it calls generic functions of package parallel, which have no interpreted form",
    "03-speedup.ipynb": "it spreads options into generic functions of package parallel",
    "04-chunks.ipynb": "it spreads options into generic functions of package parallel",
    "06-races.ipynb": "the race detector is the compiler's",
    "07-gpu.ipynb": "arrays that stay on a device are of a generic type, which cells on the interpreted tier cannot hold",
    "gallery.ipynb": "it has %race, and the race detector is the compiler's",
}
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
def test_it_runs(path, kernel_name, monkeypatch):
    if INTERPRETED and path.name in COMPILED:
        pytest.skip(COMPILED[path.name])
    if not INTERPRETED and (sys.platform, platform.machine()) == ("linux", "x86_64"):
        monkeypatch.setenv("FANOUT_BUILD", "linked")  # a cell that is linked slowly is an error then
    notebook = nbformat.read(path, as_version=4)
    start = time.monotonic()
    NotebookClient(
        notebook, kernel_name=kernel_name, timeout=60, resources={"metadata": {"path": str(EXAMPLES)}}
    ).execute()
    took = time.monotonic() - start
    assert took < 180, f"{took:.0f} s is long for a lesson"
    pictures = [
        output
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if "image/svg+xml" in output.get("data", {}) or "image/png" in output.get("data", {})
    ]
    assert pictures, "no picture in it"

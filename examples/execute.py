"""Runs notebooks in a real Jupyter client and takes their pictures out.

    python examples/execute.py [--out FOLDER] NOTEBOOK...

Writes each executed notebook to FOLDER and beside it every picture that a cell
showed, named after the notebook and numbered in order.
"""

import argparse
import base64
import pathlib
import sys
import time

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

PICTURES = {"image/svg+xml": "svg", "image/png": "png", "image/jpeg": "jpg"}


def execute(path, out):
    notebook = nbformat.read(path, as_version=4)
    resources = {"metadata": {"path": str(path.parent)}}
    start = time.monotonic()
    try:
        NotebookClient(notebook, timeout=120, resources=resources).execute()
    finally:
        nbformat.write(notebook, out / path.name)
    cells = sum(cell.cell_type == "code" for cell in notebook.cells)
    print(f"{path}: {cells} cells in {time.monotonic() - start:.1f} s")
    return notebook


def pictures(notebook):
    """The pictures of a notebook in order, each as (extension, bytes)."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            for mime, extension in PICTURES.items():
                data = output.get("data", {}).get(mime)
                if data is not None:
                    yield extension, data.encode() if extension == "svg" else base64.b64decode(data)
                    break


def main():
    parser = argparse.ArgumentParser(description="Runs notebooks and takes their pictures out.")
    parser.add_argument("notebooks", nargs="+", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("out"))
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for path in options.notebooks:
        for old in options.out.glob(f"{path.stem}-*"):
            old.unlink()
        try:
            notebook = execute(path, options.out)
        except CellExecutionError as error:
            sys.exit(f"{path}: a cell failed\n{error}")
        print(f"the executed notebook: {options.out / path.name}")
        for number, (extension, data) in enumerate(pictures(notebook), 1):
            picture = options.out / f"{path.stem}-{number}.{extension}"
            picture.write_bytes(data)
            print(f"a picture from it:     {picture}")


if __name__ == "__main__":
    main()

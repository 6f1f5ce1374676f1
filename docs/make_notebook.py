"""Writes docs/analysis.ipynb from docs/analysis.py, with what each cell prints.

    HUOSHUI_TEST_DATA=… .venv/bin/python docs/make_notebook.py

The analysis is kept as text, which people can read, compare and change; the notebook is the same for who reads it in a
browser or runs it in Jupyter. A test runs the notebook and holds it to the text.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
from pathlib import Path
from typing import Any

TEXT = Path(__file__).parent / "analysis.py"
NOTEBOOK = TEXT.with_suffix(".ipynb")
ABOUT = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def cells(text: str) -> list[tuple[str, str]]:
    """The cells of a text with ``# %%``: their kind and what stands in them."""
    found = []
    for part in re.split("^# %%", text, flags=re.MULTILINE)[1:]:
        head, _, body = part.partition("\n")
        if head.strip() == "[markdown]":
            lines = [line.removeprefix("#").removeprefix(" ") for line in body.strip().splitlines()]
            found.append(("markdown", "\n".join(lines)))
        else:
            found.append(("code", body.strip()))
    return found


def run(found: list[tuple[str, str]], names: dict[str, Any]) -> list[str]:
    """What each cell prints, run one after the other with ``names``."""
    printed = []
    for kind, source in found:
        told = io.StringIO()
        if kind == "code":
            with contextlib.redirect_stdout(told):
                exec(compile(source, str(TEXT), "exec"), names)  # noqa: S102 the text beside this program
        printed.append(told.getvalue())
    return printed


def notebook(found: list[tuple[str, str]], printed: list[str]) -> dict[str, Any]:
    """The notebook, of format 4.5."""
    made: list[dict[str, Any]] = []
    for number, ((kind, source), told) in enumerate(zip(found, printed, strict=True)):
        cell: dict[str, Any] = {"cell_type": kind, "id": f"cell-{number}", "metadata": {}}
        cell["source"] = source.splitlines(keepends=True)
        if kind == "code":
            stream = {"name": "stdout", "output_type": "stream", "text": told.splitlines(keepends=True)}
            cell |= {"execution_count": None, "outputs": [stream] if told else []}
        made.append(cell)
    return {"cells": made, "metadata": ABOUT, "nbformat": 4, "nbformat_minor": 5}


def main() -> None:
    """Run the analysis and write the notebook."""
    found = cells(TEXT.read_text("utf-8"))
    made = notebook(found, run(found, {"__name__": "__main__"}))
    NOTEBOOK.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()

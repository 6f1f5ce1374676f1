"""The notebook ``docs/analysis.ipynb`` runs as it stands there and reaches the published figures."""

from __future__ import annotations

import json
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

DOCS = Path(__file__).resolve().parents[1] / "docs"


@pytest.mark.slow
def test_the_notebook_runs_and_reaches_the_published_figures(
    test_data: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
):
    folder = test_data("cdnow/CDNOW_sample.txt").parents[1]
    test_data("online_retail/online_retail.parquet")
    monkeypatch.setenv("HUOSHUI_TEST_DATA", str(folder))
    make = runpy.run_path(str(DOCS / "make_notebook.py"))
    notebook = json.loads((DOCS / "analysis.ipynb").read_text("utf-8"))
    kept = [(one["cell_type"], "".join(one["source"])) for one in notebook["cells"]]
    assert kept == make["cells"]((DOCS / "analysis.py").read_text("utf-8")), (
        "docs/analysis.ipynb is not docs/analysis.py any more: write it anew with docs/make_notebook.py"
    )
    told: dict[str, Any] = {}
    printed = make["run"](kept, told)
    shown = [
        "".join(line for out in one.get("outputs", ()) for line in out["text"]) for one in notebook["cells"]
    ]
    assert [text.count("\n") for text in printed] == [text.count("\n") for text in shown]
    check_figures(told)
    assert "2,357 customers, 2,457 repeat purchases, 1,411 without any" in "".join(printed)
    assert "nan" not in "".join(printed)


def check_figures(told: dict[str, Any]) -> None:
    models, tests = told["models"], told["tests"]
    assert models["BetaGeo"].log_likelihood_ == pytest.approx(-9582.43, abs=0.05)
    assert models["ParetoNBD"].log_likelihood_ == pytest.approx(-9594.97, abs=0.05)
    assert tests["ParetoNBD"].model.mean_absolute == pytest.approx(0.7545, abs=5e-4)
    assert all(test.wins for test in tests.values())
    assert told["off"] == pytest.approx(-0.04, abs=0.01)
    assert told["money"].params_ == pytest.approx({"p": 6.25, "q": 3.74, "v": 15.45}, rel=0.005)
    assert told["summary"]["customers"] == 4338
    assert told["summary"]["m"] == pytest.approx(2054.27, abs=0.01)
    assert told["found"][0].active[:4] == (885, 324, 286, 340)
    assert sum(row["n"] for row in told["segments"]) == 4338
    assert 0.9 <= told["covered"] <= 0.97

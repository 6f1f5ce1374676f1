"""The analysis in ``docs/analysis.py`` runs as it stands there and reaches the published figures."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path

import pytest

NOTEBOOK = Path(__file__).resolve().parents[1] / "docs" / "analysis.py"


@pytest.mark.slow
def test_the_notebook_runs_and_reaches_the_published_figures(
    test_data: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    folder = test_data("cdnow/CDNOW_sample.txt").parents[1]
    test_data("online_retail/online_retail.parquet")
    monkeypatch.setenv("HUOSHUI_TEST_DATA", str(folder))
    told = runpy.run_path(str(NOTEBOOK))
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
    printed = capsys.readouterr().out
    assert "2,357 customers, 2,457 repeat purchases, 1,411 without any" in printed
    assert "nan" not in printed

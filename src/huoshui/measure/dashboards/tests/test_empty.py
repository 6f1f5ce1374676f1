"""The overview of a house that nothing was loaded into."""

from __future__ import annotations

from pathlib import Path

from huoshui.measure.dashboards.tests.test_overview import house_in


def test_an_empty_house_has_figures_without_a_value(db, tmp_path: Path):
    with house_in(tmp_path) as house:
        view = house.overview()
    assert view.empty
    assert view.computed_at is None
    assert view.totals["revenue"] == 0
    assert view.totals["average_order_value"] is None
    assert view.last_order_at is None
    assert view.top_products == []
    assert view.months[-1][1] == 0

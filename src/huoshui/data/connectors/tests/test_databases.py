"""A whole import, its correction and its undoing leave the same in either database."""

from __future__ import annotations

from pathlib import Path

import pytest

from huoshui.data.connectors import queries
from huoshui.data.connectors.tests.house import founded
from huoshui.kernel.actors import CONSOLE

FIRST = """\
Invoice,Customer,Date,Stock Code,Quantity,Price,Phone
1,a,2024-03-01,L1,2,10.50,+44 7400 123456
2,b,2024-03-02,K1,1,5,
"""
CORRECTED = FIRST.replace("10.50", "11.00") + "3,灯,2024-03-03,L1,1,9,\n"


@pytest.mark.slow
def test_an_import_its_correction_and_its_undoing(database: str, tmp_path: Path):
    with founded(tmp_path) as house:
        first = house.load(FIRST, source="till")
        before = house.everything()
        second = house.load(CORRECTED, source="till")
        assert house.answer("SELECT sum(revenue)::DOUBLE, count(DISTINCT customer_id) FROM orders") == (
            36.0,
            3,
        )
        assert [load.state for load in queries.loads(actor=CONSOLE)] == ["loaded", "loaded"]
        house.undo(second)
        assert house.everything() == before
        house.undo(first)
        assert house.answer("SELECT count(*) FROM orders") == (0,)
        assert {load.state for load in queries.loads(actor=CONSOLE)} == {"undone"}

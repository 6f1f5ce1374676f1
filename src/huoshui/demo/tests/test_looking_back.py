"""As of which moments the demo company is computed before its last day."""

from __future__ import annotations

from datetime import date

import pytest

from huoshui.demo.invention import Invention
from huoshui.demo.services import month_ends


@pytest.mark.parametrize(
    ("days", "months", "ends"),
    [
        (120, 0, []),
        (120, 1, [date(2024, 6, 1)]),
        (120, 6, [date(2024, 5, 1), date(2024, 6, 1)]),
        (400, 3, [date(2024, 4, 1), date(2024, 5, 1), date(2024, 6, 1)]),
        (20, 6, []),
    ],
)
def test_the_company_is_looked_back_at_as_far_as_it_goes(days: int, months: int, ends: list[date]):
    invention = Invention(customers=60, days=days, seed=1, until=date(2024, 6, 30))
    assert month_ends(invention, months) == ends

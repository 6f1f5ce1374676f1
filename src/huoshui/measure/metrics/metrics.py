"""The metrics that the house brings along, in the order in which pages list them."""

from __future__ import annotations

from huoshui.kernel.plugs import METRICS
from huoshui.measure.metrics.catalogue import (
    customers,
    lifts,
    loyalty,
    market,
    reach,
    sales,
    spending,
    stages,
    value,
    voices,
)

CATALOGUE = (
    *sales.CATALOGUE,
    *customers.CATALOGUE,
    *loyalty.CATALOGUE,
    *stages.CATALOGUE,
    *value.CATALOGUE,
    *spending.CATALOGUE,
    *voices.CATALOGUE,
    *reach.CATALOGUE,
    *lifts.CATALOGUE,
    *market.CATALOGUE,
)


def declare() -> None:
    """Called once, when the app starts."""
    METRICS.declare(*CATALOGUE)

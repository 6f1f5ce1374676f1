"""Questions that gather what one page shows: `overview` of the house, `customer` for one person."""

from huoshui.lake.kept import kept
from huoshui.measure.dashboards.queries.customer import Change, CustomerView, Order, customer
from huoshui.measure.dashboards.queries.overview import (
    BY_DAY,
    COMPARISONS,
    Compared,
    Comparison,
    Overview,
    days_compared,
    end_of_figures,
    overview,
)
from huoshui.measure.dashboards.queries.people import Flow

__all__ = [
    "BY_DAY",
    "COMPARISONS",
    "Change",
    "Compared",
    "Comparison",
    "CustomerView",
    "Flow",
    "Order",
    "Overview",
    "customer",
    "days_compared",
    "end_of_figures",
    "kept",
    "overview",
]

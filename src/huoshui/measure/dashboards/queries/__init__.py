"""Questions that gather what one page shows: `overview` of the house, `customer` for one person."""

from huoshui.measure.dashboards.queries.customer import Change, CustomerView, Order, customer
from huoshui.measure.dashboards.queries.days import by_channel, by_day
from huoshui.measure.dashboards.queries.kept import kept
from huoshui.measure.dashboards.queries.overview import Overview, end_of_figures, overview

__all__ = [
    "Change",
    "CustomerView",
    "Order",
    "Overview",
    "by_channel",
    "by_day",
    "customer",
    "end_of_figures",
    "kept",
    "overview",
]

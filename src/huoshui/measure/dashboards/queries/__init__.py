"""Questions that gather what one page shows: `overview` of the house, `customer` for one person."""

from huoshui.measure.dashboards.queries.customer import Change, CustomerView, Order, customer
from huoshui.measure.dashboards.queries.overview import Overview, overview

__all__ = ["Change", "CustomerView", "Order", "Overview", "customer", "overview"]

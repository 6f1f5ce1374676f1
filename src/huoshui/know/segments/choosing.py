"""A picture of the lake in which only some customers are: rules are applied to those alone."""

from __future__ import annotations

from typing import Any

from huoshui.data.traits import queries as traits
from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import IbisTable
from huoshui.lake.care import EVENTS_BY_NAME
from huoshui.lake.snapshot import Snapshot


class Chosen(Snapshot):
    """``picture`` with the facts of ``customers`` only (a table of ``customer_id``; everybody without one).

    Its ``traits`` are those of the last refresh, whatever the moment: who came since then is there without any.
    """

    def __init__(self, picture: Snapshot, as_of: AsOf, customers: IbisTable | None = None) -> None:
        super().__init__(
            lake=picture.lake, session=picture.session, version=picture.version, versions=picture.versions
        )
        self._picture, self._as_of, self._customers = picture, as_of, customers

    def table(self, slug: str) -> Any:
        """The rows of ``slug`` that count and speak of the chosen customers; the narrow form of events is whole."""
        if slug == "traits":
            return self._traits()
        rows = super().table(slug)
        return rows if slug == EVENTS_BY_NAME.slug else self.narrowed(rows)

    def narrowed(self, rows: Any) -> Any:
        """Those of ``rows`` that speak of the chosen customers."""
        if self._customers is None or "customer_id" not in rows.columns:
            return rows
        return rows.semi_join(self._customers, "customer_id")

    def _traits(self) -> Any:
        stored = self.narrowed(super().table("traits"))
        refreshed = traits.last_refresh(tables=self._picture)
        if refreshed is None or refreshed[0] == self._as_of.at:
            return stored
        present = traits.customers_present(self, self._as_of).select("customer_id")
        theirs = stored.rename(of_traits_="customer_id")
        return present.left_join(theirs, present.customer_id == theirs["of_traits_"]).drop("of_traits_")

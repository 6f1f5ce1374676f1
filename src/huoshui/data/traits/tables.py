"""The lake tables of this room."""

from __future__ import annotations

from dataclasses import dataclass

from huoshui.kernel.plugs import LAKE_TABLES, TRAITS, Column, LakeTable

TIME = "timestamp('UTC', 6)"


@dataclass(frozen=True, kw_only=True)
class TraitsTable(LakeTable):
    """A table with the fixed columns declared and one for every trait that is registered when asked."""

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """The fixed columns, then all traits in order of declaration."""
        return (*self.columns, *(Column(t.slug, t.type, f"{t.label.en} {t.label.zh}") for t in TRAITS))


_FIXED = (
    Column("customer_id", "int64", "whose"),
    Column("as_of", TIME, "the moment the values describe: only what happened before it counts"),
    Column("computed_at", TIME, "when they were computed"),
)

CURRENT = TraitsTable(
    slug="traits",
    doc="Every registered trait of every customer, as of the last refresh.",
    key=("customer_id",),
    columns=_FIXED,
    written_by="data/traits",
    kept="until the next refresh",
    fact=False,
    statistics=("customer_id", "as_of"),
    sorted_by=("customer_id",),
)

HISTORY = TraitsTable(
    slug="traits_history",
    doc="The traits as they were: one row per customer and `as_of`.",
    key=("customer_id", "as_of"),
    columns=_FIXED,
    written_by="data/traits",
    kept="every day for 35 days, then the last of each month",
    fact=False,
    statistics=("customer_id", "as_of"),
    sorted_by=("customer_id",),
)


def declare() -> None:
    """Called once, when the app starts."""
    LAKE_TABLES.declare(CURRENT, HISTORY)

"""The lake table of this room."""

from __future__ import annotations

from dataclasses import dataclass, fields

from huoshui.data.customers.attributes import LAKE_TYPES
from huoshui.kernel.plugs import LAKE_TABLES, Column, LakeTable

TIME = "timestamp('UTC', 6)"

PRESETS = (
    ("gender", "Gender", "性别", "text"),
    ("birth_year", "Year of birth", "出生年份", "integer"),
    ("country", "Country", "国家", "text"),
    ("province", "Province", "省份", "text"),
    ("city", "City", "城市", "text"),
    ("city_tier", "City tier", "城市等级", "text"),
    ("occupation", "Occupation", "职业", "text"),
    ("first_channel", "First channel", "首次渠道", "text"),
)
"""Attributes that every house has: slug, label in English, label in Chinese, type. All are ordinary."""


@dataclass(frozen=True, kw_only=True)
class CustomersTable(LakeTable):
    """The table with the fixed columns declared and those of the house's own attributes added when asked for."""

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """The fixed columns, then the house's own ordinary attributes by slug. Reads the database."""
        from huoshui.data.customers import queries  # the registry is filled before models are loaded

        own = (
            Column(attribute.slug, LAKE_TYPES[attribute.type], f"{attribute.label_en} {attribute.label_zh}")
            for attribute in queries.attributes(kind="ordinary", retired=True)
            if not attribute.preset
        )
        return (*self.columns, *own)


CUSTOMERS = CustomersTable(
    slug="customers",
    doc="One row per customer with the current value of every declared attribute that does not tell who they are.",
    key=("customer_id",),
    columns=(
        Column("customer_id", "int64", "random id"),
        Column("created_at", TIME, "since when we know them"),
        Column("load_id", "int64", "the load that brought them; empty for customers typed in"),
        *(Column(slug, LAKE_TYPES[type_], f"{en} {zh}") for slug, en, zh, type_ in PRESETS),
    ),
    written_by="data/customers",
    kept="as long as the customer",
    fact=False,
    statistics=("customer_id",),
    sorted_by=("customer_id",),
)


def customers_table() -> LakeTable:
    """The table as it is to be written now, with the columns of all declared attributes in ``columns``."""
    fixed = {field.name: getattr(CUSTOMERS, field.name) for field in fields(CUSTOMERS)}
    return LakeTable(**{**fixed, "columns": CUSTOMERS.all_columns})


def declare() -> None:
    """Called once, when the app starts."""
    LAKE_TABLES.declare(CUSTOMERS)

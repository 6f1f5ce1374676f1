"""Values of attributes: those of one customer as they can be edited, and how many customers have any."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from huoshui.data.customers.models import HandValue
from huoshui.data.customers.queries.attributes import attributes
from huoshui.data.customers.queries.profiles import profile
from huoshui.kernel.plugs import Tables


class Readable(Tables, Protocol):
    """Tables whose expressions can be computed: a snapshot of the lake."""

    def arrow(self, expression: Any) -> Any:
        """The rows of an expression over these tables, as an Arrow table."""


def hand_values(customer_id: int) -> dict[str, str]:
    """Values of ordinary attributes that were typed in and are not in the lake yet; empty where they were cleared."""
    rows = HandValue.objects.filter(customer_id=customer_id).order_by("valid_from", "pk")
    return dict(rows.values_list("name", "value"))


def attributes_in_lake(tables: Readable, customer_id: int) -> dict[str, str]:
    """Values of ordinary attributes of one customer as the lake has them, as texts; those without a value left out."""
    rows = tables.table("customers")
    wanted = [a.slug for a in attributes(kind="ordinary") if a.slug in rows.columns]
    texts = {slug: rows[slug].cast("string") for slug in wanted}
    found = tables.arrow(rows.filter(rows.customer_id == customer_id).select(**texts).limit(1)).to_pylist()
    types = {a.slug: a.type for a in attributes(kind="ordinary")}
    return {
        slug: _spelled(text, types[slug]) for one in found for slug, text in one.items() if text is not None
    }


def filled(tables: Readable) -> dict[str, int]:
    """How many customers of the lake have a value of each ordinary attribute, by slug."""
    rows = tables.table("customers")
    wanted = [a.slug for a in attributes(kind="ordinary", retired=True) if a.slug in rows.columns]
    counted = rows.aggregate(**{slug: rows[slug].count() for slug in wanted}) if wanted else None
    return {} if counted is None else dict(tables.arrow(counted).to_pylist()[0])


def values_of(customer_id: int, *, in_lake: Mapping[str, str]) -> dict[str, str]:
    """Everything that can be edited of a customer as texts: fields of the profile (company and owner as ids),
    attributes of all kinds; ``in_lake`` is what `attributes_in_lake` answers. Raises `NoSuchCustomer`."""
    known = profile(customer_id)
    texts = {
        "name": known.name,
        "phone": known.phone,
        "email": known.email,
        "account": str(known.account_id or ""),
        "owner": str(known.owner_id or ""),
    }
    return {**texts, **known.guarded, **in_lake, **hand_values(customer_id)}


def _spelled(text: str, type_: str) -> str:
    """The text of a value as people type it: engines write 12.5000 for an exact 12.5."""
    return text.rstrip("0").rstrip(".") if type_ == "decimal" and "." in text else text

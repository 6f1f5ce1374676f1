"""Customers for tests: made through the doors, with little to write down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from huoshui.data.customers import services
from huoshui.desk.organisation import services as organisation
from huoshui.desk.users import services as users
from huoshui.kernel.actors import CONSOLE, Role

NOW = datetime(2026, 1, 15, 8, 30, tzinfo=UTC)


def make_house(currency: str = "GBP", time_zone: str = "Europe/London") -> None:
    """Found the house; local phone numbers are British then."""
    organisation.found(actor=CONSOLE, currency=currency, time_zone=time_zone, now=NOW)


def make_customers(*numbers: str, source: str = "shop", kind: str = "number", load_id: int = 1) -> list[int]:
    """Ids of the customers whom ``source`` calls so, in this order; made by ``load_id`` where they are new."""
    found = services.resolve(
        actor=CONSOLE,
        source=source,
        kind=kind,
        values=pa.array(numbers, pa.string()),
        load_id=load_id,
        created_at=None,
        now=NOW,
    )
    ids: list[int] = found.column("customer_id").to_pylist()
    return ids


def tell(
    customer_ids: Sequence[int],
    *,
    load_id: int | None = 1,
    source: str = "shop",
    valid_from: datetime = NOW,
    **columns: Any,
) -> services.ProfileReport:
    """Say something about customers: ``tell([ann], name=["Ann"])``."""
    table: Mapping[str, pa.Array] = {
        "customer_id": pa.array(customer_ids, pa.int64()),
        **{
            name: pa.array(values, pa.int64() if name == "account_id" else pa.string())
            for name, values in columns.items()
        },
    }
    return services.update_profiles(
        actor=CONSOLE, load_id=load_id, table=pa.table(table), valid_from=valid_from, source=source
    )


def make_colleague(email: str = "mei@example.com", name: str = "王梅", role: Role = Role.OPERATOR) -> int:
    """The id of a colleague."""
    return users.add(actor=CONSOLE, email=email, name=name, role=role, now=NOW)

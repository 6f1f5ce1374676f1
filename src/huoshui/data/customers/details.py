"""What only the page of one customer asks: what was said of them and when, and who else belongs to their company."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from huoshui.data.customers.models import Customer, ProfileValue
from huoshui.data.customers.scope import may_see
from huoshui.kernel.actors import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What was said of a customer; ``load_id`` is the load that said it, empty for what people typed in."""

    field: str
    value: str
    valid_from: datetime
    load_id: int | None


def said(customer_id: int) -> Sequence[Said]:
    """Everything that tells who the customer is and was ever said, newest first."""
    rows = ProfileValue.objects.filter(customer_id=customer_id).order_by("-valid_from", "-pk")
    return [Said(**row) for row in rows.values("field", "value", "valid_from", "load_id")]


def members(actor: Actor, account_id: int, *, most: int) -> tuple[Sequence[tuple[int, str]], int]:
    """Id and name of the first ``most`` customers of a company whom the actor sees, and how many there are."""
    rows = Customer.objects.filter(may_see(actor), account_id=account_id).order_by("name", "pk")
    return list(rows.values_list("pk", "name")[:most]), rows.count()

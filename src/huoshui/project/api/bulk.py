"""Tags and owners of many customers at once, and taking that back."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from huoshui.data.customers import services
from huoshui.kernel import clock
from huoshui.lake import open_lake
from huoshui.project.api.shapes import CustomerId, Number, Said
from huoshui.web import shell

router = Router(tags=["customers"])
MOST_AT_ONCE = 1_000


class Some(Said):
    """Some customers; those whom the token does not see are left out."""

    customer_ids: list[CustomerId] = Field(min_length=1, max_length=MOST_AT_ONCE)


class Tagging(Some):
    """Customers and a tag."""

    tag: str = Field(min_length=1, max_length=60)


class Assigning(Some):
    """Customers and who shall look after them; null for nobody."""

    owner_id: Number | None


class Act(Schema):
    """What was done to many: `act_id` is for taking it back."""

    act_id: int
    changed: int


@router.post("/customers/tag", response=Act, url_name="tag", operation_id="tag_customers")
def tag_customers(request: HttpRequest, sent: Tagging) -> Act:
    """Give customers a tag."""
    return _tag(request, sent, take=False)


@router.post("/customers/untag", response=Act, url_name="untag", operation_id="untag_customers")
def untag_customers(request: HttpRequest, sent: Tagging) -> Act:
    """Take a tag away from customers."""
    return _tag(request, sent, take=True)


@router.post("/customers/assign", response=Act, url_name="assign", operation_id="assign_customers")
def assign_customers(request: HttpRequest, sent: Assigning) -> Act:
    """Let a colleague look after customers."""
    act_id, changed = services.assign_many(
        actor=shell.actor_of(request), customer_ids=sent.customer_ids, owner_id=sent.owner_id, now=clock.now()
    )
    return Act(act_id=act_id, changed=changed)


@router.post("/acts/{int:act_id}/undo", response=Act, url_name="undo_act", operation_id="undo_act")
def undo_act(request: HttpRequest, act_id: Number) -> Act:
    """Take a change of many back; `changed` are those who are as before."""
    changed = services.undo_act(
        actor=shell.actor_of(request), act_id=act_id, now=clock.now(), lake=open_lake()
    )
    return Act(act_id=act_id, changed=changed)


def _tag(request: HttpRequest, sent: Tagging, *, take: bool) -> Act:
    act_id, changed = services.tag_many(
        actor=shell.actor_of(request),
        customer_ids=sent.customer_ids,
        tag=sent.tag,
        now=clock.now(),
        lake=open_lake(),
        take=take,
    )
    return Act(act_id=act_id, changed=changed)

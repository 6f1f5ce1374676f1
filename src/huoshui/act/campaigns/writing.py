"""What a campaign says to each person: the origin "campaign" of the outbox."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.urls import reverse

from huoshui.act.campaigns import queries, sending
from huoshui.act.campaigns.models import Campaign, Variant
from huoshui.act.templates import services as templates
from huoshui.act.templates.links import Addresses
from huoshui.kernel.outreach import ORIGINS, Origin, Said, Wanted
from huoshui.kernel.texts import Text


def write(number: int, wanted: Collection[Wanted]) -> Mapping[str, Said]:
    """What is said in each of ``wanted``, by key: its variant's template, merged for its person, with their links."""
    row = queries.found(number)
    said: dict[str, Said] = {}
    for variant in row.variants.all():
        # One that has no others beside it has no name in the lots.
        mine = {one.customer_id: one for one in wanted if (one.variant or "A") == variant.letter}
        if mine:
            said |= _written(row, variant, mine)
    return said


def _written(row: Campaign, variant: Variant, mine: Mapping[int, Wanted]) -> dict[str, Said]:
    """What a variant says to people, by the key of their message."""
    some = next(iter(mine.values()))
    addresses = Addresses(campaign=sending.what(row.pk), variant=some.variant, channel=some.channel)
    merged = templates.render_many(
        template_id=variant.template_id,
        version=variant.template_version,
        customer_ids=list(mine),
        neutral={one.customer_id for one in mine.values() if one.neutral},
        link=lambda url, customer_id: addresses.click(url, customer_id, mine[customer_id].key),
        pixel=lambda customer_id: addresses.opened(customer_id, mine[customer_id].key),
        sender=row.sender,
    )
    return {mine[customer_id].key: text for customer_id, text in merged.items()}


def address(number: int) -> str:
    """The page of a campaign."""
    return reverse("campaigns:campaign", args=[number])


def declare() -> None:
    """Called once, when the app starts."""
    ORIGINS.declare(
        Origin(
            slug=queries.ORIGIN,
            label=Text("Campaign", "营销活动"),
            write=write,
            title=queries.title,
            address=address,
        )
    )

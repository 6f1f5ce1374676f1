"""The campaigns that the invented company has sent, as somebody brings them who moves here from another tool.

Who was written to and who was left out is known to the shop and stands in the truth; what each added is not: that is
for the house to find in the orders, and its intervals must hold the true effect.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from huoshui.act.campaigns import past
from huoshui.act.campaigns.past import Past
from huoshui.data.customers import queries as customers
from huoshui.demo.catalogue import CAMPAIGNS, SILENT_DAYS, Campaign
from huoshui.kernel.actors import Actor
from huoshui.kernel.texts import Language, Text

GOAL = "orders"
"""What a campaign was to bring, and what its true effect is of: orders of a person within its window."""
AUDIENCES = {
    "buyers": {"orders": "times", "op": ">=", "value": 1},
    "silent": {"trait": "recency", "op": ">=", "value": SILENT_DAYS},
}
NOTES = {
    "buyers": Text(
        "Customers who have bought, with a control group by lot", "面向买过的客户，随机留出对照组"
    ),
    "silent": Text(
        f"Customers without an order for {SILENT_DAYS} days, with a control group by lot",
        f"面向 {SILENT_DAYS} 天未下单的老客，随机留出对照组",
    ),
}


def record(
    *,
    actor: Actor,
    source: str,
    truths: Path,
    control_share: float,
    language: Language,
    zone: ZoneInfo,
    now: datetime,
) -> dict[str, int]:
    """Write down every campaign that both arms were drawn for, the oldest first; their numbers by slug.

    ``source`` is that of the shop's numbers, ``truths`` the folder of the truth. Raises as `campaigns.past.record`.
    """
    drawn = pq.read_table(
        truths / "assignments.parquet", columns=["customer", "campaign", "assigned_at", "treated"]
    )
    who = customers.known(source=source, kind="number", values=pc.unique(drawn["customer"]))
    numbers = {}
    for campaign in sorted(CAMPAIGNS, key=lambda one: -one.days_before):
        ours = drawn.filter(pc.equal(drawn["campaign"], campaign.slug))
        if len(pc.unique(ours["treated"])) == 2:
            numbers[campaign.slug] = past.record(
                actor=actor,
                past=_past(campaign, ours["assigned_at"][0].as_py(), control_share, language, zone),
                people=_people(ours, who),
                zone=zone,
                now=now,
            )
    return numbers


def _past(campaign: Campaign, at: datetime, control_share: float, language: Language, zone: ZoneInfo) -> Past:
    return Past(
        name=campaign.name.in_(language),
        note=NOTES[campaign.audience].in_(language),
        audience=AUDIENCES[campaign.audience],
        channel=campaign.channel,
        at=at.replace(tzinfo=zone).astimezone(UTC),
        goal=GOAL,
        horizon_days=campaign.window,
        share=control_share,
        message_cost=Decimal(str(campaign.message_cost)),
    )


def _people(drawn: pa.Table, who: pa.Table) -> pa.Table:
    """Everybody drawn by the id that this house gave them."""
    ids = who["customer_id"].take(pc.index_in(drawn["customer"], value_set=who["value"].combine_chunks()))
    return pa.table({"customer_id": ids, "held": pc.invert(drawn["treated"])})

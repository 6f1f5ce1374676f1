"""Views of the facts that the traits of the stage are computed over."""

from __future__ import annotations

from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import IbisTable, Relation, Tables
from huoshui.know.value.relations import purchases_in_order
from huoshui.science import lifecycle
from huoshui.science.lifecycle import USUAL_RHYTHM, USUAL_STAGES, FixedDays, OwnRhythm

RETURNS = "returns_from_silence"


def returns(rule: OwnRhythm | FixedDays = USUAL_STAGES) -> Relation:
    """The relation of purchases that ended a silence, by ``rule``."""

    def build(tables: Tables, as_of: AsOf) -> IbisTable:
        ordered = purchases_in_order(tables, as_of)
        pauses = ordered.filter(ordered.days_since_previous.notnull())
        if isinstance(rule, FixedDays):
            return pauses.filter(pauses.days_since_previous >= rule.active)
        each = pauses.group_by("customer_id").aggregate(
            middle=pauses.days_since_previous.median(), intervals=pauses.count()
        )
        typical = lifecycle.typical_interval(each.middle, each.intervals)
        rhythm = lifecycle.purchase_rhythm(each.middle, each.intervals, typical)
        silence = each.select(_who=each.customer_id, silence=lifecycle.silence_days(rhythm, rule))
        # Nobody is silent sooner, so most intervals need not be looked at.
        long = pauses.filter(pauses.days_since_previous >= USUAL_RHYTHM.shortest * rule.silent)
        joined = long.inner_join(silence, long.customer_id == silence["_who"])
        return joined.filter(joined.days_since_previous >= joined.silence).drop("_who", "silence")

    return Relation(
        slug=RETURNS,
        doc="Purchases after a pause so long that the customer counted as silent, by today's rhythm.",
        build=build,
    )

"""Who may be written to: consent to marketing among the customers there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ibis

from huoshui.data.privacy.traits import CHANNELS
from huoshui.kernel.plugs import IbisTable, Metric
from huoshui.kernel.texts import Text
from huoshui.measure.metrics.catalogue.contributions import ONE
from huoshui.measure.metrics.periods import Period
from huoshui.measure.metrics.scope import Scope

UNSAID = Text(
    "Nobody has said yet whether they may be written to: import consents, or record them",
    "还没有任何客户表态是否同意营销：请导入或登记同意",
)
DENOMINATOR = Text("customers known at the end of the period", "期末已知的客户数")


def _consents(channels: tuple[str, ...]) -> Callable[[Scope], IbisTable]:
    """A customer with a consent on one of ``channels`` counts 1, one who only refused 0, who never spoke nothing."""

    def rows(scope: Scope) -> IbisTable:
        people = scope.people(scope.of_each_period(lambda _, period: _marked(scope, period, channels)))
        return people.select("customer_id", *scope.by, numerator=people.granted, denominator=ONE)

    return rows


def _marked(scope: Scope, period: Period, channels: tuple[str, ...]) -> Any:
    """Those known at the end of the period, with ``granted``: 1, 0 or, of who never spoke on a channel, nothing."""
    there = scope.known_by(period.end)
    said = _statements(scope)
    said = said.filter(said.valid_from < ibis.literal(period.end))
    asked = [_state(said.filter(said.channel.isin([channel, "any"]))) for channel in channels]
    states = ibis.union(*asked)
    best = states.group_by("customer_id").aggregate(granted=states.may.max()).rename(_who="customer_id")
    return there.left_join(best, there.customer_id == best["_who"]).drop("_who")


def _state(said: Any) -> Any:
    """Whether the newest statement is a consent, for everybody who made one; of the same moment withdrawal wins."""
    granted = said.state == "granted"
    newest = said.group_by("customer_id").aggregate(
        yes=said.valid_from.max(where=granted), no=said.valid_from.max(where=~granted)
    )
    may = newest.yes.notnull() & (newest.no.isnull() | (newest.yes > newest.no)).fill_null(False)
    return newest.select("customer_id", may=may.cast("int64"))


def _statements(scope: Scope) -> Any:
    """What known customers said of marketing."""

    def read() -> Any:
        said = scope.facts.table("consents")
        theirs = said.filter(said.purpose == "marketing", said.customer_id.notnull())
        return theirs.select("customer_id", "channel", "valid_from", "state")

    return scope.once("statements", read)


def _reach(slug: str, label: Text, by: Text, channels: tuple[str, ...]) -> Metric:
    return Metric(
        slug=slug,
        label=label,
        meaning=Text(
            f"Of the customers known when the period ended, the share with a consent to marketing {by.en} in force. "
            "Who never said anything may not be written to. No figure where nobody ever said anything. Depends on the "
            "end of the period only. Returns have no part in it. Anonymous sales do not count.",
            f"期末已知客户中，{by.zh}营销同意仍有效者的占比。从未表态者视为不可触达；全无表态数据时没有数字。只取决于期末。"
            "与退货无关。匿名销售不计入。",
        ),
        numerator=Text(f"those of them who may be reached {by.en}", f"其中可{by.zh}触达的客户数"),
        denominator=DENOMINATOR,
        unit="share",
        grain="customer",
        rows=_consents(channels),
        unknown=UNSAID,
    )


CATALOGUE = (
    _reach(
        "consent_reach",
        Text("Consent reach", "可触达率"),
        Text("on some channel", "经任一渠道"),
        tuple(slug for slug, _ in CHANNELS),
    ),
    *(
        _reach(
            f"consent_reach_{slug}",
            Text(f"Consent reach by {name.en}", f"可触达率（{name.zh}）"),
            Text(f"by {name.en}", f"通过{name.zh}"),
            (slug,),
        )
        for slug, name in CHANNELS
    ),
)

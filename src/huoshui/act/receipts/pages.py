"""What receipts show, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from huoshui.act.holdouts.trials import DRAWN_ELSEWHERE
from huoshui.act.messages.queries import Receipt
from huoshui.act.receipts import queries, words
from huoshui.act.receipts.queries import Whole
from huoshui.data.privacy import words as consents
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.outreach import CHANNELS, ORIGINS
from huoshui.kernel.plugs import House, Panel
from huoshui.kernel.texts import Language, Text
from huoshui.know.segments import pages as rules
from huoshui.web.lists import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A message in the list of a customer."""

    number: int
    title: str
    channel: str
    at: datetime
    state: str
    tone: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """A clause of the rule: whether it held, and by which value."""

    sentence: str
    holds: bool
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """All that the page of a receipt shows."""

    line: Line
    customer_id: int
    address: str
    facts: Sequence[Fact]
    clauses: Sequence[Clause]
    as_of: datetime | None


def line(receipt: Receipt, language: Language) -> Line:
    """A message in words."""
    state, tone = words.STATES.get(receipt.state, (Text(receipt.state, receipt.state), ""))
    return Line(
        number=receipt.id,
        title=receipt.title,
        channel=_channel(receipt.channel, language),
        at=receipt.settled_at or receipt.not_before,
        state=state.in_(language),
        tone=tone,
        says=words.says(receipt.state, receipt.reason).in_(language),
    )


def page(found: Whole, *, house: House, language: Language) -> Page:
    """The page of a receipt."""
    receipt = found.receipt
    why = found.why
    return Page(
        line=line(receipt, language),
        customer_id=receipt.customer_id,
        address=ORIGINS[receipt.origin].address(receipt.origin_id) if receipt.origin in ORIGINS else "",
        facts=[Fact(name=name.in_(language), value=value) for name, value in _facts(found, house, language)],
        clauses=[
            Clause(
                sentence=one.sentence.in_(language),
                holds=one.holds,
                value=rules.value_in_words(one.clause, one.value, house, language),
            )
            for one in (why.verdicts if why else ())
        ],
        as_of=why.as_of if why else None,
    )


def _facts(found: Whole, house: House, language: Language) -> list[tuple[Text, str]]:
    receipt = found.receipt

    def moment(at: datetime | None) -> str:
        return f"{at.astimezone(house.zone):%Y-%m-%d %H:%M}" if at else "–"

    told = [
        (Text("Channel", "渠道"), _channel(receipt.channel, language)),
        (Text("Variant", "变体"), receipt.variant or "–"),
        (Text("Version of the campaign", "活动版本"), "–" if found.version is None else str(found.version)),
        (Text("Consent", "同意状态"), _consent(found, language, moment)),
        (
            Text("Based on characteristics", "是否基于特征"),
            Text("no, by the person's own choice", "否，客户自己的选择").in_(language)
            if found.neutral
            else Text("yes", "是").in_(language),
        ),
        (Text("Lot", "抽样结果"), _lot(found, language)),
        (Text("Not before", "不早于"), moment(receipt.not_before)),
        (Text("Attempts", "尝试次数"), str(receipt.attempts)),
        (Text("Settled", "处理时间"), moment(receipt.settled_at)),
        (Text("Counts for the day", "计入当地日期"), str(receipt.local_day) if receipt.local_day else "–"),
        (Text("Answer of the other side", "对方系统的回复"), receipt.answer or "–"),
        (Text("Their name for it", "对方编号"), receipt.reference or "–"),
        (Text("Our name for it", "本系统编号"), receipt.key),
    ]
    if not receipt.marketing:
        told[3] = (told[3][0], Text("not asked: no marketing", "非营销信息，无需同意").in_(language))
    return told


def _consent(found: Whole, language: Language, moment: Any) -> str:
    said = found.consent
    if said is None:
        return Text("never given", "从未表示同意").in_(language)
    state = consents.STATES[said.state].in_(language) if said.state in consents.STATES else said.state
    return f"{state} · {moment(said.given_at)} · {said.source} · {said.evidence}"


def _lot(found: Whole, language: Language) -> str:
    lot = found.lot
    if found.drawn_elsewhere:
        return DRAWN_ELSEWHERE.in_(language)
    if lot is None:
        return Text("no lots were drawn", "没有抽样").in_(language)
    if lot.by_global:
        said = Text("global control group", "全局对照组")
    elif lot.held:
        said = Text("left out to compare", "留作对照")
    else:
        said = Text("to be reached", "计划触达")
    return f"{said.in_(language)} · {lot.place:.4f} / {lot.share:.4f}"


def _channel(slug: str, language: Language) -> str:
    if slug in CHANNELS:
        return CHANNELS[slug].label.in_(language)
    return consents.CHANNELS[slug].in_(language) if slug in consents.CHANNELS else slug


def _context(actor: Actor, subject: str, language: Language) -> Mapping[str, Any]:
    customer_id = int(subject.partition(":")[2])
    found = queries.newest(customer_id, actor=actor)
    return {"lines": [line(one, language) for one in found], "customer_id": customer_id}


PANEL = Panel(
    slug="receipts",
    label=Text("Messages to them", "对其的触达"),
    page="customer",
    width="narrow",
    place=30,
    template="receipts/_of_customer.html",
    context=_context,
    right=Right.CUSTOMERS_VIEW,
)

"""A plan as a paper: its words with live figures, for one reader, one language and one moment.

What cannot be shown says why in a sentence: a metric that is gone, data that are no longer there, a segment whose rule
means nothing. None of these is ever a zero.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils import translation

from huoshui.kernel import papers
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.papers import Element, Heading, Notice, Paper, Paragraph, Points, Quote, Run
from huoshui.kernel.plugs import House
from huoshui.kernel.texts import Language, Text
from huoshui.measure.dashboards.queries import end_of_figures
from huoshui.plan.plans import queries as plans
from huoshui.plan.plans.document import doing, keeping, linked, measured, people, queries
from huoshui.plan.plans.document.content import Block, Content
from huoshui.plan.plans.document.figures import Ask, Figures
from huoshui.plan.plans.document.measured import NOT_SET
from huoshui.plan.plans.document.reader import CannotSay, Reader
from huoshui.plan.plans.document.words import elements, plain, points

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot


LARGE = 64 * 1024 * 1024
"""Bytes of orders and their lines; figures of fewer are there in a moment."""
COUNTING = Text("Being counted …", "正在统计……")
WORDS = frozenset({"text", "quote", "proposition"})
"""The kinds of blocks that say what somebody wrote."""


def reader(
    *,
    actor: Actor,
    plan_id: int,
    tables: Snapshot,
    house: House,
    language: Language,
    now: datetime,
    content: Content | None = None,
) -> Reader:
    """Who reads a plan: its newest words, unless others are given. Raises `NoSuchPlan`, `NotAllowed`."""
    actor.require(Right.CUSTOMERS_VIEW)
    # Kept answers stand for a minute of the house; nothing in a plan is finer.
    minute = now.replace(second=0, microsecond=0)
    if content is None:
        content = queries.document(actor=actor, plan_id=plan_id).content
    return Reader(
        actor=actor,
        plan=plans.plan(actor, plan_id),
        content=content,
        tables=tables,
        house=house,
        language=language,
        now=minute,
        end=end_of_figures(tables=tables, zone=house.zone, now=minute),
        figures=Figures(tables),
    )


def paper(
    *,
    actor: Actor,
    plan_id: int,
    tables: Snapshot,
    house: House,
    language: Language,
    now: datetime,
    content: Content | None = None,
) -> Paper:
    """The plan as a paper, the same on its page, in a snapshot and in every export.

    All figures of all blocks are evaluated together and kept for the house version. Raises `NoSuchPlan`, `NotAllowed`.
    """
    return of(
        reader(
            actor=actor,
            plan_id=plan_id,
            tables=tables,
            house=house,
            language=language,
            now=now,
            content=content,
        )
    )


def takes_long(who: Reader) -> bool:
    """Whether the figures of a large house have to be counted first: facts have changed, and no worker was here yet."""
    size = sum(sum(who.tables.sizes(slug).values()) for slug in ("orders", "order_lines"))
    return size > LARGE and not who.figures.known.begun


def of(who: Reader, *, counted: bool = True) -> Paper:
    """The paper for a reader. Unless ``counted``, nothing is evaluated: blocks that live say so in their place."""
    # Rooms below name some things in the language of the moment: it is that of the paper.
    with translation.override("zh-hans" if who.language == "zh" else "en"):
        return _of(who, counted=counted)


def _of(who: Reader, *, counted: bool) -> Paper:
    if counted:
        prepare(who, who.content)
    waiting = (Notice(text=who.say(COUNTING), tone="muted"),)
    plan, language = who.plan, who.language
    day = who.end - timedelta(days=1)
    facts = [
        (Text("Period", "计划周期"), f"{plan.first_day} – {plan.last_day}"),
        (Text("Owner", "负责人"), plan.owner),
        (Text("Figures up to", "数据截至"), f"{day}"),
        (Text("Version", "版本"), f"{plan.words}"),
    ]
    parts = tuple(
        papers.Part(
            slug=part.slug,
            title=part.called(language),
            blocks=tuple(
                papers.Block(
                    key=one.key, elements=shown(one, who) if counted or one.kind in WORDS else waiting
                )
                for one in part.blocks
            ),
        )
        for part in who.content.parts
    )
    return Paper(
        title=plan.title,
        subtitle=who.say(Text("Customer development plan", "客户发展管理计划书")),
        organisation=who.house.name,
        language=language,
        facts=tuple((who.say(label), value) for label, value in facts if value),
        parts=parts,
        sources=linked.sources(who),
    )


def prepare(who: Reader, blocks: Iterable[Block]) -> None:
    """Evaluate what the blocks ask for, all of it in as few passes as it takes."""
    asks: list[Ask] = []
    totals: list[Ask] = []
    for block in blocks:
        if block.kind not in ASKS:
            continue
        try:
            asks += ASKS[block.kind](block, who)
            totals += measured.totals_of(block, who)
        except CannotSay:
            continue  # said where the block is shown
    who.figures.prepare([*asks, *totals])
    # Where nothing was counted it is asked whether there ever was anything: again all at once.
    who.figures.prepare([one.ever for one in totals if _silent(one, who)])


def shown(block: Block, who: Reader) -> tuple[Element, ...]:
    """What a block shows; a sentence where it cannot."""
    try:
        return SHOWN[block.kind](block, who)
    except CannotSay as error:
        problem = who.say(error.words)
    except HuoshuiError as error:
        # A refusal of a room below, such as a slice that a figure has not.
        problem = who.refusal(error)
    return (Notice(text=problem),)


def _silent(ask: Ask, who: Reader) -> bool:
    try:
        return who.figures.silent(ask)
    except HuoshuiError:
        return False


def _text(block: Block, who: Reader) -> tuple[Element, ...]:
    if not block["text"]:
        raise CannotSay(NOT_SET)
    return elements(block["text"])


def _quote(block: Block, who: Reader) -> tuple[Element, ...]:
    if not block["text"]:
        raise CannotSay(NOT_SET)
    return (Quote(words=plain(block["text"]), by=block["by"]),)


def _proposition(block: Block, who: Reader) -> tuple[Element, ...]:
    if not block["statement"]:
        raise CannotSay(NOT_SET)
    said: list[Element] = [Heading(text=block["statement"], level=3)]
    for field, label in (
        ("differentiation", Text("What sets it apart", "差异化")),
        ("scenes", Text("Scenes", "场景")),
    ):
        if block[field]:
            said += [
                Paragraph(words=(Run(text=who.say(label), bold=True),)),
                Points(items=points(block[field])),
            ]
    return tuple(said)


SHOWN: Mapping[str, Callable[[Block, Reader], tuple[Element, ...]]] = {
    "text": _text,
    "quote": _quote,
    "proposition": _proposition,
    "metrics": measured.metrics_row,
    "chart": measured.chart,
    "table": measured.table,
    "segment": people.segment,
    "persona": people.persona,
    "goals": linked.goals,
    "measures": doing.measures,
    "schedule": doing.schedule,
    "budget": keeping.budget,
    "reviews": keeping.reviews,
    "finding": linked.finding,
}
ASKS: Mapping[str, Callable[[Block, Reader], list[Ask]]] = {
    "metrics": measured.asks_of_metrics,
    "chart": measured.asks_of_chart,
    "table": measured.asks_of_table,
    "persona": people.asks_of_persona,
}

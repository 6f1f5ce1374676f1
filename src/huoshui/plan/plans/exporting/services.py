"""Verbs of snapshots: freezing a plan as it stands, and making a file of what was frozen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max

from huoshui.desk.audit import services as audit
from huoshui.desk.organisation import looking
from huoshui.documents import frozen
from huoshui.documents.looks import Order, Writing
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.papers import Block, Element, Paper, Part, Schedule
from huoshui.kernel.plugs import House
from huoshui.kernel.texts import LANGUAGES, Language, Text
from huoshui.plan.plans.changing import held
from huoshui.plan.plans.document import queries as documents
from huoshui.plan.plans.document import reading
from huoshui.plan.plans.exporting import queries
from huoshui.plan.plans.exporting.errors import NotAnExport
from huoshui.plan.plans.models import Snapshot
from huoshui.plan.plans.queries import KIND

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot as Tables

LONGEST_NOTE = 200
SNAPSHOT = Text("Snapshot", "数据快照")


def freeze(*, actor: Actor, plan_id: int, tables: Tables, house: House, note: str = "", now: datetime) -> int:
    """Keep the plan as it stands, in both languages; return the number of the snapshot.

    It keeps the look of the organisation too. While the house, the plan, the look and all that is said are as they
    were, the last snapshot is returned again and nothing is kept: what only moves with the clock, such as the mark of
    today, makes no new one. Raises `NoSuchPlan`, `NotAllowed`.
    """
    with transaction.atomic():
        row = held(actor=actor, plan_id=plan_id, archived=True)
        papers: dict[Language, Paper] = {
            language: reading.paper(
                actor=actor, plan_id=plan_id, tables=tables, house=house, language=language, now=now
            )
            for language in LANGUAGES
        }
        words = documents.document(actor=actor, plan_id=plan_id).number
        look = looking.look_number()
        asked = digest(papers, tables.version, row.version, words, look)
        last = Snapshot.objects.filter(plan=row).order_by("-number").only("number", "asked").first()
        if last is not None and last.asked == asked:
            return last.number
        number = (Snapshot.objects.filter(plan=row).aggregate(last=Max("number"))["last"] or 0) + 1
        local = now.astimezone(house.zone)
        Snapshot.objects.create(
            plan=row,
            number=number,
            asked=asked,
            house_version=tables.version,
            look=look,
            papers={
                language: frozen.freeze(stamped(paper, number=number, at=local))
                for language, paper in papers.items()
            },
            note=" ".join(note.split())[:LONGEST_NOTE],
            made_by=actor.name[:200],
            made_at=now,
        )
        detail = {"snapshot": number, "house_version": tables.version}
        audit.record(actor=actor, act="plan.frozen", subject=f"{KIND}:{plan_id}", detail=detail, now=now)
    return number


def export(*, actor: Actor, plan_id: int, number: int, kind: str, language: Language, now: datetime) -> bytes:
    """The file of a snapshot; ``kind`` is a key of `KINDS`. One snapshot gives the same bytes, whatever came since.

    Raises `NotAnExport`, `NoSuchSnapshot`, `NoSuchPlan`, `NotAllowed`.
    """
    actor.require(Right.PLANS_EDIT)
    if kind not in KINDS or language not in LANGUAGES:
        wrong = kind if kind not in KINDS else language
        raise NotAnExport(
            Text("A plan is exported as a Word document, a PDF or slides", "计划可导出为 Word、PDF 或幻灯片"),
            received=str(wrong)[:40],
            valid=", ".join(KINDS if kind not in KINDS else LANGUAGES),
        )
    seen = queries.snapshot(actor=actor, plan_id=plan_id, number=number)
    paper = queries.frozen(plan_id=plan_id, number=number, language=language)
    look = looking.look(seen.look)
    made = KINDS[kind](Order(paper=paper, look=look, writing=_writing(), made_at=seen.made_at))
    detail = {"snapshot": number, "file": kind, "language": language}
    audit.record(actor=actor, act="plan.exported", subject=f"{KIND}:{plan_id}", detail=detail, now=now)
    return made


def stamped(paper: Paper, *, number: int, at: datetime) -> Paper:
    """The paper with the number and the local time of its snapshot among its facts."""
    fact = (SNAPSHOT.in_(paper.language), f"{number} · {at:%Y-%m-%d %H:%M}")
    return replace(paper, facts=(*paper.facts, fact))


def digest(papers: Mapping[Language, Paper], house: int, plan: int, words: int, look: int) -> str:
    """What a snapshot was made from, as a digest: the versions, the look, and all that the papers say.

    The mark of today does not count. What rooms below say (segments, metrics of the organisation, research that is
    cited) is in the papers.
    """
    said = [frozen.freeze(_without_today(papers[language])) for language in sorted(papers)]
    return hashlib.sha256(json.dumps([house, plan, words, look, said]).encode()).hexdigest()


def _without_today(paper: Paper) -> Paper:
    def still(one: Element) -> Element:
        return replace(one, today=None) if isinstance(one, Schedule) else one

    def block(one: Block) -> Block:
        return replace(one, elements=tuple(still(element) for element in one.elements))

    def part(one: Part) -> Part:
        return replace(one, blocks=tuple(block(each) for each in one.blocks))

    return replace(paper, parts=tuple(part(one) for one in paper.parts))


def _writing() -> Writing:
    from huoshui.web.charts import briefly, place_label

    return Writing(place=place_label, number=briefly)


# The renderers load Matplotlib: only when a file is made.


def _word(order: Order) -> bytes:
    from huoshui.documents import word

    return word.render(order)


def _pdf(order: Order) -> bytes:
    from huoshui.documents import pdf

    return pdf.render(order)


def _slides(order: Order) -> bytes:
    from huoshui.documents import slides

    return slides.render(order)


KINDS: Mapping[str, Callable[[Order], bytes]] = {"docx": _word, "pdf": _pdf, "pptx": _slides}

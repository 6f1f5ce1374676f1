"""Values for the page of a plan's document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from huoshui.desk.threads import queries as threads
from huoshui.desk.threads.queries import Signing
from huoshui.desk.users import queries as users
from huoshui.kernel.actors import Actor
from huoshui.kernel.papers import Element, Paper
from huoshui.kernel.texts import Language, Text
from huoshui.plan.plans.document import checking
from huoshui.plan.plans.document.content import Block, Content
from huoshui.plan.plans.document.kinds import KINDS
from huoshui.plan.plans.pages.head import TABS, address_of
from huoshui.plan.plans.pages.paper import Shown, shown
from huoshui.plan.plans.queries import PlanSeen
from huoshui.web.lists import Tone

SIGNED: dict[str, tuple[Text, Tone]] = {
    "waiting": (Text("waiting", "待审批"), "info"),
    "approved": (Text("approved", "已通过"), "good"),
    "returned": (Text("returned", "已退回"), "bad"),
    "outdated": (Text("outdated by a newer version", "已被新版本取代"), "warn"),
    "": (Text("not answered yet", "尚未答复"), ""),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockShown:
    """A block of the page: what kind it is, and its elements."""

    key: str
    label: str
    elements: Sequence[Shown]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartShown:
    """A part of the page. ``own`` is the title that it was given, empty for its usual one."""

    number: int
    slug: str
    title: str
    own: str
    blocks: Sequence[BlockShown]
    first: bool
    last: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RemarkShown:
    """What is not in order, and the address where it is put right."""

    where: str
    words: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """The sign-off of the newest version: how it stands, and who answered what, with their departments."""

    state: str
    tone: Tone
    number: int
    answers: Sequence[tuple[str, str, str, Tone]]


def parts(paper: Paper, content: Content, language: Language) -> list[PartShown]:
    """The parts of a paper with what their editor needs."""
    found = []
    for at, (said, part) in enumerate(zip(paper.parts, content.parts, strict=True)):
        blocks = [
            block(one, made.elements, language) for one, made in zip(part.blocks, said.blocks, strict=True)
        ]
        found.append(
            PartShown(
                number=at + 1,
                slug=part.slug,
                title=said.title,
                own=part.title,
                blocks=blocks,
                first=at == 0,
                last=at == len(content.parts) - 1,
            )
        )
    return found


def block(one: Block, elements: Sequence[Element], language: Language) -> BlockShown:
    """One block of the page."""
    return BlockShown(key=one.key, label=KINDS[one.kind].label.in_(language), elements=shown(elements))


def remarks(
    found: Sequence[checking.Remark], plan: PlanSeen, content: Content, language: Language
) -> list[RemarkShown]:
    """What is not in order, each with the place where it is put right."""
    titles = {part.slug: part.called(language) for part in content.parts}
    answer = []
    for one in found:
        if one.page != "document":
            where, address = TABS[one.page][0].in_(language), address_of(one.page, plan)
        else:
            where = titles.get(one.part, "")
            address = f"#block-{one.key}" if one.key else f"#part-{one.part}"
        answer.append(RemarkShown(where=where, words=one.words.in_(language), address=address))
    return answer


def signed(actor: Actor, plan: PlanSeen, language: Language) -> Signed | None:
    """How the sign-off of the newest version stands; nothing where none was asked for."""
    if not plan.words:
        return None
    found: Signing | None = threads.sign_off(actor=actor, subject=plan.subject, number=plan.words)
    if found is None:
        return None
    state, tone = SIGNED[found.state]
    asked = {one.user_id for one in found.asked if one.team is None}
    names = {team.id: team.name.in_(language) for team in users.teams()}
    teams = {
        one.id: ", ".join(names[team] for team in sorted(one.team_ids) if team in names)
        for one in users.colleagues()
        if one.id in asked
    }
    return Signed(
        state=state.in_(language),
        tone=tone,
        number=found.number,
        answers=[
            (
                one.team.in_(language) if one.team else one.name,
                one.name if one.team else teams.get(one.user_id or 0, ""),
                SIGNED[one.word][0].in_(language),
                SIGNED[one.word][1],
            )
            for one in found.asked
        ],
    )

"""Blocks that show what other rooms hold: goals, and findings of research."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from huoshui.kernel.papers import Element, Heading, Notice, Paragraph
from huoshui.kernel.texts import Text
from huoshui.know.research import queries as research
from huoshui.know.research.queries import Citation
from huoshui.plan.plans.document.content import Block
from huoshui.plan.plans.document.measured import NOT_SET
from huoshui.plan.plans.document.reader import CannotSay, Reader
from huoshui.plan.plans.document.words import elements, plain
from huoshui.plan.plans.goals import checking, standing
from huoshui.plan.plans.goals import papers as goal_papers
from huoshui.plan.plans.goals import queries as goal_queries
from huoshui.plan.plans.goals.queries import GoalSeen

BETWEEN = Text("; ", "；")
NO_SOURCE = Text("A source of this finding is no longer there.", "这条结论的某个出处已不存在。")


def goals(block: Block, reader: Reader) -> tuple[Element, ...]:
    """The goal tree with how each stands."""
    found = all_goals(reader)
    standings = standing.standings(
        plan_id=reader.plan.id, goals=found, tables=reader.tables, house=reader.house, now=reader.now
    )
    said = goal_papers.elements(
        standings, checking.checks(found), currency=reader.house.currency, language=reader.language
    )
    return (*_titled(block), *said)


def finding(block: Block, reader: Reader) -> tuple[Element, ...]:
    """What research found, with the numbers of its sources; one that is gone is said."""
    if not block["text"]:
        raise CannotSay(NOT_SET)
    known = cited(reader)
    keys = block.several("cites")
    numbers = {key: number for number, key in enumerate(known, start=1)}
    said = [f"[{numbers[key]}] {known[key].title}" for key in keys if key in known]
    found = list(elements(block["text"]))
    if said:
        label = Text("Sources: ", "出处：")
        found.append(Paragraph(words=plain(reader.say(label) + reader.say(BETWEEN).join(said))))
    if len(said) < len(keys):
        found.append(Notice(text=reader.say(NO_SOURCE)))
    return tuple(found)


def cited(reader: Reader) -> Mapping[str, Citation]:
    """What the findings of the whole document cite, each once, in the order of their numbers."""
    if "cited" not in reader.shared:
        keys = dict.fromkeys(
            key for one in reader.content if one.kind == "finding" for key in one.several("cites")
        )
        known = research.cited(keys)
        reader.shared["cited"] = {key: known[key] for key in keys if key in known}
    found: Mapping[str, Citation] = reader.shared["cited"]
    return found


def sources(reader: Reader) -> tuple[str, ...]:
    """The list of sources, by number."""
    return tuple(
        " · ".join(part for part in (one.title, one.source, f"{one.day}", one.link) if part)
        for one in cited(reader).values()
    )


def all_goals(reader: Reader) -> Sequence[GoalSeen]:
    """The goals of the plan, asked for once."""
    if "goals" not in reader.shared:
        reader.shared["goals"] = goal_queries.goals(actor=reader.actor, plan_id=reader.plan.id)
    found: Sequence[GoalSeen] = reader.shared["goals"]
    return found


def _titled(block: Block) -> tuple[Element, ...]:
    return (Heading(text=block["title"], level=3),) if block["title"] else ()

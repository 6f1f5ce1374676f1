"""Putting the company's plan together, through the doors that everybody uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType

from huoshui.demo.planning import known
from huoshui.demo.planning.groups import GROUPS
from huoshui.demo.planning.steps import BUDGET, STEPS
from huoshui.demo.planning.words import CITES, PLAN
from huoshui.demo.saying import said
from huoshui.desk.users import queries as users
from huoshui.kernel.actors import Actor
from huoshui.kernel.texts import Language
from huoshui.know.research import drafts
from huoshui.know.research import services as research
from huoshui.know.segments import services as segments
from huoshui.lake.snapshot import Snapshot
from huoshui.measure.metrics import entering
from huoshui.measure.metrics.periods import months_after
from huoshui.plan.plans.budget import services as budget
from huoshui.plan.plans.document import editing, services
from huoshui.plan.plans.document.content import Content
from huoshui.plan.plans.goals import services as goals
from huoshui.plan.plans.goals.usual import KPIS, MISSION
from huoshui.plan.plans.measures import services as measures
from huoshui.plan.plans.measures.drafting import Draft
from huoshui.plan.plans.reviews import services as reviews

BEGUN = 5
"""Whole months that the plan has been in force."""
GOALS = tuple(slug for slug in (*MISSION, *KPIS) if slug != "share_in_three_years")
SHARE = Decimal("0.031")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What plans in any language stand on: segments by the slug of their group, and what they cite."""

    groups: Mapping[str, str]
    cites: tuple[str, ...]


def prepare(*, actor: Actor, until: date, language: Language, now: datetime) -> Ground:
    """Make the segments, write down what is known of the market, and enter the company's share of it.

    All that in ``language``, the one that the company speaks.
    """
    groups = {
        one.slug: segments.add(
            actor=actor,
            name=one.label.in_(language),
            rule=said(one.rule, language),
            note=one.note.in_(language),
            now=now,
        )
        for one in GROUPS
    }
    origin = drafts.Origin(source=known.INVENTED.in_(language), day=until, confidence="medium")
    research.compare_by(actor=actor, names=[name.in_(language) for name in known.CRITERIA], now=now)
    for rival in known.RIVALS:
        scores = {
            name.in_(language): (score, remark.in_(language))
            for name, score, remark in zip(known.CRITERIA, rival.scores, rival.remarks, strict=True)
        }
        draft = drafts.Competitor(
            name=rival.name.in_(language),
            about=rival.about.in_(language),
            ours=rival.ours,
            scores=scores,
            origin=origin,
        )
        research.add(actor=actor, draft=draft, now=now)
    cites = []
    for size in known.SIZES:
        figure = drafts.Figure(
            name=size.name.in_(language),
            unit=size.unit.in_(language),
            values=dict(size.years),
            origin=replace(origin, confidence=size.confidence),
        )
        cites.append(f"figure:{research.add(actor=actor, draft=figure, now=now)}")
    for told in known.INTERVIEWS:
        note = drafts.Note(
            who=told.who.in_(language),
            words=told.words.in_(language),
            means=told.means.in_(language),
            segment=groups[told.group],
            origin=origin,
        )
        cites.append(f"note:{research.add(actor=actor, draft=note, now=now)}")
    first = months_after(until.replace(day=1), -12)
    last = until.replace(day=1) - timedelta(days=1)
    entering.enter(
        actor=actor,
        slug="market_share",
        first_day=first,
        last_day=last,
        value=SHARE,
        source=known.INVENTED.in_(language),
        now=now,
    )
    return Ground(groups=groups, cites=tuple(cites))


def compose(
    *,
    actor: Actor,
    ground: Ground,
    until: date,
    language: Language,
    house: Language,
    campaigns: Mapping[str, int] = MappingProxyType({}),
    tables: Snapshot,
    now: datetime,
) -> int:
    """Write the plan in one language, with goals, measures, budget and reviews, and return its number.

    Channels have the names that the facts call them by: those of the language ``house`` that the company speaks.

    It is in force since `BEGUN` whole months before the last day of the company. ``campaigns`` are the numbers
    of finished ones by slug, which the measures that they carried out are linked with.
    """
    first = months_after(until.replace(day=1), -BEGUN)
    last = months_after(first, 12) - timedelta(days=1)
    plan = services.create(
        actor=actor,
        title=PLAN.label.in_(language),
        template="development",
        first_day=first,
        last_day=last,
        language=language,
        now=now,
    )
    content = _filled(PLAN.content(language), ground)
    editing.keep_content(actor=actor, plan_id=plan, content=content, now=now)
    services.activate(actor=actor, plan_id=plan, now=now)
    goals.add_usual(actor, plan, GOALS, now, tables=tables)
    _add_measures(actor, plan, content, first, campaigns, language, house, now)
    entries = [
        budget.Entry(
            channel=channel.in_(house),
            month=month,
            planned=planned,
            committed=committed if month <= until else Decimal(0),
            was=(Decimal(0), Decimal(0)),
        )
        for channel, planned, committed in BUDGET
        for month in (months_after(first, number) for number in range(12))
    ]
    budget.keep(actor=actor, plan_id=plan, entries=entries, now=now)
    reviews.set_rhythm(
        actor=actor, plan_id=plan, weekday=0, month_day=1, people=(), version=0, today=until, now=now
    )
    return plan


def _filled(content: Content, ground: Ground) -> Content:
    """The content with segments and sources by the names that this house has given them."""
    parts = []
    for part in content.parts:
        blocks = []
        for one in part.blocks:
            values = dict(one.values)
            if values.get("segment"):
                values["segment"] = ground.groups[values["segment"]]
            if values.get("cites") == CITES:
                values["cites"] = ",".join(ground.cites)
            blocks.append(replace(one, values=values))
        parts.append(replace(part, blocks=tuple(blocks)))
    return Content(parts=tuple(parts))


def _add_measures(
    actor: Actor,
    plan: int,
    content: Content,
    first: date,
    campaigns: Mapping[str, int],
    language: Language,
    house: Language,
    now: datetime,
) -> None:
    propositions = [one.key for one in content if one.kind == "proposition"]
    teams = {one.slug: one.id for one in users.teams()}
    made: list[int] = []
    for step in STEPS:
        begins = first + timedelta(days=step.begins)
        draft = Draft(
            name=step.name.in_(language),
            note=step.note.in_(language),
            kind=step.kind,
            proposition=propositions[step.proposition],
            state=step.state,
            done=step.done,
            team_id=teams.get(step.team),
            first_day=begins,
            last_day=begins + timedelta(days=step.lasts - 1),
            after=tuple(made[place] for place in step.after),
            cost=step.cost,
            channel=said(step.channel, house),
            effect_metric=step.metric,
            effect=step.effect,
            campaigns=(campaigns[step.campaign],) if step.campaign in campaigns else (),
        )
        made.append(measures.add(actor=actor, plan_id=plan, draft=draft, now=now))

"""Questions about measures: which a plan has, and what of them counts in the timeline."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from huoshui.desk.users import queries as users
from huoshui.kernel.actors import Actor
from huoshui.kernel.texts import Text
from huoshui.plan.plans import queries as plans
from huoshui.plan.plans.measures.dependencies import Span
from huoshui.plan.plans.measures.errors import NoSuchMeasure
from huoshui.plan.plans.models import Link, Measure

STATES: Mapping[str, Text] = {
    "planned": Text("planned", "未开始"),
    "running": Text("under way", "进行中"),
    "done": Text("done", "已完成"),
    "dropped": Text("dropped", "已取消"),
}
KINDS: Mapping[str, Text] = {
    "": Text("other", "其他"),
    "channel": Text("channels", "渠道"),
    "promotion": Text("promotions", "促销"),
    "advertising": Text("advertising", "广告"),
    "brand": Text("brand", "品牌"),
    "experience": Text("experience", "体验"),
    "training": Text("people and training", "人员与培训"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureSeen:
    """A measure as it is kept; see `models.Measure`. ``cost`` is in house money, ``done`` in percent.

    ``segments`` are slugs, ``campaigns`` numbers. ``effect`` is what is hoped for, empty where nothing was said.
    """

    id: int
    plan_id: int
    name: str
    kind: str
    note: str
    proposition: str
    state: str
    done: int
    owner_id: int | None
    owner: str
    team_id: int | None
    team: Text | None
    first_day: date
    last_day: date
    after: tuple[int, ...]
    cost: Decimal
    channel: str
    effect_metric: str
    effect: str
    segments: tuple[str, ...]
    campaigns: tuple[int, ...]
    version: int

    @property
    def open(self) -> bool:
        """Whether something is still to be done."""
        return self.state in ("planned", "running")

    def late(self, today: date) -> bool:
        """Whether it should have ended, or begun, before ``today``."""
        return (self.open and self.last_day < today) or (self.state == "planned" and self.first_day < today)


def measures(*, actor: Actor, plan_id: int) -> tuple[MeasureSeen, ...]:
    """The measures of a plan in their order, dropped ones too. Raises `NoSuchPlan`, `NotAllowed`."""
    return of_plan(plans.plan(actor, plan_id).id)


def measure(*, actor: Actor, plan_id: int, measure_id: int) -> MeasureSeen:
    """One measure. Raises `NoSuchMeasure`, `NoSuchPlan`, `NotAllowed`."""
    for one in measures(actor=actor, plan_id=plan_id):
        if one.id == measure_id:
            return one
    raise NoSuchMeasure("There is no such measure in this plan", received=str(measure_id)[:40])


def of_plan(plan_id: int) -> tuple[MeasureSeen, ...]:
    """The measures of a plan, for verbs and jobs that have asked for rights already."""
    rows = list(Measure.objects.filter(plan_id=plan_id, deleted_at=None))
    names = users.names({row.owner_id for row in rows if row.owner_id})
    teams = {one.id: one.name for one in users.teams()} if any(row.team_id for row in rows) else {}
    links: dict[int, list[Link]] = defaultdict(list)
    for link in Link.objects.filter(measure__in=[row.pk for row in rows]).order_by("pk"):
        links[link.measure_id].append(link)
    there = {row.pk for row in rows}
    return tuple(
        MeasureSeen(
            id=row.pk,
            plan_id=plan_id,
            name=row.name,
            kind=row.kind,
            note=row.note,
            proposition=row.proposition,
            state=row.state,
            done=row.done,
            owner_id=row.owner_id,
            owner=names.get(row.owner_id or 0, ""),
            team_id=row.team_id,
            team=teams.get(row.team_id or 0),
            first_day=row.first_day,
            last_day=row.last_day,
            after=tuple(id_ for id_ in row.after if id_ in there),
            cost=row.cost,
            channel=row.channel,
            effect_metric=row.effect_metric,
            effect=row.effect,
            segments=tuple(one.target for one in links[row.pk] if one.kind == "segment"),
            campaigns=tuple(int(one.target) for one in links[row.pk] if one.kind == "campaign"),
            version=row.version,
        )
        for row in rows
    )


def spans(found: Sequence[MeasureSeen]) -> list[Span]:
    """Those that count in the timeline: dropped ones hold nobody up, and one that is done waits for nothing."""
    return [
        Span(
            id=one.id,
            first=one.first_day,
            last=one.last_day,
            after=() if one.state == "done" else one.after,
        )
        for one in found
        if one.state != "dropped"
    ]

"""What people say of a measure, and whether it can be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from huoshui.act.campaigns import queries as campaigns
from huoshui.desk.users import queries as users
from huoshui.kernel.actors import Actor
from huoshui.kernel.texts import Text
from huoshui.know.segments import queries as segments
from huoshui.plan.plans.measures.dependencies import ring
from huoshui.plan.plans.measures.errors import NotAMeasure
from huoshui.plan.plans.measures.queries import KINDS, STATES
from huoshui.plan.plans.models import Measure, Plan

MOST_LINKS = 20
LONGEST_NAME, LONGEST_NOTE = 200, 10_000
LONGEST = {"proposition": 40, "channel": 60, "effect_metric": 60, "effect": 40}
LARGEST = Decimal(10) ** 13
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)
DAYS = Text(
    "It begins before it ends, between 2000 and 2100", "开始日期不得晚于结束日期，且须在 2000 至 2100 年之间"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A measure as people say it. ``cost`` is in house money, ``done`` in percent."""

    name: str
    first_day: date
    last_day: date
    kind: str = ""
    note: str = ""
    proposition: str = ""
    state: str = "planned"
    done: int = 0
    owner_id: int | None = None
    team_id: int | None = None
    after: tuple[int, ...] = ()
    cost: Decimal = Decimal(0)
    channel: str = ""
    effect_metric: str = ""
    effect: str = ""
    segments: tuple[str, ...] = ()
    campaigns: tuple[int, ...] = ()


def values(plan: Plan, draft: Draft, *, actor: Actor, but: int | None) -> dict[str, Any]:
    """The columns of a measure; ``but`` is its id where it is there already. Raises `NotAMeasure`."""
    name = " ".join(_clean(draft.name).split())
    if not name or len(name) > LONGEST_NAME:
        raise NotAMeasure(
            Text(f"Give it a name of at most {LONGEST_NAME} letters", f"请填写名称，最多 {LONGEST_NAME} 字"),
            field="name",
            received=draft.name[:40],
        )
    for field, longest in {"note": LONGEST_NOTE, **LONGEST}.items():
        if len(getattr(draft, field)) > longest:
            raise NotAMeasure(
                Text("This is too long", "内容过长"), field=field, valid=f"at most {longest} letters"
            )
    if not EARLIEST <= draft.first_day <= draft.last_day <= LATEST:
        raise NotAMeasure(
            DAYS,
            field="last_day",
            received=f"{draft.first_day} – {draft.last_day}",
            valid=f"{EARLIEST} – {LATEST}",
        )
    _one_of("kind", draft.kind, KINDS)
    _one_of("state", draft.state, STATES)
    if not 0 <= draft.done <= 100:
        raise NotAMeasure(
            Text("Progress is 0 to 100 percent", "进度为 0 到 100%"),
            field="done",
            received=str(draft.done)[:20],
        )
    if not draft.cost.is_finite() or not 0 <= draft.cost < LARGEST or draft.cost != round(draft.cost, 2):
        raise NotAMeasure(
            Text("A cost is an amount from 0 with at most two decimals", "费用须不小于 0，最多两位小数"),
            field="cost",
            received=str(draft.cost)[:40],
        )
    if draft.owner_id is not None and draft.owner_id not in users.names({draft.owner_id}):
        raise NotAMeasure(Text("There is no such colleague", "没有这位同事"), field="owner_id")
    if draft.team_id is not None and draft.team_id not in {one.id for one in users.teams()}:
        raise NotAMeasure(Text("There is no such department", "没有这个部门"), field="team_id")
    _check_links(draft, actor)
    return {
        "name": name,
        "kind": draft.kind,
        "note": _clean(draft.note),
        "state": draft.state,
        "done": 100 if draft.state == "done" else draft.done,
        "owner_id": draft.owner_id,
        "team_id": draft.team_id,
        "first_day": draft.first_day,
        "last_day": draft.last_day,
        "after": _after(plan, draft, but),
        "cost": round(draft.cost, 2),
        **{field: _clean(getattr(draft, field)) for field in LONGEST},
    }


def _after(plan: Plan, draft: Draft, but: int | None) -> list[int]:
    """What a measure waits for. Raises `NotAMeasure` for strangers and rings."""
    others = dict(
        Measure.objects.filter(plan=plan, deleted_at=None).exclude(pk=but or 0).values_list("pk", "after")
    )
    wanted = sorted(set(draft.after))
    if but is not None and but in wanted:
        raise NotAMeasure(Text("A measure cannot wait for itself", "措施不能依赖自身"), field="after")
    if strangers := [id_ for id_ in wanted if id_ not in others]:
        raise NotAMeasure(
            Text("There is no such measure to wait for", "没有要等待的这项措施"),
            field="after",
            received=str(strangers[0])[:20],
        )
    if but is not None and ring({**others, but: wanted}):
        raise NotAMeasure(
            Text("These measures would wait for each other in a ring", "措施之间会形成循环依赖"),
            field="after",
            next_step="Take one of the dependencies out",
        )
    return wanted


def _check_links(draft: Draft, actor: Actor) -> None:
    if len(draft.segments) + len(draft.campaigns) > MOST_LINKS:
        raise NotAMeasure(Text(f"At most {MOST_LINKS} links", f"最多关联 {MOST_LINKS} 项"), field="campaigns")
    asked = {str(number) for number in draft.campaigns}
    if missing := asked - set(campaigns.titles(actor, sorted(asked))):
        raise NotAMeasure(
            Text("There is no such campaign", "没有这个活动"), field="campaigns", received=min(missing)[:20]
        )
    known = {one.slug for one in segments.segments()} if draft.segments else set()
    if strange := [slug for slug in draft.segments if slug not in known]:
        raise NotAMeasure(
            Text("There is no such segment", "没有这个客群"), field="segments", received=strange[0][:40]
        )


def _one_of(field: str, value: str, known: Mapping[str, Text]) -> None:
    if value not in known:
        raise NotAMeasure(
            Text("Choose one that is offered", "请从列表中选择"),
            field=field,
            received=value[:40],
            valid=", ".join(one for one in known if one),
        )


def _clean(text: str) -> str:
    return text.replace("\x00", "").strip()

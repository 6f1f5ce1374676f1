"""What of a goal follows from what was said and from the data."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from huoshui.kernel.plugs import HOUSE_ZONE
from huoshui.lake import open_lake
from huoshui.measure.dashboards.queries import end_of_figures
from huoshui.plan.plans.figures import Figures
from huoshui.plan.plans.goals import setting, targets
from huoshui.plan.plans.goals.queries import GoalSeen
from huoshui.plan.plans.goals.setting import Baseline, Draft

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot


def measured(
    draft: Draft, tables: Snapshot | None, now: datetime, *, kept: Baseline | None = None
) -> dict[str, Any]:
    """The columns of a goal that follow from what was said and from the data. Raises `NotAGoal`."""
    metric = setting.declared(draft.metric)
    name, said, points = setting.checked(draft, metric)
    zone = HOUSE_ZONE()
    tables = tables if tables is not None else open_lake().snapshot()
    end, figures = end_of_figures(tables=tables, zone=zone, now=now), Figures(tables)
    found = kept or setting.baseline(draft, metric, figures=figures, zone=zone, end=end)
    target = setting.target_of(said, found, metric)
    return {
        "name": name,
        "metric": metric.slug,
        "slice": setting.kept_slice(draft.cut),
        "first_day": draft.first_day,
        "last_day": draft.last_day,
        "baseline": "" if found.value is None else str(found.value),
        "baseline_kind": draft.baseline_kind,
        "baseline_of": [day.isoformat() for day in found.of],
        "target": "" if target is None else str(target),
        "said": {"how": said.how, "amount": str(said.amount)},
        "path": draft.path,
        "points": points,
        "shares": setting.seasons(draft, metric, figures=figures, zone=zone, end=end),
        "note": draft.note.strip(),
        "usual": draft.usual,
    }


def draft_of(seen: GoalSeen) -> Draft:
    """A goal as it would be said again."""
    metric = setting.declared(seen.metric)
    points = "\n".join(
        f"{day} {targets.said(targets.Said(how='absolute', amount=value), metric)}"
        for day, value in seen.points
    )
    return Draft(
        metric=seen.metric,
        target=targets.said(seen.said, metric),
        first_day=seen.first_day,
        last_day=seen.last_day,
        name=seen.name,
        cut=dict(seen.cut),
        baseline_kind=seen.baseline_kind,
        path=seen.path,
        points=points,
        owner_id=seen.owner_id,
        note=seen.note,
        parent_id=seen.parent_id,
        part=seen.part,
        usual=seen.usual,
    )

"""The form of a goal: what can be chosen, and what was sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from django.http import QueryDict

from huoshui.data.customers.conditions import offered_populations
from huoshui.desk.users import queries as users
from huoshui.kernel.actors import Right
from huoshui.kernel.clock import AsOf, NotADate, parse_day
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import TRAITS
from huoshui.kernel.texts import Language, Text
from huoshui.lake.kept import kept
from huoshui.measure.metrics import queries as metrics
from huoshui.measure.metrics.dimensions import IN, Value, named, valued
from huoshui.measure.metrics.periods import Period
from huoshui.plan.plans.goals.checking import PART_NAMED
from huoshui.plan.plans.goals.days import KINDS
from huoshui.plan.plans.goals.errors import NotAGoal
from huoshui.plan.plans.goals.queries import GoalSeen
from huoshui.plan.plans.goals.setting import Draft
from huoshui.plan.plans.goals.splitting import dimensions
from huoshui.plan.plans.pages.goals import PATHS
from huoshui.plan.plans.queries import PlanSeen

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

Options = Sequence[tuple[str, str]]
Groups = Sequence[tuple[str, Options]]
KEEP = "keep"
MOST_VALUES = 40
EVERYTHING = Text("everything", "全部")
NOBODY = Text("nobody yet", "暂无")
NO_MORE = Text("(no longer there)", "（已不存在）")
NONE = Text("stands by itself", "独立目标")


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What stands in the fields, what can be chosen, and which field is wrong."""

    values: Mapping[str, str]
    metrics: Options
    slices: Groups
    owners: Options
    parents: Options
    parts: Options
    paths: Options
    baselines: Options
    wrong: str = ""
    field: str = ""


def empty(plan: PlanSeen, *, parent: GoalSeen | None = None) -> dict[str, str]:
    """A goal that is not set yet: over the days of the plan, or of the goal that it is a part of."""
    over = parent or plan
    return {
        "metric": parent.metric if parent else "revenue",
        "name": "",
        "cut": _coded(parent.cut) if parent and len(parent.cut) < 2 else KEEP if parent else "",
        "first_day": over.first_day.isoformat(),
        "last_day": over.last_day.isoformat(),
        "target": "",
        "baseline_kind": parent.baseline_kind if parent else "year",
        "path": parent.path if parent and parent.path != "own" else "linear",
        "points": "",
        "owner": str((parent.owner_id if parent else plan.owner_id) or ""),
        "parent": str(parent.id) if parent else "",
        "part": "quarter" if parent else "",
        "note": "",
        "reason": "",
    }


def filled(draft: Draft) -> dict[str, str]:
    """A goal as it stands."""
    cut = tuple(draft.cut.items())
    return {
        "metric": draft.metric,
        "name": draft.name,
        "cut": _coded(cut) if len(cut) < 2 else KEEP,
        "first_day": draft.first_day.isoformat(),
        "last_day": draft.last_day.isoformat(),
        "target": draft.target,
        "baseline_kind": draft.baseline_kind,
        "path": draft.path,
        "points": draft.points,
        "owner": str(draft.owner_id or ""),
        "parent": str(draft.parent_id or ""),
        "part": draft.part,
        "note": draft.note,
        "reason": "",
    }


def sent(post: QueryDict, before: Mapping[str, str]) -> dict[str, str]:
    """What was sent, over what stood there."""
    return {name: post.get(name, value)[:5000] for name, value in before.items()}


def read(values: Mapping[str, str], *, kept_cut: Mapping[str, Value], usual: str = "") -> Draft:
    """What the form says. Raises `NotAGoal`."""
    days = {}
    for name in ("first_day", "last_day"):
        try:
            days[name] = parse_day(values[name])
        except NotADate as error:
            raise NotAGoal(
                Text("This is not a day: write 2026-01-31", "日期格式应为 2026-01-31"),
                field=name,
                received=values[name][:20],
            ) from error
    return Draft(
        metric=values["metric"],
        target=values["target"],
        first_day=days["first_day"],
        last_day=days["last_day"],
        name=values["name"],
        cut=dict(kept_cut) if values["cut"] == KEEP else _cut(values["cut"]),
        baseline_kind=values["baseline_kind"],
        path=values["path"],
        points=values["points"] if values["path"] == "own" else "",
        owner_id=_number(values["owner"]),
        note=values["note"],
        parent_id=_number(values["parent"]),
        part=values["part"] if _number(values["parent"]) else "",
        usual=usual,
    )


def form(
    values: Mapping[str, str],
    *,
    goals: Sequence[GoalSeen],
    but: int = 0,
    kept_cut: Mapping[str, Value],
    tables: Snapshot,
    as_of: AsOf,
    language: Language,
    refused: NotAGoal | None = None,
) -> Form:
    """The form for its template."""
    offered = [(one.slug, one.label.in_(language)) for one in metrics.catalogue()]
    if values["metric"] not in {slug for slug, _ in offered}:
        offered.insert(0, (values["metric"], f"{values['metric']} {NO_MORE.in_(language)}"))
    slices = _slices(tables, as_of, language)
    if values["cut"] == KEEP:
        said = ", ".join(
            f"{named(n).in_(language)}: {valued(n, v).in_(language)}" for n, v in kept_cut.items()
        )
        slices = [("", [(KEEP, said or EVERYTHING.in_(language))]), *slices]
    elif values["cut"] not in {code for _label, options in slices for code, _words in options}:
        name, _sign, value = values["cut"].partition(":")
        words = f"{named(name).in_(language)}: {valued(name, value or None).in_(language)}"
        slices = [("", [(values["cut"], words)]), *slices]
    return Form(
        values=values,
        metrics=offered,
        slices=slices,
        owners=[
            ("", NOBODY.in_(language)),
            *((str(n), name) for n, name in users.who_may(Right.CUSTOMERS_VIEW).items()),
        ],
        parents=[
            ("", NONE.in_(language)),
            *((str(one.id), "\N{EM SPACE}" * one.depth + one.name) for one in goals if one.id != but),
        ],
        parts=[(code, text.in_(language)) for code, text in PART_NAMED.items()],
        paths=[(code, text.in_(language)) for code, text in PATHS.items()],
        baselines=[(code, text.in_(language)) for code, text in KINDS.items()],
        wrong=refused.words.in_(language) if refused else "",
        field=refused.field if refused else "",
    )


def splits(language: Language) -> Options:
    """What a goal can be split by."""
    quarters = Text("quarters", "季度")
    return [
        ("quarter", quarters.in_(language)),
        *((slug, named(slug).in_(language)) for slug in dimensions()),
    ]


def _slices(tables: Snapshot, as_of: AsOf, language: Language) -> list[tuple[str, Options]]:
    groups: list[tuple[str, Options]] = [("", [("", EVERYTHING.in_(language))])]
    key = ("channels for goals", str(tables.lake.root), tables.version)
    channels = kept(key, partial(_channels, tables, as_of))
    if channels:
        groups.append((named("channel").in_(language), [(f"channel:{one}", one) for one in channels]))
    for trait in TRAITS:
        if trait.values:
            codes = [(f"{trait.slug}:{code}", text.in_(language)) for code, text in trait.values.items()]
            groups.append((trait.label.in_(language), codes))
    if of_people := [(f"{IN}:{group}", name.in_(language)) for group, name in offered_populations()]:
        groups.append((named(IN).in_(language), of_people))
    return groups


def _channels(tables: Snapshot, as_of: AsOf) -> list[str]:
    try:
        cells = metrics.evaluate("orders", tables=tables, period=Period.all_until(as_of), by=("channel",))
    except HuoshuiError:
        return []
    ordered = sorted(cells, key=lambda cell: (-cell.numerator, str(cell.dimensions["channel"])))
    return [str(cell.dimensions["channel"]) for cell in ordered[:MOST_VALUES] if cell.dimensions["channel"]]


def _coded(cut: Sequence[tuple[str, Value]]) -> str:
    return "".join(f"{name}:{'' if value is None else value}" for name, value in cut[:1])


def _cut(coded: str) -> dict[str, Value]:
    name, _sign, value = coded.partition(":")
    return {name: value or None} if name else {}


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None

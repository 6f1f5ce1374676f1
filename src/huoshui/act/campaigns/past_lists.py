"""Lists of whom another tool wrote to and whom it left out, read as the people of a campaign of the past."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import get_args
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction

from huoshui.act.campaigns.errors import NotACampaign
from huoshui.act.campaigns.past import LONGEST_REASON, MOST_PEOPLE, TOO_MANY, Past
from huoshui.act.campaigns.past import record as write_down
from huoshui.data.customers import queries as customers
from huoshui.data.customers.queries import Means
from huoshui.data.customers.scope import seen_ids
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.texts import Text

MOST_VALUES = 20
"""A column with more values says of nobody whether they were left out."""
LOOKED_AT = 200
KINDS: dict[Means, Text] = {
    "number": Text("the number of the shop", "店铺客户编号"),
    "phone": Text("the phone", "手机号"),
    "email": Text("the e-mail address", "邮箱"),
    "id": Text("the number of this house", "本系统客户编号"),
}
LEFT_OUT = ("control", "holdout", "held", "no", "none", "0", "false", "对照", "留出", "未", "否")
"""How the value of who was left out usually begins; and the name of a column that says yes of them."""
YES = ("1", "true", "yes", "y", "是")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How a list is read.

    ``who`` is the column that names people, by what ``kind`` says. ``held`` and ``value`` say who was left out to
    compare, empty where nobody was; ``reason`` is a column that says why somebody did not get it. ``known_only`` leaves
    out rows that name nobody here.
    """

    who: str
    kind: Means
    held: str = ""
    value: str = ""
    reason: str = ""
    known_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a list: a few of its ``cells``, and its ``values`` where they are few."""

    name: str
    cells: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """The ``table`` of a list as `past.record` takes it; how many rows named nobody (``unknown``), somebody again
    (``again``), or somebody who was on both sides and counts on none (``both``)."""

    table: pa.Table
    unknown: int
    again: int
    both: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """The ``number`` of the campaign that was written down, and what of the list was left out."""

    number: int
    people: People


def record(
    *,
    actor: Actor,
    past: Past,
    share: float | None,
    cells: pa.Table,
    asked: Asked,
    zone: ZoneInfo,
    now: datetime,
) -> Recorded:
    """Write down a campaign of the past with the people of a list; ``cells`` are texts (`connectors.cells.texts`).

    ``share`` is the part that was meant to be left out, in place of that of ``past``; None for the part that the list
    has, of which nobody can say whether it was drawn fairly. Raises as `past.record`, and `NotACampaign` for a list
    that cannot be read so; then nothing is kept.
    """
    actor.require(Right.CAMPAIGNS_EDIT)
    with transaction.atomic():
        found = people(actor=actor, cells=cells, asked=asked)
        part = pc.mean(found.table["held"]).as_py() if share is None else share
        past = replace(past, share=part)
        number = write_down(actor=actor, past=past, people=found.table, zone=zone, now=now)
    return Recorded(number=number, people=found)


def people(*, actor: Actor, cells: pa.Table, asked: Asked) -> People:
    """The people of a list, of whom ``actor`` sees; others are nobody to them. Raises `NotACampaign`, `NotAllowed`."""
    _require_columns(cells, asked)
    if not 0 < cells.num_rows <= MOST_PEOPLE:
        raise NotACampaign("people", TOO_MANY, received=f"{cells.num_rows:,}")
    named = cells[asked.who].to_pylist()
    meant = customers.meant(kind=asked.kind, texts=[one for one in named if one])
    if several := [text for text, ids in meant.items() if len(ids) > 1]:
        raise NotACampaign("who", SEVERAL, received=f"{len(several):,}")
    seen = seen_ids(actor, (next(iter(ids)) for ids in meant.values()))
    held = _held(cells, asked)
    why = cells[asked.reason].to_pylist() if asked.reason else [""] * cells.num_rows
    places: dict[int, tuple[bool, str]] = {}
    both: set[int] = set()
    left: Counter[str] = Counter()
    for text, is_held, reason in zip(named, held, why, strict=True):
        who = next(iter(meant.get(text, ())), None)
        if who is None or who not in seen:
            left["unknown"] += 1
        elif who not in places:
            places[who] = (is_held, reason)
        else:
            left["again"] += 1
            if places[who][0] != is_held:
                both.add(who)
    if left["unknown"] and not asked.known_only:
        raise NotACampaign("people", UNKNOWN, received=f"{left['unknown']:,} / {cells.num_rows:,}")
    kept = {who: said for who, said in places.items() if who not in both}
    if not kept:
        raise NotACampaign("people", NOBODY, received=f"{cells.num_rows:,}")
    return People(
        table=pa.table(
            {
                "customer_id": pa.array(kept, pa.int64()),
                "held": pa.array([is_held for is_held, _ in kept.values()], pa.bool_()),
                "suppressed": pa.array([reason or None for _, reason in kept.values()], pa.string()),
            }
        ),
        unknown=left["unknown"],
        again=left["again"],
        both=len(both),
    )


def columns(cells: pa.Table) -> list[Column]:
    """What each column of a list may be."""
    found = []
    for name in cells.column_names:
        values = pc.unique(cells[name])
        first = dict.fromkeys(filter(None, cells[name].slice(0, 50).to_pylist()))
        found.append(
            Column(
                name=name,
                cells=" · ".join(list(first)[:3])[:80],
                values=tuple(sorted(values.to_pylist())) if 1 < len(values) <= MOST_VALUES else (),
            )
        )
    return found


def guessed(cells: pa.Table) -> Asked:
    """How a list is probably to be read: the column and kind that names most customers, and who was left out."""
    best, most = Asked(who=cells.column_names[0], kind="number"), 0
    for name in cells.column_names:
        texts = [one for one in dict.fromkeys(cells[name].slice(0, LOOKED_AT).to_pylist()) if one]
        if len(texts) < min(2, cells.num_rows):
            continue
        for kind in get_args(Means):
            if (found := len(customers.meant(kind=kind, texts=texts))) > most:
                best, most = Asked(who=name, kind=kind), found
    for column in columns(cells):
        wanted = YES if column.name.lower().startswith(LEFT_OUT) else LEFT_OUT
        for value in column.values if column.name != best.who else ():
            if value.lower().startswith(wanted):
                return replace(best, held=column.name, value=value)
    return best


def _held(cells: pa.Table, asked: Asked) -> Sequence[bool]:
    if not asked.held:
        return [False] * cells.num_rows
    held: list[bool] = pc.equal(cells[asked.held], asked.value).to_pylist()
    if not any(held):
        raise NotACampaign(
            "held",
            NOBODY_HELD,
            received=f"{asked.held} = {asked.value}"[:80],
            valid=" · ".join(pc.unique(cells[asked.held]).slice(0, MOST_VALUES).to_pylist())[:200],
        )
    return held


def _require_columns(cells: pa.Table, asked: Asked) -> None:
    for field, name in (("who", asked.who), ("held", asked.held), ("reason", asked.reason)):
        if name not in cells.column_names and (name or field == "who"):
            raise NotACampaign(
                field, NO_COLUMN, received=name[:80], valid=", ".join(cells.column_names)[:200]
            )
    if asked.kind not in KINDS:
        raise NotACampaign("kind", NO_KIND, received=asked.kind[:80], valid=", ".join(KINDS))
    if (
        asked.reason
        and (longest := pc.max(pc.utf8_length(cells[asked.reason])).as_py() or 0) > LONGEST_REASON
    ):
        raise NotACampaign("reason", LONG_REASON, received=f"{longest}", valid=f"{LONGEST_REASON}")


NO_COLUMN = Text("The list has no such column", "名单中没有这一列")
NO_KIND = Text("People are not named by this", "不能用这种方式识别客户")
SEVERAL = Text(
    "Some of these name several customers of this house: give the list with another column that names people",
    "名单中有的标识对应多位客户：请改用另一列识别客户",
)
UNKNOWN = Text(
    "Some rows name nobody here. Import these customers first; or leave them out, if they are missing alike among "
    "those who got it and those who did not",
    "名单中有人不是本系统的客户。请先导入这些客户；如果他们在两侧同样缺失，也可以不计入",
)
NOBODY = Text("The list names no customer of this house on one side only", "名单中没有可以计入的客户")
NOBODY_HELD = Text("Nobody in the list was left out so", "名单中没有人这样被留作对照")
LONG_REASON = Text("A reason is a word or a few, not a text", "原因应为简短词语")

"""What the form of a rule offers: what can be asked for, how it is compared, and which values there really are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import ibis

from huoshui.data.customers import conditions as customers
from huoshui.kernel.plugs import TRAITS, IbisTable
from huoshui.kernel.texts import Language, Text
from huoshui.know.segments import drafts, queries
from huoshui.know.segments.drafts import Branch, Draft, Leaf
from huoshui.know.segments.models import Segment
from huoshui.know.segments.rules import MEASURES, OPS, PROPERTIES, Kind
from huoshui.know.segments.sentences import OPS as SAID
from huoshui.lake.care import events_by_name

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

MOST_OFFERED = 50
KEPT = 8

GROUPS = {
    "trait": Text("Traits", "特征"),
    "attribute": Text("Attributes", "属性"),
    "did": Text("Behaviour", "行为"),
    "bought": Text("Purchases", "购买"),
    "said": Text("Answers, consent, tags, segments", "回答、同意、标签、分群"),
}
DID = {
    "times": Text("did an event so many times", "做过某事件的次数"),
    "first": Text("first time of an event", "首次做某事件的时间"),
    "last": Text("last time of an event", "最近一次做某事件的时间"),
    "then": Text("did one event, then another", "做了一件事后又做另一件"),
}
BOUGHT = {
    ("orders", "times"): Text("number of orders", "订单数"),
    ("orders", "amount"): Text("amount of orders", "订单金额"),
    ("products", "times"): Text("orders with certain products", "购买某类商品的订单数"),
    ("products", "quantity"): Text("quantity of certain products", "购买某类商品的数量"),
    ("products", "amount"): Text("amount of certain products", "购买某类商品的金额"),
}
ANSWERS = ("nps", "csat", "ces")
CHANNELS = ("email", "sms", "phone", "wecom")

# By house and version: which events and values there are does not change within one.
_offered: dict[tuple[str, int], Offered] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """Real values, each with how many customers or events have it: of attributes by slug, and of events."""

    events: Sequence[tuple[str, int]]
    values: Mapping[str, Sequence[tuple[str, int]]]
    tags: Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A part of a rule as the form shows it. Of a group only ``join`` is shown; ``values`` names the list of offers."""

    key: str
    depth: int
    part: Draft
    group: bool
    removable: bool
    ops: Sequence[tuple[str, str]] = ()
    choices: Sequence[tuple[str, str, bool]] = ()
    several: bool = False
    kind: Kind | None = None
    values: str = ""
    asks: frozenset[str] = frozenset()
    properties: Sequence[str] = ()
    problem: str = ""


def offered(tables: Snapshot) -> Offered:
    """The values that there are, most frequent first; kept for the version of the house."""
    known = (str(tables.lake.root), tables.version)
    if found := _offered.get(known):
        return found
    events = events_by_name(tables)
    rows = tables.table("customers")
    texts = [slug for slug, kind in queries.fields()[1].items() if kind == "text" and slug in rows.columns]
    tags = tables.table("customer_tags")
    answer = Offered(
        events=_counted(tables, events, "name"),
        values={slug: _counted(tables, rows, slug) for slug in texts},
        tags=_counted(tables, tags.filter(tags.valid_to.isnull()), "tag"),
    )
    if len(_offered) >= KEPT:
        _offered.clear()
    _offered[known] = answer
    return answer


def _counted(tables: Snapshot, rows: IbisTable, column: str) -> list[tuple[str, int]]:
    named = rows.select(value=rows[column])
    named = named.filter(named.value.notnull(), named.value != "")
    counted = named.group_by("value").aggregate(n=named.count())
    found = tables.arrow(counted.order_by(ibis.desc("n"), "value").limit(MOST_OFFERED)).to_pylist()
    return [(row["value"], row["n"]) for row in found]


def fields(language: Language) -> list[tuple[str, list[tuple[str, str]]]]:
    """What a clause can ask for: (group, [(field, label)])."""
    known = customers.known()
    of_traits = [(f"trait:{slug}", one.label.in_(language)) for slug, one in known.items() if slug in TRAITS]
    others = [
        (f"attribute:{slug}", one.label.in_(language)) for slug, one in known.items() if slug not in TRAITS
    ]
    zh = language == "zh"
    said = [
        *((f"answer:{m}", f"最近一次 {m.upper()}" if zh else f"latest {m.upper()}") for m in ANSWERS),
        *((f"consent:{c}", f"{c} 同意" if zh else f"consent by {c}") for c in CHANNELS),
        ("tag:", "标签" if zh else "tag"),
        ("segment:", "属于分群" if zh else "in a segment"),
    ]
    return [
        (GROUPS["trait"].in_(language), of_traits),
        (GROUPS["attribute"].in_(language), others),
        (GROUPS["did"].in_(language), [(f"did:{what}", text.in_(language)) for what, text in DID.items()]),
        (
            GROUPS["bought"].in_(language),
            [(f"{facts}:{measure}", text.in_(language)) for (facts, measure), text in BOUGHT.items()],
        ),
        (GROUPS["said"].in_(language), said),
    ]


def rows(draft: Draft, language: Language, *, problem: str = "", at: str = "") -> list[Row]:
    """The parts of a draft from top to bottom; ``problem`` is shown at the part ``at``."""
    known = customers.known()
    shown = []
    for key, part in drafts.parts(draft):
        row = Row(
            key=key,
            depth=key.count("."),
            part=part,
            group=isinstance(part, Branch),
            removable=key != drafts.ROOT,
            problem=problem if key == at else "",
        )
        if isinstance(part, Branch):
            shown.append(row)
            continue
        kind, asks = _asked(part, known)
        of, _, slug = part.field.partition(":")
        chosen = {one.strip() for one in part.value.split(",")}
        codes = known[slug].values if of in ("trait", "attribute") and slug in known else {}
        shown.append(
            replace(
                row,
                ops=[(op, _said(op, language)) for op in OPS[kind]] if kind else (),
                choices=[(code, text.in_(language), code in chosen) for code, text in codes.items()],
                several=part.op in drafts.SEVERAL,
                kind=kind,
                values={"attribute": f"of-{slug}"}.get(of, ""),
                asks=asks,
                properties=tuple(PROPERTIES.get(of, ())),
            )
        )
    return shown


def _asked(leaf: Leaf, known: Mapping[str, customers.Known]) -> tuple[Kind | None, frozenset[str]]:
    """How the value of a clause is compared, and which further fields it has."""
    of, _, what = leaf.field.partition(":")
    match of:
        case "trait" | "attribute":
            return (known[what].kind if what in known else "text"), frozenset()
        case "did" if what == "then":
            return None, frozenset({"event", "then", "days"})
        case "did":
            return ("number" if what == "times" else "moment"), frozenset({"event", "days", "where"})
        case "orders" | "products" if what in MEASURES[of]:
            return "number", frozenset({"days", "where"})
        case "answer":
            return "number", frozenset({"days"})
        case "consent":
            return None, frozenset({"state", "purpose"})
        case "tag" | "segment":
            return None, frozenset({of})
        case _:
            return None, frozenset()


def _said(op: str, language: Language) -> str:
    """``is at least``: a comparison without its value."""
    said = SAID[op].in_(language)  # type: ignore[index]  # every op of OPS is said
    return said.replace("{} to {}", "…").replace("{}到{}", "…").replace("{}", "").strip() or op


def segment_names() -> list[tuple[str, str]]:
    """Slug and name of the segments that a rule can speak of."""
    return list(Segment.objects.filter(retired_at=None).order_by("name").values_list("slug", "name"))


TEMPLATES: Mapping[str, tuple[Text, Mapping[str, object]]] = {
    "first-time": (
        Text("First-time buyers", "首购客户"),
        {"all": [{"trait": "frequency", "op": "=", "value": 1}]},
    ),
    "sleeping": (
        Text("Sleeping high value", "沉睡的高价值客户"),
        {
            "all": [
                {"trait": "value_class", "op": "=", "value": "high"},
                {"trait": "stage", "op": "in", "value": ["silent", "lost"]},
            ]
        },
    ),
    "viewed": (
        Text("Looked three times in a week, bought nothing", "一周内浏览三次、没有购买"),
        {
            "all": [
                {"did": "Product Viewed", "op": ">=", "value": 3, "within_days": 7},
                {"orders": "times", "op": "=", "value": 0, "within_days": 7},
            ]
        },
    ),
    "a-not-b": (
        Text("Bought one category, not another", "买了某类、没买另一类"),
        {
            "all": [
                {
                    "products": "times",
                    "op": ">=",
                    "value": 1,
                    "where": [{"property": "category", "op": "=", "value": "A"}],
                },
                {
                    "products": "times",
                    "op": "=",
                    "value": 0,
                    "where": [{"property": "category", "op": "=", "value": "B"}],
                },
            ]
        },
    ),
    "unhappy": (
        Text("Unhappy in the last 90 days", "最近 90 天不满意"),
        {"any": [{"answer": "nps", "op": "<=", "value": 6, "within_days": 90}]},
    ),
}
"""Rules to begin with."""

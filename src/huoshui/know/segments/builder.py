"""The form of a rule: what can be asked for, how it is compared, and the parts of a draft as the form shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from huoshui.data.customers import conditions as customers
from huoshui.data.customers.tiers import TIERS
from huoshui.data.privacy.traits import CHANNELS
from huoshui.kernel.plugs import TRAITS
from huoshui.kernel.texts import Language, Text
from huoshui.know.segments import drafts, listed, sentences
from huoshui.know.segments.drafts import Branch, Condition, Draft, Leaf
from huoshui.know.segments.offering import Offers
from huoshui.know.segments.rules import MEASURES, MOMENTS, OPS, PARTS, PROPERTIES, Kind, Op
from huoshui.know.segments.sentences import OPS as SAID

GROUPS = {
    "trait": Text("Traits", "特征"),
    "attribute": Text("Attributes", "属性"),
    "did": Text("Behaviour", "行为"),
    "bought": Text("Purchases", "购买"),
    "said": Text("Answers, consent, tags, segments, lists", "回答、同意、标签、分群、名单"),
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
    ("orders", "first"): Text("first order", "首单时间"),
    ("orders", "last"): Text("last order", "最近一单时间"),
    ("products", "times"): Text("orders with certain products", "购买某类商品的订单数"),
    ("products", "quantity"): Text("quantity of certain products", "购买某类商品的数量"),
    ("products", "amount"): Text("amount of certain products", "购买某类商品的金额"),
    ("products", "first"): Text("first purchase of certain products", "首次购买某类商品的时间"),
    ("products", "last"): Text("last purchase of certain products", "最近一次购买某类商品的时间"),
}
ANSWERS = ("nps", "csat", "ces")
OWN_OPS: tuple[Op, ...] = tuple(dict.fromkeys((*OPS["text"], *OPS["number"])))
"""What a property that an event brought is compared by: its kind is that of the value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A value to choose: how many have it is 0 where that was not counted."""

    value: str
    label: str
    count: int = 0
    chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowed:
    """A condition on a property as the form shows it: ``name`` is what its fields begin with."""

    name: str
    condition: Condition
    ops: Sequence[tuple[str, str]]
    offers: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A part of a rule as the form shows it.

    ``offers``, those of conditions, and ``own``, the properties that an event brings, name lists of values, which the
    form holds once each. ``asks`` says which further fields there are; ``form`` how the value is typed: ``day``,
    ``number``, ``text`` or ``several``. ``count`` is how many customers meet the part, nothing where it is not
    complete; ``doubt`` is what is hardly meant.
    """

    key: str
    part: Draft
    group: bool
    removable: bool
    problem: str = ""
    doubt: str = ""
    count: int | None = None
    parts: Sequence[Row] = ()
    fields: Sequence[tuple[str, Sequence[tuple[str, str]]]] = ()
    ops: Sequence[tuple[str, str]] = ()
    choices: Sequence[Choice] = ()
    form: str = "text"
    offers: str = ""
    asks: frozenset[str] = frozenset()
    properties: Sequence[tuple[str, str]] = ()
    own: str = ""
    conditions: Sequence[Narrowed] = ()


@dataclass(slots=True)
class Form:
    """Makes the rows of one form, and collects which lists of values they offer: their keys by the id on the page."""

    language: Language
    offers: Offers
    counts: Mapping[str, int]
    problem: str = ""
    at: str = ""
    doubts: Mapping[str, Text] = field(default_factory=dict)
    known: Mapping[str, customers.Known] = field(default_factory=customers.known)
    lists: dict[str, str] = field(default_factory=dict)

    def row(self, draft: Draft, key: str = drafts.ROOT) -> Row:
        """The part ``key`` of a draft with all that is in it."""
        row = Row(
            key=key,
            part=draft,
            group=isinstance(draft, Branch),
            removable=key != drafts.ROOT,
            problem=self.problem if key == self.at else "",
            doubt=self.doubts[key].in_(self.language) if key in self.doubts else "",
            count=self.counts.get(key),
        )
        if isinstance(draft, Branch):
            return replace(
                row, parts=[self.row(part, f"{key}.{number}") for number, part in enumerate(draft.parts)]
            )
        kind, asks = _asked(draft, self.known)
        of, _, what = draft.field.partition(":")
        slug = what.partition(":")[0]
        return replace(
            row,
            fields=self.fields(draft.field),
            ops=self.compared(OPS[kind], draft.op) if kind else (),
            choices=self.choices(of, slug, draft) if kind in ("code", "flag") else (),
            form=_form(kind, draft),
            offers=self.list_of(f"{of}:{slug}") if kind == "text" else self.of_name(of, asks),
            asks=asks,
            properties=[
                (name, sentences.PROPERTIES[name].in_(self.language)) for name in PROPERTIES.get(of, ())
            ],
            own=self.list_of(f"own:{draft.name}") if of == "did" and draft.name and "where" in asks else "",
            conditions=self.narrowed(draft, of) if "where" in asks else (),
        )

    def fields(self, current: str) -> list[tuple[str, list[tuple[str, str]]]]:
        """What a clause can ask for: (group, [(field, label)]). ``current`` is there, whatever it is."""
        groups = fields(self.known, self.offers, self.language)
        if current and all(current != value for _group, options in groups for value, _label in options):
            slug = current.partition(":")[2]
            there = self.known.get(slug.partition(":")[0])
            gone = Text("retired", "已停用") if there else Text("not known any more", "已不存在")
            label = there.label.in_(self.language) if there else slug or current
            groups.append((gone.in_(self.language), [(current, label)]))
        return groups

    def choices(self, of: str, slug: str, draft: Leaf) -> list[Choice]:
        """The codes of a trait, or yes and no, with how many have each."""
        chosen = {one.strip() for one in draft.value.split(",")}
        counted = dict(self.offers.of(f"{of}:{slug}"))
        return [
            Choice(
                value=code, label=text.in_(self.language), count=counted.get(code, 0), chosen=code in chosen
            )
            for code, text in self.known[slug].values.items()
        ]

    def narrowed(self, draft: Leaf, of: str) -> list[Narrowed]:
        """The conditions that were written, and an empty one for a further one."""
        shown = []
        for number, one in enumerate((*draft.where, Condition())):
            kind = PROPERTIES[of].get(one.property)
            offers = f"{of}:{one.property}" if kind else f"own:{draft.name}/{one.property}"
            shown.append(
                Narrowed(
                    name=f"w{number}",
                    condition=one,
                    ops=self.compared(OPS[kind] if kind else OWN_OPS, one.compared),
                    offers=self.list_of(offers) if one.property and (kind or "text") == "text" else "",
                )
            )
        return shown

    def compared(self, ops: Sequence[Op], current: str) -> list[tuple[str, str]]:
        """Comparisons with their words; one that was written is there, whatever it is."""
        shown = [(str(op), _said(op, self.language)) for op in ops]
        return shown if not current or current in ops else [*shown, (current, current)]

    def of_name(self, of: str, asks: frozenset[str]) -> str:
        """The list of names that a clause is about: events or tags."""
        return self.list_of("event" if "event" in asks else "tag") if {"event", "tag"} & asks else ""

    def list_of(self, key: str) -> str:
        """The id on the page of a list of values."""
        for known, other in self.lists.items():
            if other == key:
                return known
        name = f"hs-of-{len(self.lists)}"
        self.lists[name] = key
        return name

    def offered(self) -> list[tuple[str, list[Choice]]]:
        """The lists that the rows named: id on the page and values."""
        return [
            (
                name,
                [
                    Choice(value=value, label=self.label(key, value), count=count)
                    for value, count in self.offers.of(key)
                ],
            )
            for name, key in self.lists.items()
        ]

    def label(self, key: str, value: str) -> str:
        """What a value is called, where it is a code."""
        return TIERS[value].in_(self.language) if key == "attribute:city_tier" and value in TIERS else ""


def fields(
    known: Mapping[str, customers.Known], offers: Offers, language: Language
) -> list[tuple[str, list[tuple[str, str]]]]:
    """What a clause can ask for, in groups: (group, [(field, label)]); nothing that is retired."""
    of: dict[str, list[tuple[str, str]]] = {"trait": [], "attribute": []}
    for slug, one in known.items():
        if one.retired:
            continue
        what, label = "trait" if slug in TRAITS else "attribute", one.label.in_(language)
        of[what].append((f"{what}:{slug}", label))
        if one.kind == "day":
            parts = ((part, sentences.PARTS[part].in_(language).format(label)) for part in PARTS)
            of[what] += [(f"{what}:{slug}:{part}", said) for part, said in parts]
    metrics = dict.fromkeys((*ANSWERS, *(value for value, _n in offers.of("answer"))))
    channels = dict.fromkeys((*dict(CHANNELS), *(value for value, _n in offers.of("consent"))))
    on_list = Text("on the list “{}”", "在名单“{}”中")
    latest, consent = Text("latest {}", "最近一次 {}"), Text("consent by {}", "通过{}的同意")
    said = [
        *((f"answer:{m}", latest.in_(language).format(m.upper())) for m in metrics),
        *(
            (f"consent:{c}", consent.in_(language).format(sentences.BY.get(c, Text(c, c)).in_(language)))
            for c in channels
        ),
        ("tag:", Text("tag", "标签").in_(language)),
        ("segment:", Text("in a segment", "属于分群").in_(language)),
        *((f"list:{number}", on_list.in_(language).format(name)) for number, name in listed.names().items()),
    ]
    bought = [(f"{facts}:{measure}", text.in_(language)) for (facts, measure), text in BOUGHT.items()]
    return [
        (GROUPS["trait"].in_(language), of["trait"]),
        (GROUPS["attribute"].in_(language), of["attribute"]),
        (GROUPS["did"].in_(language), [(f"did:{what}", text.in_(language)) for what, text in DID.items()]),
        (GROUPS["bought"].in_(language), bought),
        (GROUPS["said"].in_(language), said),
    ]


def _asked(leaf: Leaf, known: Mapping[str, customers.Known]) -> tuple[Kind | None, frozenset[str]]:
    """How the value of a clause is compared, and which further fields it has."""
    of, _, what = leaf.field.partition(":")
    match of:
        case "trait" | "attribute":
            slug, _, part = what.partition(":")
            return ("number" if part else known[slug].kind if slug in known else "text"), frozenset()
        case "did" if what == "then":
            return None, frozenset({"event", "then", "days"})
        case "did":
            return ("moment" if what in MOMENTS else "number"), frozenset({"event", "days", "where"})
        case "orders" | "products" if what in MEASURES[of]:
            return ("moment" if what in MOMENTS else "number"), frozenset({"days", "where"})
        case "answer":
            return "number", frozenset({"days", "where"})
        case "consent":
            return None, frozenset({"state", "purpose"})
        case "tag" | "segment":
            return None, frozenset({of})
        case _:
            return None, frozenset()


def _form(kind: Kind | None, leaf: Leaf) -> str:
    if leaf.op in drafts.SEVERAL:
        return "several"
    if kind == "number":
        return "number"
    return "day" if kind in ("moment", "day") and (not leaf.value or _is_day(leaf.value)) else "text"


def _is_day(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        # The field shows as text what is no day, so that it can be corrected.
        return False


def _said(op: Op, language: Language) -> str:
    """``is at least``: a comparison without its value."""
    said = SAID[op].in_(language)
    return said.replace("{} to {}", "…").replace("{}到{}", "…").replace("{}", "").strip() or op

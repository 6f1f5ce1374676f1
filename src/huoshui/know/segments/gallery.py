"""Rules to begin with: each says a question that companies ask, filled with what this house really has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from huoshui.data.customers import conditions as customers
from huoshui.data.customers.tiers import FIRST, NEW_FIRST
from huoshui.kernel.plugs import TRAITS
from huoshui.kernel.texts import Text
from huoshui.know.segments import queries, reading, sentences
from huoshui.know.segments.errors import BadRule
from huoshui.know.segments.offering import Offers

Written = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A rule to begin with. ``rule`` makes it from what the house has, or nothing where that is lacking, of which
    ``lacking`` says what it is; ``declares`` where that is an attribute. ``about`` is one of `ABOUT`."""

    slug: str
    about: str
    icon: str
    label: Text
    rule: Callable[[Offers], Written | None]
    lacking: Text | None = None
    declares: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A template as a page shows it: ``sentence`` is what its rule says, nothing where something is lacking."""

    template: Template
    sentence: Text | None


ABOUT = {
    "value": Text("Value and stage", "价值与阶段"),
    "buying": Text("Buying", "购买"),
    "voice": Text("What they do and say", "行为与反馈"),
    "person": Text("Who they are", "基本情况"),
}


def shown(offers: Offers) -> list[tuple[Text, list[Shown]]]:
    """All templates in groups, each with its sentence."""
    words = queries.words_now()
    of_traits, of_attributes = queries.fields()

    def said(one: Template) -> Shown:
        rule = one.rule(offers)
        sentence = None
        if rule is not None:
            # What the house does not know, such as a trait, is lacking as well.
            with suppress(BadRule):
                read = reading.parse(rule, traits=of_traits, attributes=of_attributes)
                sentence = sentences.sentence(read, words)
        return Shown(template=one, sentence=sentence)

    return [(label, [said(one) for one in TEMPLATES if one.about == about]) for about, label in ABOUT.items()]


def rule_of(slug: str, offers: Offers) -> tuple[Text, Written] | None:
    """The name and rule of a template; nothing where there is none, or where the house lacks what it asks for."""
    for one in TEMPLATES:
        if one.slug == slug and (rule := one.rule(offers)) is not None:
            return one.label, rule
    return None


def _always(*clauses: Written) -> Callable[[Offers], Written]:
    return lambda offers: {"all": list(clauses)}


def _a_not_b(offers: Offers) -> Written | None:
    """The two categories that are bought most."""
    found = [value for value, _n in offers.of("products:category")][:2]
    if len(found) < 2:
        return None
    return {"all": [_bought(found[0], ">=", 1), _bought(found[1], "=", 0)]}


def _bought(category: str, op: str, times: int) -> Written:
    where = [{"property": "category", "op": "=", "value": category}]
    return {"products": "times", "op": op, "value": times, "where": where}


def _birthday(offers: Offers) -> Written | None:
    """The day whose name speaks of a birth; where none does, the first one: its name stands in the sentence."""
    days = [one for one in customers.known().values() if one.kind == "day" and one.slug not in TRAITS]
    births = [one for one in days if any(word in one.slug + one.label.zh for word in ("birth", "生日"))]
    for day in (births or days)[:1]:
        return {"all": [{"attribute": day.slug, "part": "months_until", "op": "=", "value": 1}]}
    return None


def _large_cities(offers: Offers) -> Written:
    """The two highest tiers by the names that they have in this house: those of `tiers`, or English ones."""
    english = {FIRST: "first tier", NEW_FIRST: "new first tier"}
    there = [value for value, _n in offers.of("attribute:city_tier")]
    own = [value for name in english.values() for value in there if value.casefold() == name]
    coded = not own or any(code in there for code in english)
    values = [*(english if coded else ()), *own]
    return {"all": [{"attribute": "city_tier", "op": "in", "value": values}]}


def _store(offers: Offers) -> Written | None:
    found: Sequence[tuple[str, int]] = offers.of("orders:store")
    where = [{"property": "store", "op": "=", "value": found[0][0]}] if found else []
    return {"all": [{"orders": "times", "op": ">=", "value": 1, "where": where}]} if found else None


TEMPLATES: tuple[Template, ...] = (
    Template(
        slug="champions",
        about="value",
        icon="diamond",
        label=Text("Champions", "重要价值客户"),
        rule=_always({"trait": "rfm_segment", "op": "in", "value": ["champions", "loyal_customers"]}),
    ),
    Template(
        slug="sleeping",
        about="value",
        icon="zzz",
        label=Text("Sleeping high value", "沉睡的高价值客户"),
        rule=_always(
            {"trait": "value_class", "op": "=", "value": "high"},
            {"trait": "stage", "op": "in", "value": ["silent", "lost"]},
        ),
    ),
    Template(
        slug="at-risk",
        about="value",
        icon="alert-triangle",
        label=Text("Valuable and overdue", "逾期未购的高价值客户"),
        rule=_always(
            {"trait": "value_class", "op": "in", "value": ["high", "at_risk"]},
            {"trait": "overdue_ratio", "op": ">=", "value": 1},
        ),
    ),
    Template(
        slug="new",
        about="value",
        icon="user-plus",
        label=Text("New customers", "新客户"),
        rule=_always({"trait": "stage", "op": "=", "value": "new"}),
    ),
    Template(
        slug="first-time",
        about="buying",
        icon="shopping-bag",
        label=Text("First-time buyers", "首购客户"),
        rule=_always({"trait": "frequency", "op": "=", "value": 1}),
    ),
    Template(
        slug="no-second-order",
        about="buying",
        icon="clock",
        label=Text("No second order for 60 days", "首购后 60 天未复购"),
        rule=_always(
            {"trait": "frequency", "op": "=", "value": 1},
            {"orders": "times", "op": "=", "value": 0, "within_days": 60},
        ),
    ),
    Template(
        slug="a-not-b",
        about="buying",
        icon="adjustments-horizontal",
        label=Text("Bought one category, not another", "买了某类、没买另一类"),
        rule=_a_not_b,
        lacking=Text("orders of two categories are needed", "需要有两个品类的订单"),
    ),
    Template(
        slug="store",
        about="buying",
        icon="map-pin",
        label=Text("Customers of a store", "某门店的客户"),
        rule=_store,
        lacking=Text("orders with a store are needed", "需要带门店的订单"),
    ),
    Template(
        slug="viewed",
        about="voice",
        icon="eye",
        label=Text("Looked three times in a week, bought nothing", "一周内浏览三次、没有购买"),
        rule=_always(
            {"did": "Product Viewed", "op": ">=", "value": 3, "within_days": 7},
            {"orders": "times", "op": "=", "value": 0, "within_days": 7},
        ),
    ),
    Template(
        slug="unhappy",
        about="voice",
        icon="message-report",
        label=Text("NPS detractors of the last 90 days", "最近 90 天的 NPS 贬损者"),
        rule=_always({"answer": "nps", "op": "<=", "value": 6, "within_days": 90}),
    ),
    Template(
        slug="promoters",
        about="voice",
        icon="gift",
        label=Text("NPS promoters who bought again", "复购过的 NPS 推荐者"),
        rule=_always(
            {"answer": "nps", "op": ">=", "value": 9}, {"trait": "frequency", "op": ">=", "value": 2}
        ),
    ),
    Template(
        slug="email",
        about="person",
        icon="mail",
        label=Text("May be written to by e-mail", "同意邮件营销"),
        rule=_always({"consent": "email", "purpose": "marketing", "value": "granted"}),
    ),
    Template(
        slug="large-cities",
        about="person",
        icon="building",
        label=Text("In the largest cities", "一线与新一线城市"),
        rule=_large_cities,
    ),
    Template(
        slug="birthday",
        about="person",
        icon="cake",
        label=Text("Birthday next month", "下月生日"),
        rule=_birthday,
        lacking=Text(
            "declare an attribute of type date, such as birthday, and import it",
            "请先声明一个日期类型的属性（例如 birthday 生日），再导入它的值",
        ),
        declares=True,
    ),
)

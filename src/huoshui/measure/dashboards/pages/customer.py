"""The page of one customer as its template shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from huoshui.data.customers import queries as customers
from huoshui.kernel import masks
from huoshui.kernel.plugs import RELATIONS, TRAITS, House
from huoshui.kernel.texts import Language, Text
from huoshui.measure.dashboards.queries import Change, CustomerView, Order
from huoshui.web import figures
from huoshui.web.lists import Fact, Moment, Tone

FEW, MANY = 12, 500
"""How much of the past a page shows at first, and at most."""
FIGURES = ("net_monetary", "frequency", "average_order_value", "recency", "purchase_rhythm")
"""Traits that stand at the top, where they have a value."""
FIRST = (
    "stage",
    "value_class",
    "rfm_segment",
    *FIGURES,
    "overdue_ratio",
    "favourite_category",
    "first_order_at",
    "last_order_at",
)
TONES: dict[str, Tone] = {
    "new": "info",
    "active": "good",
    "silent": "warn",
    "lost": "bad",
    "high": "brand",
    "at_risk": "warn",
}
KINDS = {
    "number": Text("number", "编号"),
    "phone": Text("phone", "手机号"),
    "email": Text("e-mail", "邮箱"),
    "wecom": Text("WeCom", "企业微信"),
    "openid": Text("WeChat openid", "微信 openid"),
    "unionid": Text("WeChat unionid", "微信 unionid"),
}
CHANGES = {
    "refund": Text("Refund", "退款"),
    "return": Text("Return", "退货"),
    "cancellation": Text("Cancellation", "取消"),
    "correction": Text("Correction", "更正"),
}
STATES: dict[str, tuple[Text, Tone]] = {
    "granted": (Text("agreed", "同意"), "good"),
    "withdrawn": (Text("withdrawn", "已撤回"), "warn"),
}
PURPOSES = {
    "marketing": Text("Marketing", "营销"),
    "profiling": Text("Profiling", "画像分析"),
    "service": Text("Service", "服务"),
    "research": Text("Research", "调研"),
    "third_party": Text("Sharing with others", "提供给第三方"),
    "abroad": Text("Use abroad", "出境"),
}
CHANNELS = {
    "sms": Text("SMS", "短信"),
    "email": Text("e-mail", "邮件"),
    "wecom": Text("WeCom", "企业微信"),
    "push": Text("push", "推送"),
    "phone": Text("phone calls", "电话"),
    "post": Text("post", "邮寄"),
    "any": Text("any channel", "各渠道"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A word with its tone."""

    text: str
    tone: Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A trait at the top of the page."""

    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The page. Phones and e-mail addresses are masked."""

    customer_id: int
    name: str
    title: str
    phone: str
    email: str
    account: str
    owner: str
    since: str
    states: Sequence[State]
    tags: Sequence[str]
    consents: Sequence[State]
    figures: Sequence[Figure]
    moments: Sequence[Moment]
    happened: int
    all_shown: bool
    traits: Sequence[Fact]
    more_traits: Sequence[Fact]
    as_of: datetime | None
    attributes: Sequence[Fact]
    identities: Sequence[Fact]


def page(view: CustomerView, *, house: House, language: Language) -> Page:
    """The page for a reader of ``language``."""
    profile = view.profile
    traits = _traits(view, house, language)
    return Page(
        customer_id=profile.customer_id,
        name=profile.name,
        title=profile.name or f"{'客户' if language == 'zh' else 'Customer'} {profile.customer_id}",
        phone=masks.phone(profile.phone),
        email=masks.email(profile.email),
        account=profile.account_name,
        owner=profile.owner_name,
        since=f"{profile.created_at.astimezone(house.zone):%Y-%m-%d}",
        states=_states(view, language),
        tags=view.tags,
        consents=_consents(view, language),
        figures=[
            Figure(
                label=TRAITS[slug].label.in_(language),
                value=figures.of_trait(
                    TRAITS[slug], view.traits[slug].value, house.currency, house.zone, language
                ),
            )
            for slug in FIGURES
            if slug in view.traits
        ],
        moments=_moments(view, house, language),
        happened=view.orders_in_all + view.changes_in_all,
        all_shown=len(view.orders) == view.orders_in_all and len(view.changes) == view.changes_in_all,
        traits=[traits[slug] for slug in FIRST if slug in traits],
        more_traits=[fact for slug, fact in traits.items() if slug not in FIRST],
        as_of=next((value.as_of for value in view.traits.values()), None),
        attributes=_attributes(view, language),
        identities=[
            Fact(
                name=KINDS[known.kind].in_(language) + (f" · {known.source}" if known.source else ""),
                value=_masked(known.kind, known.value),
            )
            for known in profile.identities
        ],
    )


def _masked(kind: str, value: str) -> str:
    if kind == "phone":
        return masks.phone(value)
    return masks.email(value) if kind == "email" else value


def _states(view: CustomerView, language: Language) -> list[State]:
    found = []
    for slug in ("stage", "value_class", "rfm_segment"):
        value = view.traits[slug].value if slug in view.traits else None
        if value is not None:
            text = TRAITS[slug].values[value].in_(language)
            found.append(State(text=text, tone=TONES.get(value, "") if slug != "rfm_segment" else ""))
    return found


def _consents(view: CustomerView, language: Language) -> list[State]:
    """The newest word for each purpose and channel."""
    newest: dict[tuple[str, str], str] = {}
    for said in view.consents:
        newest.setdefault((said.purpose, said.channel), said.state)
    between = "：" if language == "zh" else ": "
    found = []
    for (purpose, channel), state in newest.items():
        name = " · ".join(
            word.in_(language) if word else code
            for word, code in ((PURPOSES.get(purpose), purpose), (CHANNELS.get(channel), channel))
        )
        text, tone = STATES.get(state, (Text(state, state), ""))
        found.append(State(text=f"{name}{between}{text.in_(language)}", tone=tone))
    return found


def _traits(view: CustomerView, house: House, language: Language) -> dict[str, Fact]:
    facts = {}
    for slug, found in view.traits.items():
        trait = TRAITS[slug]
        if found.value is None:
            continue
        sources = [
            TRAITS[name].label.in_(language) if name in TRAITS else name for name in found.computed_from
        ]
        if trait.over is not None and trait.over in RELATIONS:
            sources = [trait.over]
        as_of = f"{found.as_of.astimezone(house.zone):%Y-%m-%d %H:%M}"
        computed = f"{found.computed_at.astimezone(house.zone):%Y-%m-%d %H:%M}"
        proof = (
            f"取自 {'、'.join(sources)} · 截至 {as_of} · 计算于 {computed}"
            if language == "zh"
            else f"from {', '.join(sources)} · as of {as_of} · computed {computed}"
        )
        facts[slug] = Fact(
            name=trait.label.in_(language),
            value=figures.of_trait(trait, found.value, house.currency, house.zone, language),
            why=trait.meaning.in_(language),
            proof=proof,
        )
    return facts


def _attributes(view: CustomerView, language: Language) -> list[Fact]:
    labels = {a.slug: a.label_zh if language == "zh" else a.label_en for a in customers.attributes()}
    return [Fact(name=labels.get(slug, slug), value=str(value)) for slug, value in view.attributes.items()]


def _moments(view: CustomerView, house: House, language: Language) -> list[Moment]:
    both: list[tuple[datetime, Order | Change]] = [(order.ordered_at, order) for order in view.orders]
    both += [(change.occurred_at, change) for change in view.changes]
    # What lies before the oldest of a cut-off list may be missing: the list ends where it is whole.
    cut = max(
        (rows[-1][0] for rows, all_ in _cut_off(view) if len(rows) < all_),
        default=None,
    )
    whole = [pair for pair in both if cut is None or pair[0] >= cut]
    return [
        _moment(at.astimezone(house.zone), what, house, language)
        for at, what in sorted(whole, key=lambda pair: pair[0], reverse=True)
    ]


def _cut_off(view: CustomerView) -> list[tuple[list[tuple[datetime, object]], int]]:
    return [
        ([(o.ordered_at, o) for o in view.orders], view.orders_in_all if view.orders else 0),
        ([(c.occurred_at, c) for c in view.changes], view.changes_in_all if view.changes else 0),
    ]


def _moment(at: datetime, what: Order | Change, house: House, language: Language) -> Moment:
    amount = figures.money(what.revenue, house.currency, language, exact=True)
    if isinstance(what, Order):
        title = f"下单 {amount}" if language == "zh" else f"Ordered for {amount}"
        where = " · ".join(part for part in (what.order_id, what.channel or "", what.store or "") if part)
        icon, kind, strong = "shopping-bag", "buy", True
    else:
        word = CHANGES[what.kind].in_(language) if what.kind in CHANGES else what.kind
        title = f"{word} {amount}"
        where = " · ".join(
            part for part in (what.order_id or what.document_id, what.product_id or "") if part
        )
        icon, kind, strong = "receipt-refund", "bad", False
    return Moment(
        day=figures.day(at.date(), language),
        time=f"{at:%H:%M}",
        icon=icon,
        title=title,
        text=where,
        strong=strong,
        kind=kind,
    )

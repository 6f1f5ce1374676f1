"""What stands above every page of one plan: its title and state, its days, and the tabs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.texts import Text
from huoshui.plan.plans.queries import PlanSeen
from huoshui.web import shell
from huoshui.web.lists import Tab, Tone

STATES: Mapping[str, tuple[Text, Tone]] = {
    "draft": (Text("draft", "草稿"), "info"),
    "active": (Text("in force", "执行中"), "good"),
    "archived": (Text("archived", "已归档"), ""),
}
TABS: Mapping[str, tuple[Text, str]] = {
    "document": (Text("Document", "文档"), "plans:plan"),
    "goals": (Text("Goals", "目标"), "plans:goals"),
    "measures": (Text("Measures", "措施"), "plans:measures"),
    "budget": (Text("Budget", "预算"), "plans:budget"),
    "reviews": (Text("Reviews", "复盘"), "plans:reviews"),
    "history": (Text("Story", "历史"), "plans:history"),
    "export": (Text("Export", "导出"), "plans:export"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The head of a plan's pages. ``may_edit`` is false for an archived plan, and for who only reads."""

    plan: PlanSeen
    state: str
    tone: Tone
    tabs: tuple[Tab, ...]
    tab: str
    here: str
    may_edit: bool
    may_share: bool


def head(actor: Actor, plan: PlanSeen, tab: str) -> Head:
    """The head for the page ``tab``, a key of `TABS`; pages below a tab give the same key."""
    language = shell.language_now()
    state, tone = STATES[plan.state]
    return Head(
        plan=plan,
        state=state.in_(language),
        tone=tone,
        tabs=tuple(
            Tab(label=label.in_(language), address=address, current=slug == tab)
            for slug, (label, _url) in TABS.items()
            if (address := address_of(slug, plan))
        ),
        tab=tab,
        here=TABS[tab][0].in_(language),
        may_edit=actor.may(Right.PLANS_EDIT) and plan.state != "archived",
        may_share=actor.may(Right.PLANS_SHARE),
    )


def address_of(tab: str, plan: PlanSeen) -> str:
    """The address of a tab, a key of `TABS`."""
    try:
        return reverse(TABS[tab][1], args=[plan.id])
    except NoReverseMatch:
        return ""

"""What the steps of the form say, read into a draft."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, time
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from django.http import QueryDict

from huoshui.act.campaigns import audiences
from huoshui.act.campaigns.audiences import Choice
from huoshui.act.campaigns.drafts import EMAIL, Draft, VariantDraft
from huoshui.act.campaigns.errors import NotACampaign
from huoshui.act.templates import queries as templates
from huoshui.kernel.texts import Text

STEPS: Mapping[str, Text] = {
    "audience": Text("Audience", "受众"),
    "message": Text("Message", "消息"),
    "measuring": Text("Comparison and goal", "对照与目标"),
    "schedule": Text("Schedule", "排期"),
}
ROWS = 4
"""Variants that the form has rows for; programs may give more."""

V = TypeVar("V")


def read(step: str, sent: QueryDict, draft: Draft) -> Draft:
    """The draft with what a step says. Raises `NotACampaign`."""
    return {"audience": _audience, "message": _message, "measuring": _measuring, "schedule": _schedule}[step](
        sent, draft
    )


def chosen(sent: QueryDict) -> Choice:
    """The segments that the form says."""
    picked = {
        name.removeprefix("s."): value
        for name, value in sent.items()
        if name.startswith("s.") and value in ("in", "out")
    }
    return Choice(
        within=[slug for slug, side in picked.items() if side == "in"],
        without=[slug for slug, side in picked.items() if side == "out"],
        join="all" if sent.get("join") == "all" else "any",
    )


def _audience(sent: QueryDict, draft: Draft) -> Draft:
    rule = draft.audience if sent.get("keep") else audiences.rule_of(chosen(sent))
    return replace(draft, name=sent.get("name", draft.name), note=sent.get("note", ""), audience=rule)


def _message(sent: QueryDict, draft: Draft) -> Draft:
    variants = []
    for row in range(ROWS):
        said = sent.get(f"template.{row}", "")
        if not said.isdecimal():
            continue
        kept = templates.template(int(said))
        weight = number(sent, f"weight.{row}", float, 1.0, "variants")
        variants.append(VariantDraft(template_id=kept.id, template_version=kept.version, weight=weight))
    channel = sent.get("channel", "")
    # A field that was not there says nothing: who it comes from stays, as long as the channel does.
    kept_sender = draft.sender if channel == draft.channel else ""
    sender = sent.get("sender", kept_sender)[:60] if channel == EMAIL else kept_sender
    return replace(draft, channel=channel, sender=sender, variants=variants)


def _measuring(sent: QueryDict, draft: Draft) -> Draft:
    return replace(
        draft,
        choice=sent.get("choice", ""),
        share=number(sent, "share", float, 0.0, "share") / 100,
        goal=sent.get("goal", ""),
        horizon_days=number(sent, "horizon_days", int, 0, "horizon_days"),
        cap=number(sent, "cap", Decimal, None, "cap"),
        message_cost=number(sent, "message_cost", Decimal, Decimal(0), "message_cost"),
        fixed_cost=number(sent, "fixed_cost", Decimal, Decimal(0), "fixed_cost"),
    )


def _schedule(sent: QueryDict, draft: Draft) -> Draft:
    return replace(
        draft,
        plan=sent.get("plan", ""),
        day=number(sent, "day", date.fromisoformat, None, "day"),
        time=number(sent, "time", time.fromisoformat, None, "time"),
        waves=number(sent, "waves", int, 1, "waves"),
    )


def number(sent: QueryDict, name: str, read_as: Callable[[str], V], empty: V | None, field: str) -> V:
    """What a field says, as ``read_as`` reads it; ``empty`` where it is. Raises `NotACampaign`."""
    said = sent.get(name, "").strip().removesuffix("%").strip()
    if not said:
        return empty  # type: ignore[return-value]  # callers whose value may be empty say so by their type
    try:
        value = read_as(said)
        if isinstance(value, Decimal) and not value.is_finite():
            raise ValueError
        return value
    except (ValueError, InvalidOperation):
        raise NotACampaign(
            field, Text("This cannot be read", "无法识别这个值"), received=repr(said[:40])
        ) from None

"""What the form of a campaign of the past says, and what it shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, cast
from zoneinfo import ZoneInfo

import pyarrow as pa
from django.http import QueryDict

from huoshui.act.campaigns import forms, past, past_lists
from huoshui.act.campaigns.errors import NotACampaign
from huoshui.act.campaigns.past import Past
from huoshui.act.campaigns.past_lists import Asked, Column
from huoshui.act.holdouts.trials import GOALS
from huoshui.data.customers.queries import Means
from huoshui.kernel.texts import Text

BETWEEN = "\x1f"
"""Stands between a column and a value of it."""
USUAL_TIME = time(12, 0)
NO_DAY = Text("Say on which day it was sent", "请填写发送日期")


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The form: columns that may be chosen, and what stands in its fields."""

    columns: list[Column]
    who: str
    kind: str
    held: str
    reason: str
    known_only: bool
    fields: Mapping[str, str]
    kinds: Mapping[Means, Text]
    goals: Mapping[Any, Text]
    channels: Mapping[str, Text]

    @property
    def arms(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Who may have been left out: by column, the value as the form sends it and as it reads."""
        return [
            (one.name, [(f"{one.name}{BETWEEN}{value}", value or "–") for value in one.values])
            for one in self.columns
            if one.values
        ]


def form(cells: pa.Table, sent: QueryDict, *, name: str) -> Form:
    """The form of a list that was sent under ``name``, with what was said before or else what is probable."""
    asked = _asked(sent) if sent else past_lists.guessed(cells)
    usual = {"name": name, "horizon_days": "14", "channel": "email", "goal": "conversion"}
    names = ("name", "note", "channel", "day", "time", "goal", "horizon_days", "share", "cap", "message_cost")
    return Form(
        columns=past_lists.columns(cells),
        who=asked.who,
        kind=asked.kind,
        held=f"{asked.held}{BETWEEN}{asked.value}" if asked.held else "",
        reason=asked.reason,
        known_only=asked.known_only,
        fields={one: sent.get(one, "" if sent else usual.get(one, "")) for one in names},
        kinds=past_lists.KINDS,
        goals=GOALS,
        channels=past.channels(),
    )


def read(sent: QueryDict, zone: ZoneInfo) -> tuple[Past, float | None, Asked]:
    """The campaign, the share that was meant to be left out (None: that of the list), and how the list is read.

    Raises `NotACampaign`.
    """
    day: date | None = forms.number(sent, "day", date.fromisoformat, None, "day")
    if day is None:
        raise NotACampaign("day", NO_DAY)
    at = forms.number(sent, "time", time.fromisoformat, USUAL_TIME, "time")
    share: float | None = forms.number(sent, "share", float, None, "share")
    return (
        Past(
            name=sent.get("name", ""),
            note=sent.get("note", ""),
            channel=sent.get("channel", ""),
            at=datetime.combine(day, at.replace(tzinfo=None), zone),
            goal=sent.get("goal", ""),
            horizon_days=forms.number(sent, "horizon_days", int, 0, "horizon_days"),
            share=0.0,
            cap=forms.number(sent, "cap", Decimal, None, "cap"),
            message_cost=forms.number(sent, "message_cost", Decimal, Decimal(0), "message_cost"),
        ),
        None if share is None else share / 100,
        _asked(sent),
    )


def _asked(sent: QueryDict) -> Asked:
    held, _, value = sent.get("held", "").partition(BETWEEN)
    return Asked(
        who=sent.get("who", ""),
        kind=cast(Means, sent.get("kind", "")),
        held=held,
        value=value,
        reason=sent.get("reason", ""),
        known_only=sent.get("known_only") == "1",
    )

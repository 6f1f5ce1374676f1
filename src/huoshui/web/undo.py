"""What a page says after an act, with the way back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from django.contrib import messages
from django.http import HttpRequest

Tone = Literal["good", "warn", "bad"]
_LEVELS: dict[Tone, int] = {"good": messages.SUCCESS, "warn": messages.WARNING, "bad": messages.ERROR}


@dataclass(frozen=True, slots=True)
class Toast:
    """A message at the foot of the page. A POST of ``fields`` to ``undo`` takes the act back; empty: it cannot be."""

    text: str
    tone: Tone = "good"
    undo: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


def say(request: HttpRequest, text: str, *, tone: Tone = "good") -> None:
    """Show ``text`` on the next page."""
    messages.add_message(request, _LEVELS[tone], text)


def offer(request: HttpRequest, text: str, *, undo: str, **fields: object) -> None:
    """Show ``text`` on the next page with a button that takes the act back by a POST of ``fields`` to ``undo``."""
    back = json.dumps({"undo": undo, "fields": {name: str(value) for name, value in fields.items()}})
    messages.add_message(request, messages.SUCCESS, text, extra_tags=back)


def toasts(request: HttpRequest) -> Sequence[Toast]:
    """What there is to say on this page; saying it takes it off the list."""
    tones = {level: tone for tone, level in _LEVELS.items()}
    said = []
    for message in messages.get_messages(request):
        back = json.loads(message.extra_tags) if message.extra_tags else {}
        said.append(Toast(text=str(message.message), tone=tones.get(message.level, "good"), **back))
    return said

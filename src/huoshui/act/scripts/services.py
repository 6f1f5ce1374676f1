"""Verbs of scripts. Each is one transaction and is told to the audit log, but for copying, which is only counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F

from huoshui.act.scripts import models, queries, searching
from huoshui.act.scripts.errors import NoSuchScript, NotAScript, ScriptChanged
from huoshui.act.scripts.models import LONGEST_QUESTION, LONGEST_TEXT, LONGEST_TITLE
from huoshui.desk.audit import services as audit
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.texts import Text

KIND = "script"
WRITE = Right.CAMPAIGNS_EDIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a script is to be."""

    title: str
    text: str
    question: str = ""
    stage: str = ""
    segment: str = ""
    language: str = ""


def add(*, actor: Actor, draft: Draft, now: datetime) -> int:
    """Keep a script, and return its number. Raises `NotAScript`, `NotAllowed`."""
    actor.require(WRITE)
    values = _values(draft)
    with transaction.atomic():
        made = models.Script.objects.create(made_by_id=actor.user_id, changed_at=now, **values)
        audit.record(actor=actor, act="script.added", subject=f"{KIND}:{made.pk}", now=now)
    return int(made.pk)


def change(*, actor: Actor, script_id: int, seen: int, draft: Draft, now: datetime) -> int:
    """Give a script other words, and return its version; it was at version ``seen`` when it was opened.

    Raises `ScriptChanged`, `NotAScript`, `NoSuchScript`, `NotAllowed`.
    """
    actor.require(WRITE)
    values = _values(draft)
    with transaction.atomic():
        there = queries.script(script_id)
        rows = models.Script.objects.filter(pk=script_id, version=seen)
        if not rows.update(version=seen + 1, changed_at=now, **values):
            raise ScriptChanged("The script was saved by somebody else", received=f"version {there.version}")
        audit.record(actor=actor, act="script.changed", subject=f"{KIND}:{script_id}", now=now)
    return seen + 1


def retire(*, actor: Actor, script_id: int, now: datetime) -> None:
    """Offer a script no longer. Raises `NoSuchScript`, `NotAllowed`."""
    _put(actor, script_id, now, "script.retired", retired_at=now)


def bring_back(*, actor: Actor, script_id: int, now: datetime) -> None:
    """Offer it again. Raises `NoSuchScript`, `NotAllowed`."""
    _put(actor, script_id, now, "script.brought_back", retired_at=None)


def note_use(*, actor: Actor, script_id: int, now: datetime) -> None:
    """Count that a colleague copied a script. Raises `NoSuchScript`, `NotAllowed`."""
    actor.require(Right.TASKS_WORK)
    if not models.Script.objects.filter(pk=script_id).update(used=F("used") + 1, used_at=now):
        raise NoSuchScript("There is no such script", received=str(script_id)[:40])


def _values(draft: Draft) -> dict[str, str]:
    """The columns of a draft. Raises `NotAScript`."""
    title, question = " ".join(draft.title.split()), " ".join(draft.question.split())
    text = draft.text.replace("\r\n", "\n").strip()
    lengths = ((title, LONGEST_TITLE, 1), (question, LONGEST_QUESTION, 0), (text, LONGEST_TEXT, 1))
    if (
        any(not least <= len(said) <= most for said, most, least in lengths)
        or "\0" in title + question + text
    ):
        raise NotAScript(
            Text(
                "A script has a title of 1 to 120 characters and a text of 1 to 4,000; the question has at most 300",
                "话术须有 1 到 120 个字符的标题和 1 到 4,000 个字符的正文；客户问题最多 300 个字符",
            ),
            received=repr(draft.title[:60]),
        )
    if draft.stage and draft.stage not in queries.stages():
        raise NotAScript(
            Text("There is no such stage", "没有这个阶段"),
            received=draft.stage,
            valid=", ".join(queries.stages()),
        )
    if draft.segment and draft.segment not in queries.segment_names():
        raise NotAScript(Text("There is no such segment", "没有这个分群"), received=draft.segment)
    if draft.language not in ("", "zh", "en"):
        raise NotAScript(
            Text("A script is in zh, en or no language", "话术语言须为 zh、en 或留空"),
            received=draft.language,
        )
    return {
        "title": title,
        "question": question,
        "text": text,
        "stage": draft.stage,
        "segment": draft.segment,
        "language": draft.language,
        "words": searching.words_of(title, question, text),
    }


def _put(actor: Actor, script_id: int, now: datetime, act: str, *, retired_at: datetime | None) -> None:
    actor.require(WRITE)
    with transaction.atomic():
        if not models.Script.objects.filter(pk=script_id).update(retired_at=retired_at):
            raise NoSuchScript("There is no such script", received=str(script_id)[:40])
        audit.record(actor=actor, act=act, subject=f"{KIND}:{script_id}", now=now)

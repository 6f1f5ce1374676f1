"""Asking for a sign-off on a version, and giving it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Literal

from django.db import IntegrityError, transaction

from huoshui.desk.audit import services as audit
from huoshui.desk.threads import queries
from huoshui.desk.threads.errors import NoSuchSignOff, NotASignOff
from huoshui.desk.threads.models import SignOff, Verdict, Version
from huoshui.desk.users import queries as users
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.texts import Text
from huoshui.web import subjects

MOST_ASKED = 20
ASK_SOMEBODY = Text(
    "Ask one to twenty colleagues who may write comments, or departments",
    "请选择 1–20 位可以评论的同事或部门",
)
LONGEST_NOTE, LONGEST_REASON = 500, 1000


def ask(
    *,
    actor: Actor,
    subject: str,
    number: int,
    of: Collection[int],
    teams: Collection[int] = (),
    note: str = "",
    now: datetime,
) -> int:
    """Ask colleagues and ``teams`` to sign off version ``number``, the newest; returns the number of the request.

    For a team any of its members answers. A version is asked for once. Nobody signs off what they ask for themselves.
    Raises `NotASignOff`, `NoSuchVersion`, `NoSuchSubject` and `NotAllowed`.
    """
    actor.require(Right.COMMENTS_WRITE)
    version = queries.version(actor=actor, subject=subject, number=number)
    asked, together = set(of), set(teams)
    able, able_teams = users.who_may(Right.COMMENTS_WRITE), queries.teams_to_ask(actor=actor, subject=subject)
    number_asked = len(asked) + len(together)
    if actor.user_id is None or not 1 <= number_asked <= MOST_ASKED or asked - set(able):
        raise NotASignOff(ASK_SOMEBODY, received=f"{number_asked}")
    if actor.user_id in asked:
        raise NotASignOff(Text("Somebody else has to sign this off", "需要由他人审批"), received=actor.name)
    for user_id in sorted(asked):
        if subject not in subjects.named(users.actor_of(user_id), [subject]):
            raise NotASignOff(
                Text("Somebody who is asked may not see this", "有被请求的同事无权查看"),
                received=str(user_id),
            )
    if together - set(able_teams):
        raise NotASignOff(
            Text("Nobody in this department may answer", "该部门没有可以答复的同事"),
            received=f"team {min(together - set(able_teams))}",
        )
    if version.number != version.newest:
        raise NotASignOff(
            Text("There is a newer version", "已有更新的版本"), received=str(number), next_step="Ask for that"
        )
    try:
        with transaction.atomic():
            row = SignOff.objects.create(
                version_id=version.id, by_id=actor.user_id, at=now, note=note.strip()[:LONGEST_NOTE]
            )
            Verdict.objects.bulk_create(
                [
                    *(Verdict(sign_off=row, user_id=user_id) for user_id in sorted(asked)),
                    *(Verdict(sign_off=row, team_id=team_id) for team_id in sorted(together)),
                ]
            )
            detail = {"version": number, "asked": number_asked}
            audit.record(actor=actor, act="sign_off.asked", subject=subject, detail=detail, now=now)
    except IntegrityError as error:
        raise NotASignOff(
            Text("A sign-off of this version has been asked for already", "这个版本已请求过审批"),
            received=str(number),
        ) from error
    return int(row.pk)


def answer(
    *,
    actor: Actor,
    sign_off_id: int,
    word: Literal["approved", "returned"],
    reason: str = "",
    now: datetime,
) -> None:
    """Approve, or return with a reason: for oneself where one was asked, and for each of one's teams that was.

    Raises `NotASignOff` for who was not asked or has answered, for a version that is no longer the newest, and for a
    return without a reason; `NoSuchSignOff`; `NotAllowed`.
    """
    actor.require(Right.COMMENTS_WRITE)
    said = reason.strip()[:LONGEST_REASON]
    if word not in Verdict.Word.values:
        raise NotASignOff(Text("Approve it, or return it", "请选择通过或退回"), received=repr(word)[:40])
    if word == "returned" and not said:
        raise NotASignOff(Text("Say why it is returned", "退回时请说明原因"))
    with transaction.atomic():
        row = (
            SignOff.objects.select_for_update(of=("self",))
            .select_related("version")
            .filter(pk=sign_off_id if 0 < sign_off_id < 2**63 else 0)
            .first()
        )
        if row is None or row.version.subject not in subjects.named(actor, [row.version.subject]):
            raise NoSuchSignOff("There is no such request", received=str(sign_off_id)[:40])
        own = list(Verdict.objects.filter(queries.asked_of(actor), sign_off=row))
        if not own:
            raise NotASignOff(Text("You were not asked", "没有请你审批"), received=actor.name)
        verdicts = [one for one in own if not one.word]
        if not verdicts:
            raise NotASignOff(Text("This is answered already", "已经答复过"), received=own[0].word)
        later = Version.objects.filter(subject=row.version.subject, number__gt=row.version.number)
        if later.exists():
            raise NotASignOff(
                Text("There is a newer version; this one is outdated", "已有新版本，此审批已过期"),
                received=f"version {row.version.number}",
            )
        for verdict in verdicts:
            verdict.user_id, verdict.word, verdict.reason, verdict.at = actor.user_id, word, said, now
            verdict.save(update_fields=["user", "word", "reason", "at"])
        audit.record(
            actor=actor,
            act=f"sign_off.{word}",
            subject=row.version.subject,
            detail={"version": row.version.number},
            now=now,
        )

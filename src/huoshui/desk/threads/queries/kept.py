"""Questions about versions and sign-offs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db.models import Exists, F, Max, OuterRef, Q

from huoshui.desk.threads import differences
from huoshui.desk.threads.errors import NoSuchVersion
from huoshui.desk.threads.models import SignOff, Verdict, Version
from huoshui.desk.users import queries as users
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.texts import Text
from huoshui.web import subjects

State = Literal["waiting", "approved", "returned", "outdated"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A version. ``newest`` is the number of the newest one of its subject."""

    id: int
    number: int
    newest: int
    content: Any
    note: str
    by: str
    by_id: int | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A colleague or a team that was asked; ``word`` is empty while nothing was said.

    Of a team ``name`` is who answered for it, and ``user_id`` None until somebody did.
    """

    user_id: int | None
    name: str
    team_id: int | None
    team: Text | None
    word: str
    reason: str
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """A request for a sign-off with what was answered."""

    id: int
    subject: str
    number: int
    by: str
    by_id: int
    at: datetime
    note: str
    asked: Sequence[Asked]
    outdated: bool

    @property
    def state(self) -> State:
        """A newer version outdates it; one return returns it; it is approved when all who were asked approve."""
        if self.outdated:
            return "outdated"
        if any(one.word == "returned" for one in self.asked):
            return "returned"
        return "approved" if all(one.word == "approved" for one in self.asked) else "waiting"

    def awaits(self, actor: Actor) -> bool:
        """Whether the answer of ``actor`` is wanted."""
        if self.state not in ("waiting", "returned") or actor.user_id is None:
            return False
        mine = actor.team_ids if self.by_id != actor.user_id else frozenset()
        return any(
            not one.word and (one.team_id in mine if one.team_id else one.user_id == actor.user_id)
            for one in self.asked
        )


def versions(*, actor: Actor, subject: str) -> list[Kept]:
    """The versions of ``subject``, newest first, at most 200. Raises `NoSuchSubject`."""
    subjects.seen(actor, subject)
    rows = list(Version.objects.filter(subject=subject).select_related("by").order_by("-number")[:200])
    return [_kept(row, rows[0].number) for row in rows]


def version(*, actor: Actor, subject: str, number: int) -> Kept:
    """One version. Raises `NoSuchVersion` and `NoSuchSubject`."""
    subjects.seen(actor, subject)
    wanted = number if 0 < number < 2**31 else 0
    row = Version.objects.filter(subject=subject, number=wanted).select_related("by").first()
    if row is None:
        raise NoSuchVersion("There is no such version", received=str(number)[:40])
    newest = Version.objects.filter(subject=subject).aggregate(most=Max("number"))["most"]
    return _kept(row, newest)


def newest(subjects: Iterable[str]) -> dict[str, Kept]:
    """The newest version of each of ``subjects`` that has one, for the room that they belong to.

    That room decides who may see them: nobody is asked here.
    """
    later = Version.objects.filter(subject=OuterRef("subject"), number__gt=OuterRef("number"))
    rows = Version.objects.filter(~Exists(later), subject__in=set(subjects)).select_related("by")
    return {row.subject: _kept(row, row.number) for row in rows}


def numbers(subjects: Iterable[str]) -> dict[str, int]:
    """The number of the newest version of each of ``subjects`` that has one, without its content; as `newest`."""
    asked = Version.objects.filter(subject__in=set(subjects)).values_list("subject")
    return dict(asked.annotate(most=Max("number")))


def last_saved(*, actor: Actor, subject: str) -> int:
    """The number of the newest version that the actor saved, 0 where there is none."""
    own = Version.objects.filter(subject=subject, by_id=actor.user_id or 0)
    return own.aggregate(most=Max("number"))["most"] or 0


def difference(*, actor: Actor, subject: str, a: int, b: int) -> list[differences.Change]:
    """What differs from version ``a`` to ``b``. Raises `NoSuchVersion` and `NoSuchSubject`."""
    old = version(actor=actor, subject=subject, number=a)
    new = version(actor=actor, subject=subject, number=b)
    return differences.difference(old.content, new.content)


def sign_off(*, actor: Actor, subject: str, number: int) -> Signing | None:
    """The request on a version, or nothing where none was made. Raises `NoSuchVersion` and `NoSuchSubject`."""
    kept = version(actor=actor, subject=subject, number=number)
    row = SignOff.objects.filter(version_id=kept.id).select_related("by").first()
    if row is None:
        return None
    asked = (
        Verdict.objects.filter(sign_off=row)
        .select_related("user")
        .order_by(F("team_id").asc(nulls_last=True), "user__name", "pk")
    )
    names = {team.id: team.name for team in users.teams()}
    return Signing(
        id=row.pk,
        subject=subject,
        number=number,
        by=row.by.name,
        by_id=row.by_id,
        at=row.at,
        note=row.note,
        asked=[
            Asked(
                user_id=one.user_id,
                name=one.user.name if one.user else "",
                team_id=one.team_id,
                team=names[one.team_id] if one.team_id else None,
                word=one.word,
                reason=one.reason,
                at=one.at,
            )
            for one in asked
        ],
        outdated=kept.newest > number,
    )


def waiting_for(*, actor: Actor) -> list[tuple[str, int]]:
    """The versions (subject and number) that wait for the word of the actor or of a team of theirs, newest first."""
    found = (
        Verdict.objects.filter(asked_of(actor), word="")
        .order_by("-pk")
        .values_list("sign_off__version__subject", "sign_off__version__number")[:200]
    )
    rows = list(dict.fromkeys(found))
    seen = subjects.named(actor, {subject for subject, _number in rows})
    newest = dict(
        Version.objects.filter(subject__in=seen).values_list("subject").annotate(most=Max("number"))
    )
    return [(subject, number) for subject, number in rows if newest.get(subject) == number]


def asked_of(actor: Actor) -> Q:
    """The verdicts that the actor was asked for, themselves or as one of a team that somebody else asked."""
    own = Q(user_id=actor.user_id or 0, team_id=None)
    if actor.user_id is None:
        return own
    return own | (Q(team_id__in=actor.team_ids) & ~Q(sign_off__by_id=actor.user_id))


def teams_to_ask(*, actor: Actor, subject: str) -> dict[int, Text]:
    """The teams in which somebody else could sign ``subject`` off: who may write comments, and sees it."""
    able = frozenset(users.who_may(Right.COMMENTS_WRITE)) - {actor.user_id}
    found, sees = {}, {}
    for team in users.teams():
        for user_id in users.members_of([team.id]) & able:
            if user_id not in sees:
                sees[user_id] = subject in subjects.named(users.actor_of(user_id), [subject])
            if sees[user_id]:
                found[team.id] = team.name
                break
    return found


def _kept(row: Version, newest: int) -> Kept:
    return Kept(
        id=row.pk,
        number=row.number,
        newest=newest,
        content=row.content,
        note=row.note,
        by=row.by.name if row.by else "",
        by_id=row.by_id,
        at=row.at,
    )

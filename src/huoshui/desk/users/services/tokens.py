"""What programs of colleagues sign in with."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from huoshui.desk.audit import services as audit
from huoshui.desk.users.errors import NameMissing, NoSuchUser, NotARole, WrongToken
from huoshui.desk.users.models import Token, User
from huoshui.desk.users.secrets import digest, new_token
from huoshui.kernel.actors import Actor, Right

SHOWN = 9
"""How many characters of a token are kept to tell it from others."""


@transaction.atomic
def make_token(
    *, actor: Actor, name: str, rights: Iterable[Right], lifetime: timedelta, now: datetime
) -> str:
    """Make a token for programs of ``actor`` and return it. It is shown this once: the house keeps a digest.

    Raises `NameMissing`, `NotAllowed` for a right that the actor lacks, `NotARole` for none at all.
    """
    called, chosen = " ".join(name.split())[:100], sorted(set(rights))
    if not called:
        raise NameMissing("A token needs a name", valid="what uses it, such as: till in the shop")
    if not chosen or not timedelta(0) < lifetime <= timedelta(days=366):
        raise NotARole("A token needs at least one right and an end within a year")
    for right in chosen:
        actor.require(right)
    if actor.user_id is None or not User.objects.filter(pk=actor.user_id, is_active=True).exists():
        raise NoSuchUser("Only a colleague has tokens")
    secret = new_token()
    token = Token.objects.create(
        user_id=actor.user_id,
        name=called,
        digest=digest(secret),
        start=secret[:SHOWN],
        rights=[right.value for right in chosen],
        made_at=now,
        expires_at=now + lifetime,
    )
    audit.record(
        actor=actor,
        act="token.created",
        subject=f"token:{token.pk}",
        detail={"rights": token.rights},
        now=now,
    )
    return secret


@transaction.atomic
def revoke_token(*, actor: Actor, token_id: int, now: datetime) -> None:
    """Let a token work no more: one's own, or with the right to manage colleagues anybody's. Raises `WrongToken`."""
    row = Token.objects.filter(pk=token_id, revoked_at=None).first()
    if row is None or (row.user_id != actor.user_id and not actor.may(Right.USERS_MANAGE)):
        raise WrongToken("There is no such token", received=str(token_id))
    row.revoked_at = now
    row.save(update_fields=["revoked_at"])
    audit.record(actor=actor, act="token.revoked", subject=f"token:{token_id}", now=now)

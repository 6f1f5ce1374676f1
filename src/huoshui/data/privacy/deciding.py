"""What a person decides by the links in their messages, without signing in."""

from __future__ import annotations

from datetime import datetime, timedelta

from huoshui.data.customers.queries import NoSuchCustomer
from huoshui.data.privacy import services
from huoshui.data.privacy.links import Link
from huoshui.data.privacy.queries import ANY, CHANNELS, NotAStatement, newest, statements
from huoshui.desk.users.services.throttle import count_try
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.texts import Language

PERSON = Actor(name="customer", rights=frozenset({Right.CONSENT_RECORD}))
"""The customer themself, as the audit log names them."""

WORDING = "preferences 1"
"""The version of what ``templates/privacy/preferences.html`` says: raise it when the words there change."""

MOST, WINDOW = 60, timedelta(hours=1)
"""So many changes may be made on the page for one customer within this time. Withdrawals are never too many."""

CHANNELS_OFFERED = ("email", "sms", "phone", "wecom")
ASKED_ALONE = ("research", "third_party", "abroad")
"""Purposes that are agreed to each by itself. The page lets people take back what they agreed to; it asks for none."""


def leave(link: Link, *, now: datetime) -> None:
    """End marketing on the channel on which the message of ``link`` came.

    A second time changes nothing, and who is not in the house any more needs nothing to be ended.
    """
    try:
        _withdraw(
            link, purpose="marketing", channel=link.channel, source="link in a message", wording="", now=now
        )
    except NoSuchCustomer:
        return


def decide(link: Link, *, purpose: str, channel: str, state: str, language: Language, now: datetime) -> None:
    """Record what was chosen on the page of preferences, which spoke ``language``.

    Raises `NotAStatement` for what the page does not offer, `TooManyTries`, and `NoSuchCustomer`.
    """
    wording, source = f"{WORDING} {language}", "preference page"
    if state == "withdrawn":
        _withdraw(link, purpose=purpose, channel=channel, source=source, wording=wording, now=now)
        return
    offered = (purpose == "marketing" and channel in CHANNELS_OFFERED) or (purpose, channel) == (
        "profiling",
        ANY,
    )
    if state != "granted" or not offered:
        raise NotAStatement(
            "The page does not offer this", received=f"{state[:20]!r} {purpose[:20]!r} by {channel[:20]!r}"
        )
    count_try(what="preferences", who=str(link.customer_id), limit=MOST, window=WINDOW, now=now)
    services.say(
        actor=PERSON,
        customer_id=link.customer_id,
        purpose=purpose,
        channel=channel,
        state=state,
        wording=wording,
        source=source,
        evidence=_evidence(link),
        now=now,
    )


def _withdraw(link: Link, *, purpose: str, channel: str, source: str, wording: str, now: datetime) -> None:
    said = statements(link.customer_id)
    meant = CHANNELS if channel == ANY else (channel,)
    hold = [newest(said, purpose=purpose, channel=one) for one in meant]
    if all(one is not None and one.state == "withdrawn" for one in hold):
        services.settle(link.customer_id)
        return
    services.say(
        actor=PERSON,
        customer_id=link.customer_id,
        purpose=purpose,
        channel=channel,
        state="withdrawn",
        wording=wording,
        source=source,
        evidence=_evidence(link),
        now=now,
    )


def _evidence(link: Link) -> str:
    return f"signed link of message {link.key}"[:500] if link.key else "signed link"

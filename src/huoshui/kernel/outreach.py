"""Reaching a person: what is said to whom, by which way, and what came of it.

A *channel* (`Channel`) is a way on which one message reaches one person: a mail server, a colleague who copies a text,
an address of another system. An *origin* (`Origin`) is what wants something said: a campaign. Both are declared; the
outbox between them (`act/messages`) knows neither.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from huoshui.kernel.registries import Registry, Slot
from huoshui.kernel.texts import Language, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What is said, whole: nothing is merged into it any more. ``html`` is empty where the text is all there is."""

    subject: str = ""
    text: str
    html: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One message to one person, about to be handed over.

    ``key`` is the same for every attempt, and for nothing else. ``leave`` is an address at which a POST ends such
    messages (RFC 8058), ``preferences`` the page where the person decides; both are empty for what is not marketing.
    ``sender`` is the slug of who it comes from, empty for the usual one. ``address`` is where the channel reaches the
    person, as `Channel.addresses` said.
    """

    key: str
    customer_id: int
    address: str
    name: str
    language: Language
    marketing: bool
    content: Content
    sender: str = ""
    leave: str = ""
    preferences: str = ""


class Outcome(StrEnum):
    """What came of handing a message over."""

    SENT = "sent"
    """It was taken: from here on it is somebody else's."""
    LATER = "later"
    """Nothing went out, and another time it may."""
    REFUSED = "refused"
    """Nothing went out, and never will to this person by this message."""
    UNKNOWN = "unknown"
    """It may have gone out or not: nobody can say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """The answer to one message: ``answer`` in the words of the other side, without personal data; ``reference`` is
    what the other side calls the message, if it says so."""

    outcome: Outcome
    answer: str = ""
    reference: str = ""


class Line(Protocol):
    """An open line to the other side: a connection that serves many messages."""

    def hand_over(self, message: Outgoing) -> Handed:
        """Hand one message over, within a bounded time; never raises for what the other side does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A way to reach people. ``consent`` is the channel that people agree to (``email``, ``wecom``, ``any`` …).

    ``addresses`` says set-wise where each of some customers is reached, and leaves out who cannot be; ``problems``
    which rules of the channel a content breaks, for a marketing message or not; ``unready`` why nothing can be sent
    now, or nothing; ``open`` opens a line.
    """

    slug: str
    label: Text
    consent: str
    addresses: Callable[[Sequence[int]], Mapping[int, str]]
    problems: Callable[[Content, bool], Sequence[Text]]
    unready: Callable[[], Text | None]
    open: Callable[[], AbstractContextManager[Line]]


CHANNELS: Registry[Channel] = Registry("channel")

HEARD: Slot[Callable[[str, Handed, datetime], None]] = Slot("ear for what is learnt later of messages")
"""What a channel learns of a message after it was handed over, by its key, in the channel's own transaction.

A colleague did the task (``SENT``) or could not reach the person (``REFUSED``), a letter came back (``REFUSED``),
nobody can say what a broken line took (``UNKNOWN``). The newest word counts; keys of no message are passed over.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A message of an origin as the outbox knows it; ``neutral`` people get nothing based on what they are like."""

    origin_id: int
    customer_id: int
    variant: str
    occurrence: str
    channel: str
    neutral: bool
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What an origin says to one person. ``refusal`` instead of a content says why there is none."""

    content: Content | None
    language: Language
    name: str = ""
    sender: str = ""
    refusal: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What wants something said. ``write`` gives set-wise, by key, what is said for messages of one ``origin_id``;
    ``label`` is the kind (campaign), ``title`` the name of one of them, ``address`` its page."""

    slug: str
    label: Text
    write: Callable[[int, Collection[Wanted]], Mapping[str, Said]]
    title: Callable[[int], str]
    address: Callable[[int], str]


ORIGINS: Registry[Origin] = Registry("origin of messages")


@dataclass(frozen=True, slots=True, kw_only=True)
class Underway:
    """What sends. ``settle`` returns once nothing that was allowed before is still on its way to a customer, or once
    it cannot wait any longer."""

    slug: str
    settle: Callable[[int], None]


UNDERWAY: Registry[Underway] = Registry("sender that a withdrawal waits for")

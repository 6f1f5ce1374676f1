"""Values for the templates of consent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from huoshui.data.privacy.deciding import CHANNELS_OFFERED
from huoshui.data.privacy.links import Link
from huoshui.data.privacy.queries import ANY, CHANNELS, Statement, holding, newest, statements
from huoshui.data.privacy.words import CHANNELS as CHANNEL_NAMES
from huoshui.data.privacy.words import PURPOSES as PURPOSE_NAMES
from huoshui.data.privacy.words import STATES
from huoshui.kernel.plugs import HOUSE
from huoshui.kernel.texts import Language, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One thing that a person can decide. ``on``: it holds that they agree; ``day`` when they said so, empty where
    they never said anything; ``value`` is what the button for the opposite sends, empty where there is none."""

    name: str
    on: bool
    day: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """What the page behind the link of a message shows. ``personal``: what is sent may rest on what the person is
    like, which is so until they say no; ``none``: there is nothing left to stop."""

    marketing: Sequence[Choice]
    personal: Choice
    others: Sequence[Choice]
    none: bool


def channel(code: str, language: Language) -> str:
    """A channel in words; what is not known as it is."""
    return CHANNEL_NAMES[code].in_(language) if code in CHANNEL_NAMES else code


def preferences(link: Link, language: Language) -> Preferences:
    """What the person of ``link`` agrees to now."""
    said, zone = statements(link.customer_id), HOUSE().zone
    spoken = [
        c
        for c in CHANNELS
        if c not in (*CHANNELS_OFFERED, ANY) and holding(said, purpose="marketing", channel=c) == "granted"
    ]
    marketing = [
        _choice(said, "marketing", c, CHANNEL_NAMES[c].in_(language), zone)
        for c in (*CHANNELS_OFFERED, *spoken)
    ]
    others = [
        _choice(
            said,
            purpose,
            c,
            f"{PURPOSE_NAMES[purpose].in_(language)} · {CHANNEL_NAMES[c].in_(language)}",
            zone,
        )
        for purpose, c in dict.fromkeys((one.purpose, one.channel) for one in reversed(said))
        if purpose not in ("marketing", "profiling")
        and holding(said, purpose=purpose, channel=c) == "granted"
    ]
    personal = _personal(said, zone)
    return Preferences(
        marketing=marketing,
        personal=personal,
        others=others,
        none=not any(one.on for one in marketing)
        and newest(said, purpose="marketing", channel=ANY) is not None,
    )


def _personal(said: Sequence[Statement], zone: ZoneInfo) -> Choice:
    last = max(
        (one for one in said if one.purpose == "profiling"),
        key=lambda one: (one.given_at, one.state),
        default=None,
    )
    on = last is None or last.state == "granted"
    return Choice(
        name="", on=on, day=_day(last, zone), value=f"profiling:{ANY}:{'withdrawn' if on else 'granted'}"
    )


def _choice(said: Sequence[Statement], purpose: str, channel: str, name: str, zone: ZoneInfo) -> Choice:
    last = newest(said, purpose=purpose, channel=channel)
    on = last is not None and last.state == "granted"
    state = "withdrawn" if on else "granted"
    return Choice(name=name, on=on, day=_day(last, zone), value=f"{purpose}:{channel}:{state}")


def _day(said: Statement | None, zone: ZoneInfo) -> str:
    return f"{said.given_at.astimezone(zone):%Y-%m-%d}" if said else ""


# -- for colleagues ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Holds:
    """What holds for one purpose on one channel: ``state`` in words, how it looks, since when, by which word; ``next``
    is the query of the form that records the opposite."""

    purpose: str
    channel: str
    state: str
    tone: str
    since: str
    next: str
    granted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One statement in words, with its proof; ``by`` says how it came into the house."""

    what: str
    channel: str
    state: str
    tone: str
    day: str
    wording: str
    source: str
    evidence: str
    by: str


TONES = {"granted": "good", "withdrawn": "bad"}
NOTHING = Text("Never said", "从未表态")
NOT_ALONE = Text("Not without a guardian", "须经监护人同意")
PERSONAL = {True: Text("Allowed", "允许"), False: Text("Refused", "已拒绝")}


def holds(
    said: Sequence[Statement], language: Language, *, child: bool = False, alone: bool = False
) -> list[Holds]:
    """What holds now: for a ``child`` the word of the guardian, marketing on every usual channel, being judged by what
    one is like, and whatever was said. ``alone``: no guardian agrees for the child."""
    zone, rows = HOUSE().zone, []
    usual = [*([("guardian", ANY)] if child else []), *(("marketing", c) for c in CHANNELS_OFFERED)]
    spoken = [(one.purpose, one.channel) for one in reversed(said) if one.purpose != "profiling"]
    for purpose, code in dict.fromkeys((*usual, *spoken)):
        last = newest(said, purpose=purpose, channel=code)
        state = last.state if last is not None else ""
        opposite = "withdrawn" if state == "granted" else "granted"
        rows.append(
            Holds(
                purpose=PURPOSE_NAMES[purpose].in_(language),
                channel=channel(code, language),
                state=STATES.get(state, NOTHING).in_(language),
                tone=TONES.get(state, ""),
                since=_day(last, zone),
                next=urlencode({"purpose": purpose, "channel": code, "state": opposite}),
                granted=state == "granted",
            )
        )
    personal = _personal(said, zone)
    purpose, code, opposite = personal.value.split(":")
    rows.append(
        Holds(
            purpose=PURPOSE_NAMES[purpose].in_(language),
            channel=channel(code, language),
            state=(NOT_ALONE if alone else PERSONAL[personal.on]).in_(language),
            tone="bad" if alone or not personal.on else "",
            since=personal.day,
            next=urlencode({"purpose": purpose, "channel": code, "state": opposite}),
            granted=personal.on,
        )
    )
    return rows


def history(said: Sequence[Statement], language: Language) -> list[Said]:
    """Everything that was said, the newest first."""
    zone = HOUSE().zone
    return [
        Said(
            what=PURPOSE_NAMES[one.purpose].in_(language),
            channel=channel(one.channel, language),
            state=STATES[one.state].in_(language),
            tone=TONES[one.state],
            day=f"{one.given_at.astimezone(zone):%Y-%m-%d %H:%M}",
            wording=one.wording,
            source=one.source,
            evidence=one.evidence,
            by=_load(one.load_id, language),
        )
        for one in said
    ]


def _load(load_id: int | None, language: Language) -> str:
    if load_id is None:
        return ""
    return f"第 {load_id} 次导入" if language == "zh" else f"import {load_id}"

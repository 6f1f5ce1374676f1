"""Plain values of the pages of templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from huoshui.act.templates import checking, fields, rendering, services
from huoshui.act.templates.checking import SMS, Problem
from huoshui.act.templates.content import LANGUAGE_NAMES, Content
from huoshui.act.templates.merging import Merge
from huoshui.act.templates.queries import Kept
from huoshui.data.customers import queries as customers
from huoshui.data.customers.queries import NoSuchCustomer
from huoshui.data.customers.scope import seen_ids
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.errors import HuoshuiError, Said
from huoshui.kernel.outreach import CHANNELS
from huoshui.kernel.outreach import Content as Message
from huoshui.kernel.plugs import HOUSE, House
from huoshui.kernel.texts import Language, Text
from huoshui.web import shell
from huoshui.web.lists import Tab

INCOMPLETE = Text("The form is not complete", "表单还没有填完")
NO_VALUE = Text(
    "This person would get no message: a field has neither a value nor a default",
    "此人收不到消息：有合并字段既没有值也没有默认值",
)
DEFAULT_NAME = Text("friend", "朋友")
NOBODY = Text("Nobody is known by this", "没有找到这位客户")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A template in the list."""

    there: Kept
    languages: Sequence[Text]
    subject: str
    neutral: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be shown: to whom (0 for values of a sample), in which language, in neutral words."""

    who: str
    customer_id: int
    language: Language | None
    neutral: bool
    version: int

    @classmethod
    def of(cls, actor: Actor, content: Content, query: Mapping[str, str]) -> Asked:
        """What an address or a form asks for."""
        who = str(query.get("who", "")).strip()[:100]
        said = query.get("language", "")
        language: Language | None = "zh" if said == "zh" else "en" if said == "en" else None
        found = [one.customer_id for one in customers.find(who)] if who else []
        seen = seen_ids(actor, found) if found else frozenset()
        return cls(
            who=who,
            customer_id=next((one for one in found if one in seen), -1 if who else 0),
            language=language if language in content.words else None,
            neutral=query.get("neutral", "") == "1",
            version=number(str(query.get("version", ""))),
        )

    @property
    def query(self) -> str:
        """The same as an address says it."""
        said = {"who": self.who, "language": self.language or "", "neutral": "1" if self.neutral else ""}
        said["version"] = str(self.version or "")
        return urlencode({name: value for name, value in said.items() if value})


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What somebody would get, or why nothing; ``name`` is empty for a sample."""

    said: Message | None
    why: str = ""
    name: str = ""
    language: Language = "zh"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A field as it is offered: what one writes (``code``), a ``sample`` of what then stands there, its formats."""

    label: str
    code: str
    sample: str
    formats: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OnChannel:
    """What is wrong with a template on a channel."""

    label: str
    problems: Sequence[Problem]

    @property
    def stops(self) -> bool:
        """Whether it cannot be sent there."""
        return any(one.stops for one in self.problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The page of a template."""

    asked: Asked
    shown: Shown
    languages: Sequence[Tab]
    channels: Sequence[OnChannel]
    used: Sequence[tuple[str, str]]
    reads_customers: bool


def line(there: Kept) -> Line:
    """A template as the list shows it."""
    first = there.content.words[there.content.languages[0]]
    return Line(
        there=there,
        languages=[LANGUAGE_NAMES[one] for one in there.content.languages],
        subject=first.subject or first.body[:80],
        neutral=bool(there.content.neutral),
    )


def page(actor: Actor, there: Kept, query: Mapping[str, str], language: Language) -> Page:
    """What the page of a version shows."""
    asked = Asked.of(actor, there.content, query)
    known = fields.by_slug()
    named = {m.field for one in there.content.languages for m in there.content.words[one].layout(one).merges}
    return Page(
        asked=asked,
        shown=_shown(actor, there.content, asked),
        languages=[
            Tab(
                label=LANGUAGE_NAMES[one].in_(language),
                address="?" + _with(asked, language=one).query,
                current=one == _spoken(asked, there.content),
            )
            for one in there.content.languages
        ],
        channels=_channels(there.content, language),
        used=[(slug, known[slug].label.in_(language) if slug in known else slug) for slug in sorted(named)],
        reads_customers=actor.may(Right.CUSTOMERS_VIEW),
    )


def shown(actor: Actor, content: Content, query: Mapping[str, str]) -> Shown:
    """What an address or a form asks to see. Raises `NotATemplate`."""
    return _shown(actor, content, Asked.of(actor, content, query))


def refused(error: HuoshuiError, language: Language) -> Shown:
    """Why there is nothing to see."""
    return Shown(said=None, why=refusal(error, language))


def refusal(error: HuoshuiError, language: Language) -> str:
    """A refusal in a sentence."""
    words = error.words if isinstance(error, Said) else error.says
    told = words.in_(language) if words else error.problem
    return f"{told}: {error.received}" if error.received and isinstance(error, Said) else told


def groups(language: Language) -> Sequence[tuple[str, Sequence[Offered]]]:
    """The fields by group, as they are offered to who writes."""
    house, found = HOUSE(), dict[str, list[Offered]]()
    for one in fields.fields():
        formats = " · ".join(
            f"{name} ({words.in_(language)})" for name, words in fields.FORMATS[one.kind].items()
        )
        found.setdefault(one.group.in_(language), []).append(
            Offered(
                label=one.label.in_(language),
                code=f"{{{{ {one.slug}{_default(one, language)} }}}}",
                sample=fields.written(Merge(one.slug), one, _sample(one, house, language), house, language),
                formats=formats,
            )
        )
    return list(found.items())


def _default(of: fields.Field, language: Language) -> str:
    """The default that is proposed, for a name; others are for the writer to say."""
    return f" | {DEFAULT_NAME.in_(language)}" if of.slug == fields.NAME.slug else ""


def _sample(of: fields.Field, house: House, language: Language) -> object:
    named = {
        fields.NAME.slug: Text("Ann Lee", "王梅").in_(language),
        fields.COMPANY.slug: Text("Lee & Co.", "梅园商贸").in_(language),
        fields.HOUSE_NAME.slug: house.name,
    }
    return named.get(of.slug) or fields.sample(of)


def number(text: str) -> int:
    """A version of an address; 0 for the newest, and for what is no number."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0


def _shown(actor: Actor, content: Content, asked: Asked) -> Shown:
    spoken = _spoken(asked, content)
    if asked.customer_id < 0:
        return Shown(said=None, why=NOBODY.in_(shell.language_now()), language=spoken)
    if not asked.customer_id:
        words = content.neutral.get(spoken, content.words[spoken]) if asked.neutral else content.words[spoken]
        told = checking.sample(words.layout(spoken), spoken, neutral=asked.neutral)
        return Shown(said=told, language=spoken)
    try:
        said = services.preview(
            actor=actor,
            content=content,
            customer_id=asked.customer_id,
            language=asked.language,
            neutral=asked.neutral,
        )
    except NoSuchCustomer:
        return Shown(said=None, why=NOBODY.in_(shell.language_now()), language=spoken)
    why = "" if said.content else NO_VALUE.in_(shell.language_now())
    return Shown(said=said.content, why=why, name=said.name, language=said.language)


def _spoken(asked: Asked, content: Content) -> Language:
    usual = rendering.usual_language()
    return asked.language or (usual if usual in content.words else content.languages[0])


def _with(asked: Asked, *, language: Language) -> Asked:
    return Asked(
        who=asked.who,
        customer_id=asked.customer_id,
        language=language,
        neutral=asked.neutral,
        version=asked.version,
    )


def _channels(content: Content, language: Language) -> Sequence[OnChannel]:
    names = {one.slug: one.label for one in CHANNELS}
    names.setdefault(SMS, Text("Text message", "短信"))
    return [
        OnChannel(
            label=label.in_(language), problems=checking.of_content(content, channel=slug, marketing=True)
        )
        for slug, label in names.items()
    ]

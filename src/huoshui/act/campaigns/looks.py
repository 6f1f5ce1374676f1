"""What the step of the message shows of a draft: who it may come from, and how its messages read for a customer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from huoshui.act.campaigns import drafts
from huoshui.act.campaigns.drafts import Draft
from huoshui.act.channels import queries as channels
from huoshui.act.templates import pages as written
from huoshui.act.templates import queries as templates
from huoshui.act.templates.pages import Page
from huoshui.act.templates.queries import Kept
from huoshui.kernel.actors import Actor
from huoshui.kernel.texts import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A message of the draft as somebody would get it: its ``letter``, those of the others, and its page."""

    letter: str
    letters: list[str]
    there: Kept
    page: Page


@dataclass(frozen=True, slots=True, kw_only=True)
class Choosable:
    """A sender that may be chosen; the usual one has no slug, so that another usual one is followed."""

    slug: str
    name: str
    address: str
    chosen: bool
    usual: bool = False


def senders(actor: Actor, draft: Draft) -> list[Choosable]:
    """Whom ``actor`` may let the e-mail come from, the usual one first; and the one that is chosen, whoever it is."""
    usual = channels.usual_sender()
    found = [
        Choosable(
            slug="" if one.slug == usual.slug and draft.sender != one.slug else one.slug,
            name=one.name,
            address=one.address,
            chosen=one.slug == draft.sender or (not draft.sender and one.slug == usual.slug),
            usual=one.slug == usual.slug,
        )
        for one in channels.senders(actor=actor)
    ]
    if draft.channel == drafts.EMAIL and not any(one.chosen for one in found):
        theirs = channels.identities().get(draft.sender)
        name, address = (theirs.name, theirs.address) if theirs else (draft.sender, "")
        found.append(Choosable(slug=draft.sender, name=name, address=address, chosen=True))
    return found


def look(actor: Actor, draft: Draft, query: Mapping[str, str], language: Language) -> Look | None:
    """The message that ``query`` asks to see (``letter``, ``who``, ``language``, ``neutral``), the first one
    otherwise; nothing where none is stored yet."""
    letters = list(drafts.LETTERS[: len(draft.variants)])
    if not letters:
        return None
    letter = query.get("letter", "")
    letter = letter if letter in letters else letters[0]
    variant = draft.variants[letters.index(letter)]
    there = templates.template(variant.template_id, variant.template_version)
    # Which version it is, is the draft's to say.
    asked = {name: query.get(name, "") for name in ("who", "language", "neutral")}
    asked["version"] = str(variant.template_version)
    return Look(letter=letter, letters=letters, there=there, page=written.page(actor, there, asked, language))

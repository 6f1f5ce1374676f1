"""Bringing the invented company into a house, by the doors that everybody's files come in by."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from huoshui.data.connectors.reports import ImportReport
from huoshui.data.connectors.services import ImportOptions, import_file
from huoshui.data.customers import services as customers
from huoshui.data.facts import queue
from huoshui.data.traits import services as traits
from huoshui.data.traits.services import Refresh
from huoshui.demo import board, company, past
from huoshui.demo.columns import HOME_SIZE, HOUSEHOLD_INCOME, RENOVATION
from huoshui.demo.invention import Invention
from huoshui.demo.planning import composing
from huoshui.kernel.actors import Actor
from huoshui.kernel.clock import AsOf
from huoshui.kernel.texts import Language
from huoshui.lake.house import Lake

SOURCE = "shop"
PLANS: Mapping[Language, tuple[Language, ...]] = {"zh": ("zh", "en"), "en": ("en",)}
"""The languages that a company writes its plan in, by the one that it speaks: a Chinese one has English readers."""
SEEN = 31
"""Days that a company has to have seen before it is looked back at."""

ATTRIBUTES = (
    ("household_income", HOUSEHOLD_INCOME, "text"),
    ("home_size", HOME_SIZE, "integer"),
    ("renovation", RENOVATION, "text"),
)
"""Attributes that the company declares beside those of every house: slug, label, type."""


@dataclass(frozen=True, slots=True)
class Built:
    """What building did: a report per file, and the refresh after them."""

    reports: tuple[ImportReport, ...]
    refresh: Refresh


def build(
    *,
    actor: Actor,
    lake: Lake,
    invention: Invention,
    truths: Path,
    zone: ZoneInfo,
    now: datetime,
    months: int = 0,
    tell: Callable[[str, float], None] = lambda _step, _share: None,
) -> Built:
    """Invent the company, load its files and compute the traits as of the day after its last one.

    They are computed as of the end of ``months`` past months before, as far as the company goes back, so that traits
    and sizes of segments have a history. The truth goes into the folder ``truths``, which must exist. Raises what
    declaring attributes, importing and refreshing raise.
    """
    for slug, label, type_ in ATTRIBUTES:
        customers.declare_attribute(actor=actor, slug=slug, label_en=label.en, label_zh=label.zh, type=type_)
    reports = []
    with tempfile.TemporaryDirectory(prefix="huoshui-demo-") as folder:
        tell("inventing the company", 0.0)
        files = company.write(
            invention,
            files=Path(folder),
            truths=truths,
            tell=lambda share: tell("inventing the company", share),
        )
        for kind, path in files.items():
            tell(f"loading {kind}", 0.0)
            options = ImportOptions(source=SOURCE, strict=True)
            reports.append(
                import_file(actor=actor, lake=lake, path=path, kind=kind, options=options, now=now)
            )
            path.unlink()
    tell("writing down campaigns", 0.0)
    share = invention.parameters.control
    campaigns = past.record(
        actor=actor,
        source=SOURCE,
        truths=truths,
        control_share=share,
        language=invention.language,
        zone=zone,
        now=now,
    )
    queue.drain(lake=lake, now=now)
    ends = month_ends(invention, months)
    for number, end in enumerate(ends):
        tell("looking back", number / len(ends))
        traits.refresh(actor=actor, lake=lake, as_of=AsOf.day(end, zone), now=now, prepare=False)
    ground = composing.prepare(actor=actor, until=invention.until, language=invention.language, now=now)
    tell("computing traits", 0.0)
    as_of = AsOf.day(invention.until + timedelta(days=1), zone)
    refreshed = traits.refresh(actor=actor, lake=lake, as_of=as_of, now=now)
    board.compose(actor=actor, language=invention.language, now=now)
    for language in PLANS[invention.language]:
        tell("writing the plan", 0.0)
        composing.compose(
            actor=actor,
            ground=ground,
            until=invention.until,
            language=language,
            house=invention.language,
            campaigns=campaigns,
            tables=lake.snapshot(),
            now=now,
        )
    return Built(tuple(reports), refreshed)


def month_ends(invention: Invention, months: int) -> list[date]:
    """The first days of the last ``months`` months that the company has seen to their end, the oldest first."""
    begun = invention.until - timedelta(days=invention.days)
    first, found = invention.until.replace(day=1), list[date]()
    while len(found) < months and first - timedelta(days=SEEN) > begun:
        found.append(first)
        first = (first - timedelta(days=1)).replace(day=1)
    return found[::-1]

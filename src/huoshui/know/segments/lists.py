"""Lists of customers who were named one by one: pasted, or in a column of a file.

A list is a clause like any other, ``{"list": 12}``, and a segment made of it is used like any other.
"""

from __future__ import annotations

import base64
import csv
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from django.db import transaction

from huoshui.data.connectors.files import recognise
from huoshui.data.connectors.looking import rows_of
from huoshui.data.customers.naming import meant
from huoshui.desk.audit import services as audit
from huoshui.kernel import cells
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.texts import Language, Text
from huoshui.know.segments import services
from huoshui.know.segments.models import IdList

MOST = 1_000_000
PAGE = 50_000
TRIED = 200
"""So many rows tell by which column of a file customers are found."""
PASTED = "pasted.txt"
UNKNOWN, UNCLEAR = Text("not found", "未找到"), Text("several customers", "对应多位客户")


class NoList(HuoshuiError):
    """What was given names nobody."""

    code = "no_list"
    says = Text("Nobody can be put on this list", "这份名单里没有可用的客户")


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A list as it was made: the segment of it, how many customers it has, and how many texts named nobody whom the
    maker sees, or several."""

    slug: str
    found: int
    unknown: int
    unclear: int


def make(
    *,
    actor: Actor,
    name: str,
    texts: Iterable[str],
    note: str = "",
    rest: Path | None = None,
    language: Language = "en",
    now: datetime,
    progress: Callable[[int], None] = lambda done: None,
) -> Made:
    """Make a segment ``name`` of the customers whom ``texts`` mean, each by any of their numbers, phones and e-mails.

    Only customers whom ``actor`` sees are found. Texts that name nobody or several are written to the file ``rest``, as
    CSV. Raises `NoList` for no text, for more than `MOST`, and where nobody is found; `BadRule`, `SegmentNameTaken`,
    `NotAllowed`.
    """
    actor.require(Right.SEGMENTS_EDIT)
    services.require_name(name)
    ids: set[int] = set()
    unknown = unclear = 0
    with _rest(rest, language) as left:
        for number, page in enumerate(_pages(texts)):
            for text, customers in zip(page, meant(page, actor=actor), strict=True):
                if len(customers) == 1:
                    ids |= customers
                    continue
                unknown, unclear = unknown + (not customers), unclear + bool(customers)
                left(text, UNCLEAR if customers else UNKNOWN)
            progress(number * PAGE + len(page))
    if not ids:
        raise NoList(
            "No customer was found by any of these",
            received=f"{unknown + unclear:,} texts",
            valid="numbers, phones or e-mails of customers whom you see",
        )
    kept = np.array(sorted(ids), dtype="<i8")
    with transaction.atomic():
        made = IdList.objects.create(
            name=name.strip(),
            size=len(kept),
            ids=base64.b64encode(kept.tobytes()).decode(),
            by=actor.name[:200],
            made_at=now,
        )
        slug = services.add(actor=actor, name=name, note=note, rule={"list": made.pk}, now=now)
        audit.record(
            actor=actor,
            act="segment.list_added",
            subject=f"segment:{slug}",
            detail={"customers": len(kept), "unknown": unknown, "unclear": unclear},
            now=now,
        )
    return Made(slug=slug, found=len(kept), unknown=unknown, unclear=unclear)


def words(made: Made) -> Text:
    """What became of a list."""
    return Text(
        f"{made.found:,} customers found; {made.unknown:,} not found, {made.unclear:,} mean several customers",
        f"找到 {made.found:,} 位客户；{made.unknown:,} 条未找到，{made.unclear:,} 条对应多位客户",
    )


def texts_of(path: Path, *, workspace: Path, column: str = "", actor: Actor) -> Iterator[str]:
    """The texts of a file: what was pasted, or the cells of a column of a CSV, Excel or Parquet file.

    Without ``column`` it is the one by which most customers are found. Raises `FileRefused`, `NoList`.
    """
    if path.name == PASTED:
        return iter(split(path.read_text("utf-8")))
    file = recognise(path, workspace=workspace)
    if column and column not in file.columns:
        raise NoList(
            "The file has no such column", received=repr(column[:60]), valid=", ".join(file.columns)[:300]
        )
    if column:
        place = file.columns.index(column)
    else:
        head = list(itertools.islice(rows_of(file), TRIED))
        hits = [sum(map(bool, meant(_column(head, at), actor=actor))) for at in range(len(file.columns))]
        place = hits.index(max(hits))
    # A file of ids alone has no header: its first id stands where the name of the column would.
    first = [file.columns[place]] if len(file.columns) == 1 and any(meant(file.columns, actor=actor)) else []
    return itertools.chain(first, (row[place] for row in rows_of(file) if place < len(row)))


def split(text: str) -> list[str]:
    """The texts that somebody pasted: one a line, or separated by commas, semicolons or tabs."""
    for sign in "，,;；\t、":
        text = text.replace(sign, "\n")
    return text.splitlines()


def _pages(texts: Iterable[str]) -> Iterator[list[str]]:
    """Texts without empty and repeated ones, a page at a time."""
    seen: set[str] = set()
    page: list[str] = []
    for text in texts:
        plain = cells.as_written(text).strip()
        if not plain or plain in seen:
            continue
        seen.add(plain)
        if len(seen) > MOST:
            raise NoList("This list is too long", valid=f"at most {MOST:,} texts", next_step="Divide it")
        page.append(plain)
        if len(page) == PAGE:
            yield page
            page = []
    if page:
        yield page
    if not seen:
        raise NoList("The list is empty", next_step="Paste numbers, phones or e-mails, or choose a file")


def _column(rows: Sequence[Sequence[str]], place: int) -> list[str]:
    return [str(row[place]) for row in rows if place < len(row)]


@contextmanager
def _rest(path: Path | None, language: Language) -> Iterator[Callable[[str, Text], None]]:
    """What writes down a text that was left over, and why."""
    if path is None:
        yield lambda text, why: None
        return
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([Text("given", "给出的内容").in_(language), Text("why", "原因").in_(language)])
        yield lambda text, why: writer.writerow([cells.as_text(text), why.in_(language)])

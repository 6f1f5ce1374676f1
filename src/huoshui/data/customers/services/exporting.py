"""Customers as a file: who they are from the database, what is known of them from the lake, page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from huoshui.data.customers import listing, pending
from huoshui.data.customers.conditions import Known
from huoshui.data.customers.models import Customer
from huoshui.data.customers.scope import may_see
from huoshui.database.rows import fetch
from huoshui.desk.audit import services as audit
from huoshui.desk.organisation import queries as organisation
from huoshui.documents import sheets
from huoshui.kernel import masks
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.sheets import Field, Kind, Sheet
from huoshui.kernel.texts import Language, Text

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

PAGE = 20_000
PERSON = (
    Field(key="customer_id", label=Text("Customer", "客户编号")),
    Field(key="name", label=Text("Name", "姓名")),
    Field(key="phone", label=Text("Phone", "手机号")),
    Field(key="email", label=Text("E-mail", "邮箱")),
    Field(key="owner", label=Text("Owner", "负责人")),
)
OF_KIND: Mapping[str, Kind] = {"number": "number", "flag": "flag", "day": "day", "moment": "moment"}


def export(
    *,
    actor: Actor,
    tables: Snapshot,
    customer_ids: Sequence[int],
    columns: Sequence[str],
    format: str,
    file: Path,
    language: Language,
    now: datetime,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> int:
    """Write those of the customers whom the actor sees to ``file``, in this order; returns how many.

    ``format`` is one of `documents.sheets.KINDS`. Phones and e-mails are masked for whoever may not see them. The audit
    log says who took how many, of what, and whether contacts were whole. Raises `NotAFileKind`, `TooManyForWorkbook`,
    `NotAColumn`, `NotAllowed`; then there is no file.
    """
    actor.require(Right.CUSTOMERS_EXPORT)
    offered = listing.known()
    for slug in columns:
        listing.require_offered(slug, offered)
    whole = actor.may(Right.CONTACTS_REVEAL)
    shown = [offered[slug] for slug in columns]

    def pages() -> Iterator[pa.Table]:
        hand = pending.pending(tables)
        for start in range(0, len(customer_ids), PAGE):
            people = _people(actor, list(customer_ids[start : start + PAGE]), whole=whole)
            yield _with_values(people, tables, shown, hand)
            progress(min(start + PAGE, len(customer_ids)), len(customer_ids))

    fields = [
        *PERSON,
        *(Field(key=known.slug, label=known.label, kind=OF_KIND.get(known.kind, "text")) for known in shown),
    ]
    count = sheets.write(
        Sheet(fields=fields, total=len(customer_ids), pages=pages()),
        file,
        kind=format,
        language=language,
        zone=organisation.current().zone,
        name=Text("Customers", "客户").in_(language),
    )
    audit.record(
        actor=actor,
        act="customers.exported",
        detail={
            "customers": count,
            "columns": list(columns),
            "format": format,
            "contacts": "whole" if whole else "masked",
        },
        now=now,
    )
    return count


def _people(actor: Actor, ids: list[int], *, whole: bool) -> pa.Table:
    """Those of the ids whom the actor sees, in this order, with the columns of `PERSON`; ids are whole numbers."""
    seen = Customer.objects.filter(may_see(actor), pk__among=sorted(ids))
    found = {row[0]: row for row in fetch(seen.values_list("pk", "name", "phone", "email", "owner__name"))}
    rows = [found[pk] for pk in ids if pk in found]
    columns = [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in PERSON]
    if not whole:
        columns[2], columns[3] = list(map(masks.phone, columns[2])), list(map(masks.email, columns[3]))
    columns[4] = [owner or "" for owner in columns[4]]
    types = (pa.int64(), *[pa.string()] * 4)
    return pa.table(
        [pa.array(column, type_) for column, type_ in zip(columns, types, strict=True)],
        [field.key for field in PERSON],
    )


def _with_values(
    people: pa.Table, tables: Snapshot, shown: Sequence[Known], hand: pending.Pending
) -> pa.Table:
    """The page with a column for each value shown, and ids as texts: they have more digits than spreadsheets keep."""
    ids = people["customer_id"]
    page = people.set_column(0, "customer_id", ids.cast(pa.string()))
    if not shown:
        return page
    values = tables.arrow(_rows(tables, ids, [known.slug for known in shown], hand))
    places = pc.index_in(ids, values["customer_id"])
    for known in shown:
        page = page.append_column(known.slug, _typed(values[known.slug].take(places), known))
    return page


def _rows(tables: Snapshot, ids: Any, wanted: Sequence[str], hand: pending.Pending) -> Any:
    rows = pending.rows_of(tables, wanted, hand)
    chosen = tables.session.hold(pa.table({"chosen_id": ids.combine_chunks()}))
    return rows.join(chosen, rows.customer_id == chosen.chosen_id).select("customer_id", *wanted)


def _typed(column: Any, known: Known) -> Any:
    if pa.types.is_timestamp(column.type):
        return column.cast(pa.timestamp("us", "UTC"))
    return column if known.kind in OF_KIND else column.cast(pa.string())

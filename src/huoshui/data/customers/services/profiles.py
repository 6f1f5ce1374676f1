"""What loads say about people: names, contacts, company, owner, and attributes that stay in the database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction
from django.db.models import BigIntegerField, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Coalesce, NullIf

from huoshui.data.customers import queries
from huoshui.data.customers.attributes import PROFILE_FIELDS
from huoshui.data.customers.models import Account, Customer, Identity, ProfileValue
from huoshui.data.customers.services import searching
from huoshui.database.rows import fetch, insert, part, short_slices, update
from huoshui.desk.users import queries as users
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.errors import HuoshuiError

CONTACTS = ("phone", "email")
POINTING = ("account", "owner")
"""Fields whose value is the id of something."""
_SPELLINGS = {"phone": r"^\+[1-9][0-9]{3,14}$", "email": r"^[^\sA-Z@]+@[^\sA-Z@]+$"}


class UnknownProfileField(HuoshuiError):
    """A column that is no part of a profile."""

    code = "unknown_profile_field"


class NotNormalised(HuoshuiError):
    """A phone or e-mail in another spelling than the house keeps them in."""

    code = "not_normalised"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileReport:
    """What `update_profiles` did: numbers of ``customers`` named, ``values`` recorded, ``identities`` new.

    ``shared_contacts`` counts phones and e-mails that already name another customer of the source: they stand on
    the profile only. ``unknown_owners`` are addresses of no active colleague, ``unknown_accounts`` ids of no
    company; both were left out.
    """

    customers: int
    values: int
    identities: int
    shared_contacts: int
    unknown_owners: tuple[str, ...]
    unknown_accounts: tuple[int, ...]


def update_profiles(
    *,
    actor: Actor,
    load_id: int | None,
    table: pa.Table,
    valid_from: datetime,
    source: str,
    progress: Callable[[int], None] | None = None,
) -> ProfileReport:
    """Record what a load says about customers, and show the newest of it.

    ``table`` has a ``customer_id`` (int64) and any of ``name``, ``phone``, ``email``, ``account_id``, ``owner_email``
    and slugs of attributes that are identifying or sensitive; empty cells say nothing, and of several rows of a
    customer the last that says something counts. Phones and
    e-mails must be in the spelling of `normalise_many`. Repeating the call with the same ``load_id`` and
    ``valid_from`` changes nothing. ``progress`` is told how many further rows are done.

    Raises `UnknownProfileField`, `NotNormalised` and `NotAllowed`.
    """
    actor.require(Right.IMPORTS_RUN)
    tell = progress or (lambda _done: None)
    said, unknown_owners, unknown_accounts = _checked(table)
    fields = [name for name in said.column_names if name != "customer_id"]
    values = identities = shared = 0
    for piece in short_slices(said.num_rows):
        rows = part(said, piece)
        with transaction.atomic():
            recorded = sum(_record(rows, field, valid_from, load_id) for field in fields)
            _show(rows, [field for field in fields if field in PROFILE_FIELDS], valid_from, recorded)
            values += recorded
            for field in fields:
                if field in CONTACTS:
                    fresh, others = _learn(rows, field, source, load_id)
                    identities, shared = identities + fresh, shared + others
            searching.changed(rows.column("customer_id").to_pylist(), of=said.num_rows)
        tell(rows.num_rows)
    return ProfileReport(
        customers=said.num_rows,
        values=values,
        identities=identities,
        shared_contacts=shared,
        unknown_owners=unknown_owners,
        unknown_accounts=unknown_accounts,
    )


def renew(fields: Iterable[str], customer_ids: Sequence[int]) -> None:
    """Show the newest recorded value of each of ``fields`` (of `PROFILE_FIELDS`) on the customers."""

    def newest(field: str) -> Any:
        history = ProfileValue.objects.filter(customer_id=OuterRef("pk"), field=field)
        value = Subquery(history.order_by("-valid_from", "-pk").values("value")[:1])
        if field in POINTING:
            return Cast(NullIf(value, Value("")), BigIntegerField())
        return Coalesce(value, Value(""))

    newest_values = {field: newest(field) for field in fields}
    if newest_values and customer_ids:
        Customer.objects.filter(pk__among=list(customer_ids)).update(**newest_values)


def record_one(field: str, value: str, customer_ids: Sequence[int], now: datetime) -> None:
    """Record by hand one value of one field for many customers, and show it."""
    rows = pa.table({"customer_id": pa.array(sorted(set(customer_ids)), pa.int64())})
    for piece in short_slices(rows.num_rows):
        chosen = part(rows, piece)
        with transaction.atomic():
            same = {"field": field, "value": value, "valid_from": now, "load_id": None}
            insert(ProfileValue, chosen, same)
            renew([field], chosen.column("customer_id").to_pylist())


def _checked(table: pa.Table) -> tuple[pa.Table, tuple[str, ...], tuple[int, ...]]:
    """The table with the columns of `ProfileValue` fields as text, in the order of ids; and what was left out."""
    guarded = {attribute.slug for attribute in queries.attributes() if attribute.kind != "ordinary"}
    allowed = ["customer_id", "name", "phone", "email", "account_id", "owner_email", *sorted(guarded)]
    for name in table.column_names:
        if name not in allowed:
            raise UnknownProfileField(
                "This column is no part of a profile",
                received=name,
                valid=", ".join(allowed),
                next_step="Declare it as an identifying or sensitive attribute; ordinary attributes go to the lake",
            )
    for field in CONTACTS:
        if field in table.column_names:
            fits = pc.match_substring_regex(table.column(field), _SPELLINGS[field])
            if not pc.all(fits, min_count=0).as_py():
                raise NotNormalised(
                    f"Some values of {field} are not in the spelling of the house",
                    valid={"phone": "+8613812345678", "email": "mei@example.com"}[field],
                )
    unknown_owners: tuple[str, ...] = ()
    unknown_accounts: tuple[int, ...] = ()
    columns = {"customer_id": table.column("customer_id").cast(pa.int64())}
    for name in table.column_names:
        column = table.column(name)
        if name == "owner_email":
            lowered = pc.utf8_lower(pc.utf8_trim_whitespace(column))
            asked = [address for address in lowered.unique().to_pylist() if address]
            known = users.ids_by_email(asked)
            unknown_owners = tuple(sorted(set(asked) - set(known)))
            columns["owner"] = _replaced(lowered, known)
        elif name == "account_id":
            ids = [account for account in column.unique().to_pylist() if account is not None]
            present = set(Account.objects.filter(pk__among=ids).values_list("pk", flat=True))
            unknown_accounts = tuple(sorted(set(ids) - present))
            columns["account"] = _replaced(column, {account: account for account in present})
        elif name != "customer_id":
            columns[name] = column.cast(pa.string())
    said = pa.table(columns)
    # A file may name one person by a number in one row and by an e-mail in another: the last word counts.
    words = [(name, "last") for name in said.column_names if name != "customer_id"]
    said = said.group_by("customer_id", use_threads=False).aggregate(words)
    said = said.rename_columns([name.removesuffix("_last") for name in said.column_names])
    return said.sort_by("customer_id").combine_chunks(), unknown_owners, unknown_accounts


def _replaced(column: pa.ChunkedArray, meaning: dict[Any, int]) -> pa.ChunkedArray:
    """Each value's meaning as text, null where it has none."""
    places = pc.index_in(column, value_set=pa.array(list(meaning), column.type))
    return pa.chunked_array([pa.array([str(value) for value in meaning.values()], pa.string())]).take(places)


def _record(rows: pa.Table, field: str, valid_from: datetime, load_id: int | None) -> int:
    said = rows.select(["customer_id", field]).filter(pc.is_valid(rows.column(field)))
    same = {"field": field, "valid_from": valid_from, "load_id": load_id}
    return insert(ProfileValue, said.rename_columns(["customer_id", "value"]), same, unless_taken=True)


def _show(rows: pa.Table, fields: Sequence[str], valid_from: datetime, recorded: int) -> None:
    """Show what ``rows`` say, but of customers of whom something newer is known the newest of that."""
    ids = rows.column("customer_id").to_pylist()
    said = sum(rows.num_rows - rows.column(name).null_count for name in rows.column_names[1:])
    if recorded < said:  # some of it was recorded before, and perhaps said otherwise then
        renew(fields, ids)
        return
    columns = {"customer_id": rows.column("customer_id")}
    for field in fields:
        column = rows.column(field)
        columns |= {f"{field}_id": column.cast(pa.int64())} if field in POINTING else {field: column}
    update(Customer, pa.table(columns), "customer_id")
    newer = ProfileValue.objects.filter(customer_id__among=ids, valid_from__gt=valid_from)
    renew(fields, sorted({customer for (customer,) in fetch(newer.values_list("customer_id"))}))


def _learn(rows: pa.Table, kind: str, source: str, load_id: int | None) -> tuple[int, int]:
    """Let contacts name their customers where they are free; how many did, and how many name somebody else."""
    said = rows.select(["customer_id", kind]).filter(pc.is_valid(rows.column(kind)))
    said = said.rename_columns(["customer_id", "value"])
    fresh = insert(Identity, said, {"source": source, "kind": kind, "load_id": load_id}, unless_taken=True)
    if fresh == said.num_rows:
        return fresh, 0
    taken = Identity.objects.filter(source=source, kind=kind, value__among=said.column("value").to_pylist())
    whose = dict(taken.values_list("value", "customer_id"))
    pairs = zip(said.column("value").to_pylist(), said.column("customer_id").to_pylist(), strict=True)
    return fresh, sum(whose[value] != customer for value, customer in pairs)

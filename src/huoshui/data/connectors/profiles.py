"""What a file says about people besides their purchases: names, contacts, attributes, tags, companies."""

from __future__ import annotations

from typing import Any

import ibis
import pyarrow as pa
import pyarrow.compute as pc

from huoshui.data.connectors.work import MOMENT, Loading, latest
from huoshui.data.customers import services as customers

CONTACTS = ("name", "phone", "email")


def update_profiles(work: Loading, rows: Any, people: Any) -> None:
    """Write names, phones and e-mails of the people in ``rows``; the last row of a person counts."""
    told = [n for n in CONTACTS if n in rows.columns]
    if not told or work.tx is None:
        return
    named = work.with_customer(rows, people).filter(ibis._.customer_id.notnull())
    found = work.arrow(named.group_by("customer_id").aggregate(**latest(named, told)))
    _record(work, found)


def _record(work: Loading, found: pa.Table) -> None:
    if "name" in found.column_names:
        single = pc.replace_substring_regex(found["name"], pattern=r"[\s\x{a0}\x{3000}]+", replacement=" ")
        found = found.set_column(found.column_names.index("name"), "name", single)

    def write() -> None:
        report = customers.update_profiles(
            actor=work.actor, load_id=work.load_id, table=found, valid_from=work.now, source=work.source
        )
        work.rule("contact_shared", report.shared_contacts)
        work.rule("owner_unknown", len(report.unknown_owners))

    work.write_people(write, found.num_rows)


def put_attributes(work: Loading, rows: Any, people: Any, since: str = "ordered_at") -> None:
    """A fact for every time an attribute of a customer has another value than before in this file."""
    names = [n for n in work.staged.mapping.attributes if n in rows.columns]
    if not names:
        return
    named = work.with_customer(rows.mutate(at=_since(work, rows, since)), people)
    named = named.filter(named.customer_id.notnull())
    for name in names:
        said = named.filter(named[name].notnull())
        at = said.group_by("customer_id", valid_from=said["at"]).aggregate(value=said[name].max())
        before = at.value.lag().over(group_by=at.customer_id, order_by=at.valid_from)
        turns = at.mutate(before=before)
        turns = turns.filter(turns.before.isnull() | (turns.before != turns.value))
        work.put(
            "customer_attributes",
            turns.select("customer_id", "valid_from", "value", name=ibis.literal(name)),
        )


def _since(work: Loading, rows: Any, name: str) -> Any:
    if name in rows.columns:
        return ibis.coalesce(work.moment(rows, name), ibis.literal(work.now))
    return ibis.literal(work.now).cast(MOMENT)


def load(work: Loading) -> None:
    """The kind ``customers``: one row per customer."""
    work.name_keys()
    staged = work.staged
    since = work.moment(staged.rows, "created_at") if work.has("created_at") else ibis.literal(work.now)
    staged.settle(staged.rows.mutate(since=ibis.coalesce(since, ibis.literal(work.now)).cast(MOMENT)))
    rows = work.rows
    people = work.customers_of(rows, "since")
    work.tell("profiles", 0.0)
    named = work.with_customer(rows, people)
    told = [n for n in (*CONTACTS, "account", "owner", "tags") if n in rows.columns]
    found = work.arrow(
        named.group_by([*work.who, "customer_id"]).aggregate(**latest(named, told), n=named.count())
    )
    work.rule("same_key_twice", work.count(rows) - found.num_rows)
    put_attributes(work, rows, people, since="")
    if "tags" in told:
        _put_tags(work, found)
    if work.tx is None:
        work.report.facts["customers"] = found.num_rows
        return
    if "account" in told:
        found = _with_accounts(work, found)
    if "owner" in told:
        found = found.rename_columns(["owner_email" if c == "owner" else c for c in found.column_names])
    wanted = ("customer_id", *CONTACTS, "account_id", "owner_email")
    _record(work, found.select([c for c in wanted if c in found.column_names]))
    work.report.facts["customers"] = found.num_rows


def _with_accounts(work: Loading, found: pa.Table) -> pa.Table:
    names = pc.drop_null(found["account"]).unique()
    accounts = customers.resolve_accounts(
        actor=work.actor,
        source=work.source,
        accounts=pa.table({"number": names, "name": names}),
        load_id=work.load_id,
    )
    at = pc.index_in(found["account"], value_set=accounts["number"].combine_chunks())
    ids = accounts["account_id"].combine_chunks().take(at.combine_chunks())
    return found.append_column("account_id", ids)


def _put_tags(work: Loading, found: pa.Table) -> None:
    """Tags that the customers do not have yet."""
    ids: list[int] = []
    tags: list[str] = []
    for customer_id, text in zip(found["customer_id"].to_pylist(), found["tags"].to_pylist(), strict=True):
        for tag in {t.strip() for t in _split(text or "")} - {""}:
            ids.append(customer_id)
            tags.append(tag[:60])
    given = work.staged.session.hold(
        pa.table({"customer_id": pa.array(ids, pa.int64()), "tag": pa.array(tags, pa.string())})
    )
    held = work.snapshot.table("customer_tags")
    held = held.filter(held.valid_to.isnull())
    fresh = given.anti_join(held, ["customer_id", "tag"])
    work.put("customer_tags", fresh.mutate(valid_from=ibis.literal(work.now), valid_to=ibis.null(MOMENT)))


def _split(text: str) -> list[str]:
    for mark in ("、", "，", ";", "；", "|"):
        text = text.replace(mark, ",")
    return text.split(",")

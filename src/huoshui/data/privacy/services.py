"""Verbs of consent. Statements are recorded here with their proof and mirrored to the lake without it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction
from django.db.models import Max

from huoshui.data.customers import scope
from huoshui.data.customers.queries import NoSuchCustomer
from huoshui.data.facts import queue
from huoshui.data.privacy.models import Consent
from huoshui.data.privacy.queries import (
    CHANNELS,
    PURPOSES,
    STATES,
    NotAStatement,
    Statement,
    holding,
    statements,
)
from huoshui.database.rows import Pace, fetch, insert, part, short_slices
from huoshui.desk.audit import services as audit
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.outreach import UNDERWAY
from huoshui.kernel.texts import Text

if TYPE_CHECKING:
    from huoshui.lake.writing import Write

ROWS = pa.schema(
    [
        ("customer_id", pa.int64()),
        ("purpose", pa.string()),
        ("channel", pa.string()),
        ("state", pa.string()),
        ("wording", pa.string()),
        ("source", pa.string()),
        ("given_at", pa.timestamp("us", "UTC")),
        ("evidence", pa.string()),
    ]
)
"""Rows of `record_many`. ``wording`` may be empty; nothing else may."""

FACTS = pa.schema(
    [
        ("customer_id", pa.int64()),
        ("purpose", pa.string()),
        ("channel", pa.string()),
        ("valid_from", pa.timestamp("us", "UTC")),
        ("state", pa.string()),
        ("source", pa.string()),
        ("load_id", pa.int64()),
        ("ingested_at", pa.timestamp("us", "UTC")),
    ]
)
"""Rows of the lake table ``consents``."""

SLIP = timedelta(minutes=10)
"""How far the clock of who heard a statement may be ahead of ours."""

_CODES = {"purpose": PURPOSES, "channel": CHANNELS, "state": STATES}


class NoProof(HuoshuiError):
    """A statement without its source, time or evidence proves nothing."""

    code = "no_proof"
    says = Text(
        "A statement without its source and evidence proves nothing", "没有来源和凭证的表态不能作为证明"
    )


def say(
    *,
    actor: Actor,
    customer_id: int,
    purpose: str,
    channel: str,
    state: str,
    wording: str,
    source: str,
    evidence: str,
    now: datetime,
) -> Statement:
    """Record what one customer says now, with its proof, and return it. It holds from the moment this returns.

    The database knows it at once, the lake with its next write. What is said now is newer than all that was said
    before, whatever clocks say. A withdrawal is answered only when nothing is on its way to the customer any more
    (`UNDERWAY`). ``source`` says where it was said (60 characters), ``evidence`` how that can be shown (500),
    ``wording`` which text was agreed to (60, may be empty). ``actor`` is who records it; a colleague does so for those
    whom they see.

    Raises `NoProof`, `NotAStatement`, `NoSuchCustomer` and `NotAllowed`.
    """
    actor.require(Right.CONSENT_RECORD)
    if actor.user_id is not None:
        scope.require_seen(actor, customer_id)
    row: dict[str, Any] = {
        "customer_id": customer_id,
        "purpose": purpose,
        "channel": channel,
        "state": state,
        "wording": wording.strip(),
        "source": source.strip(),
        "given_at": now,
        "evidence": evidence.strip(),
    }
    _refuse(pa.Table.from_pylist([row], ROWS), now)
    for name, most in (("wording", 60), ("source", 60), ("evidence", 500)):
        if len(str(row[name])) > most:
            raise NotAStatement(
                f"The {name} is too long",
                received=f"{len(str(row[name]))} characters",
                valid=f"at most {most}",
            )
    with transaction.atomic():
        if not scope.hold([customer_id]):
            raise NoSuchCustomer("No customer has this id", received=str(customer_id))
        newest = Consent.objects.filter(customer_id=customer_id, purpose=purpose, given_at__gte=now)
        if last := newest.aggregate(last=Max("given_at"))["last"]:
            row["given_at"] = last + timedelta(microseconds=1)
        Consent.objects.create(**row, recorded_at=now)
        fact = {name: row[name] for name in ("customer_id", "purpose", "channel", "state")}
        said = pa.table(
            {name: pa.array([value], FACTS.field(name).type) for name, value in fact.items()}
            | {"valid_from": pa.array([row["given_at"]], pa.timestamp("us", "UTC"))}
        )
        queue.enqueue(table="consents", rows=said, now=now)
        audit.record(
            actor=actor,
            act=f"consent.{state}",
            subject=f"customer:{customer_id}",
            detail={"purpose": purpose, "channel": channel},
            now=now,
        )
        if state == Consent.State.WITHDRAWN:
            transaction.on_commit(lambda: settle(customer_id))
    del row["customer_id"]
    return Statement(**row, recorded_at=now, load_id=None)


def join(*, actor: Actor, kept: int, joined: int, now: datetime) -> tuple[Statement, ...]:
    """Two profiles turn out to be one person: what either withdrew holds for the one that is ``kept``; returns the new
    statements. A consent stays with the profile that gave it: nobody agrees by being merged.

    Raises `NoSuchCustomer` and `NotAllowed`.
    """
    said = []
    for purpose in PURPOSES:
        for channel in CHANNELS:
            before = holding(statements(kept), purpose=purpose, channel=channel)
            theirs = holding(statements(joined), purpose=purpose, channel=channel)
            if theirs == Consent.State.WITHDRAWN and before != theirs:
                said.append(
                    say(
                        actor=actor,
                        customer_id=kept,
                        purpose=purpose,
                        channel=channel,
                        state=theirs,
                        wording="",
                        source="merged profiles",
                        evidence=f"withdrawn in the profile {joined}",
                        now=now,
                    )
                )
    return tuple(said)


def settle(customer_id: int) -> None:
    """Return when nothing is being handed over to the customer any more (`UNDERWAY`)."""
    for sender in UNDERWAY:
        sender.settle(customer_id)


def record_many(
    *,
    actor: Actor,
    rows: pa.Table,
    load_id: int,
    now: datetime,
    tx: Write | None = None,
    progress: Callable[[int], None] | None = None,
    later: Callable[[Callable[[], None]], None] | None = None,
) -> pa.Table:
    """Record statements with their proof, and return the facts of them for the lake table ``consents``.

    ``rows`` has the columns of `ROWS`. With ``tx``, a write of the lake in progress, the facts are put there too;
    without it the caller puts them. Of several statements with one key (customer, purpose, channel, time, source)
    one is recorded, a withdrawal rather than a grant. Repeating the call under the same ``load_id`` changes nothing.
    ``progress`` is told how many further rows are done. With ``later``, the rows are written by a job given to it, so
    that other work can go on meanwhile.

    Raises `NoProof` when a row lacks source, time or evidence, `NotAStatement` for unknown codes (an import rejects
    such rows beforehand, see `problems`), and `NotAllowed`.
    """
    actor.require(Right.CONSENT_RECORD)
    said = rows.select(ROWS.names).cast(ROWS).combine_chunks()
    _refuse(said, now)
    said = _one_per_key(said.set_column(4, "wording", pc.coalesce(said.column("wording"), "")))
    tell = progress or (lambda _done: None)

    def write() -> None:
        for piece in short_slices(said.num_rows):
            chosen = part(said, piece)
            with transaction.atomic():
                insert(Consent, chosen, {"recorded_at": now, "load_id": load_id}, unless_taken=True)
            tell(chosen.num_rows)

    if later is None:
        write()
    else:
        later(write)
    count = said.num_rows
    facts = pa.table(
        {
            "customer_id": said.column("customer_id"),
            "purpose": said.column("purpose"),
            "channel": said.column("channel"),
            "valid_from": said.column("given_at"),
            "state": said.column("state"),
            "source": said.column("source"),
            "load_id": pa.repeat(pa.scalar(load_id, pa.int64()), count),
            "ingested_at": pa.repeat(pa.scalar(now, pa.timestamp("us", "UTC")), count),
        },
        schema=FACTS,
    )
    if tx is not None:
        tx.put("consents", facts, load_id=load_id)
    return facts


def problems(rows: pa.Table, *, now: datetime) -> pa.ChunkedArray:
    """For each row of `ROWS` why it is no proof of consent, in words; null where it is one.

    Nobody can have agreed after ``now``: such a word would hold against a withdrawal of today.
    """
    checks: list[tuple[Any, str]] = [
        (pc.is_null(rows.column("customer_id")), "no customer"),
        (pc.is_null(rows.column("given_at")), "no time: it is not known when this was said"),
        (
            pc.fill_null(pc.greater(rows.column("given_at"), pa.scalar(now + SLIP)), False),
            "no time: it lies in the future",
        ),
        (_blank(rows.column("source")), "no source: it is not known where this was said"),
        (_blank(rows.column("evidence")), "no evidence: it cannot be shown that this was said"),
    ]
    for name, codes in _CODES.items():
        known = pc.is_in(rows.column(name), value_set=pa.array(codes))
        checks.append((pc.invert(known), f"{name} is none of {', '.join(codes)}"))
    reason: Any = pa.nulls(rows.num_rows, pa.string())
    for wrong, words in reversed(checks):
        reason = pc.if_else(wrong, words, reason)
    return reason if isinstance(reason, pa.ChunkedArray) else pa.chunked_array([reason])


def undo_load(load_id: int, *, actor: Actor) -> int:
    """Remove the statements that a load brought; returns how many. The lake's facts are undone by the lake.

    To be done before the customers of the load are undone, who would otherwise stay because of them.
    """
    actor.require(Right.IMPORTS_RUN)
    removed, pace = 0, Pace()
    while True:
        pks = [pk for (pk,) in fetch(Consent.objects.filter(load_id=load_id).values_list("pk")[: pace.rows])]
        if not pks:
            return removed
        with pace.transaction():
            rows = Consent.objects.filter(pk__among=pks)
            removed += rows._raw_delete(rows.db)


def _refuse(said: pa.Table, now: datetime) -> None:
    found = [words for words in problems(said, now=now).unique().to_pylist() if words is not None]
    if not found:
        return
    refusal = NoProof if any(words.startswith("no ") for words in found) else NotAStatement
    raise refusal(
        "A statement of consent cannot be recorded",
        received="; ".join(found),
        valid="purpose, channel and state from the lists, with source, time and evidence",
    )


def _one_per_key(said: pa.Table) -> pa.Table:
    key = ["customer_id", "purpose", "channel", "given_at", "source"]
    # "withdrawn" sorts after "granted": the last of a key is a withdrawal where there is one.
    rows = said.append_column("row", pa.array(range(said.num_rows), pa.int64()))
    ordered = rows.sort_by(
        [*((name, "ascending") for name in key), ("state", "ascending"), ("row", "descending")]
    )
    last = ordered.group_by(key, use_threads=False).aggregate([("row", "last")]).column("row_last")
    return said.take(last.combine_chunks().sort())


def _blank(column: pa.ChunkedArray) -> Any:
    return pc.fill_null(pc.equal(pc.utf8_trim_whitespace(column), ""), True)

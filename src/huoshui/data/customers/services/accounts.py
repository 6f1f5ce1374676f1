"""Company accounts and the colleagues who look after customers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction

from huoshui.data.customers.models import Account
from huoshui.data.customers.services.profiles import record_one
from huoshui.database.rows import insert, part, short_slices
from huoshui.desk.users import queries as users
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.ids import draw_ids


class NoSuchAccount(HuoshuiError):
    """No company account has this id."""

    code = "no_such_account"


def resolve_accounts(*, actor: Actor, source: str, accounts: pa.Table, load_id: int) -> pa.Table:
    """The company of each number; who is not known yet becomes a new account.

    ``accounts`` has distinct ``number`` (string) and, where known, ``name`` (string): a name that is given renames
    the company, without one a new company is called by its number. Returns a table ``number``, ``account_id``
    (int64) in the order given.
    """
    actor.require(Right.IMPORTS_RUN)
    numbers = accounts.column("number").cast(pa.string())
    called = accounts.column("name").cast(pa.string()) if "name" in accounts.column_names else None
    names = numbers if called is None else pc.coalesce(called, numbers)
    told = pa.table({"number": numbers, "name": names})
    for piece in short_slices(told.num_rows):
        rows = part(told, piece)
        known = Account.objects.filter(source=source, number__among=rows.column("number").to_pylist())
        by_number = {account.number: account for account in known}
        new = rows.filter(
            pc.invert(pc.is_in(rows.column("number"), value_set=pa.array(list(by_number), pa.string())))
        )
        given = (
            set()
            if called is None
            else {n for n, c in zip(*_lists(numbers, called, piece), strict=True) if c}
        )
        renamed = []
        for number, name in zip(*_lists(numbers, names, piece), strict=True):
            account = by_number.get(number)
            if account is not None and number in given and account.name != name:
                account.name = name
                renamed.append(account)
        with transaction.atomic():
            ids = pa.array(draw_ids(new.num_rows))
            same = {"source": source, "load_id": load_id}
            insert(Account, new.append_column("account_id", ids), same, unless_taken=True)
            Account.objects.bulk_update(renamed, ["name"], batch_size=200)
    found = Account.objects.filter(source=source, number__among=numbers.to_pylist())
    ids_by_number = dict(found.values_list("number", "account_id"))
    return pa.table(
        {
            "number": numbers,
            "account_id": pa.array([ids_by_number[number] for number in numbers.to_pylist()], pa.int64()),
        }
    )


def add_account_members(*, actor: Actor, account_id: int, customer_ids: Sequence[int], now: datetime) -> None:
    """Let customers belong to a company, from ``now``. Raises `NoSuchAccount` and `NotAllowed`."""
    actor.require(Right.CUSTOMERS_EDIT)
    if not Account.objects.filter(pk=account_id).exists():
        raise NoSuchAccount("No company account has this id", received=str(account_id))
    record_one("account", str(account_id), customer_ids, now)


def assign_owner(*, actor: Actor, customer_ids: Sequence[int], owner_id: int | None, now: datetime) -> None:
    """Let a colleague look after customers from ``now``; ``None`` takes the owner away.

    Raises `NoSuchUser` for somebody unknown or deactivated, and `NotAllowed`.
    """
    actor.require(Right.CUSTOMERS_EDIT)
    if owner_id is not None:
        users.actor_of(owner_id)
    record_one("owner", "" if owner_id is None else str(owner_id), customer_ids, now)


def _lists(first: pa.ChunkedArray, second: pa.ChunkedArray, piece: slice) -> tuple[list[str], list[str]]:
    return first.to_pylist()[piece], second.to_pylist()[piece]

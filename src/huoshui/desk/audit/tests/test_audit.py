from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction

from huoshui.database import guards
from huoshui.desk.audit import queries, services
from huoshui.desk.audit.models import Entry, Head
from huoshui.desk.audit.queries import Asked
from huoshui.kernel.actors import CONSOLE, Actor, Role, actor_of_role
from huoshui.kernel.errors import NotAllowed

NOW = datetime(2026, 3, 1, 9, 30, 15, 123456, tzinfo=UTC)
MEI = Actor(name="mei@example.com", rights=frozenset(), user_id=7)


def write(count: int = 3) -> None:
    for i in range(count):
        services.record(
            actor=MEI,
            act="customer.viewed",
            subject=f"customer:{i}",
            detail={"rows": i},
            now=NOW + timedelta(hours=i),
        )


def test_an_entry_says_who_did_what_with_whom_and_when(database):
    number = services.record(
        actor=MEI,
        act="customers.exported",
        subject="job:5",
        detail={"rows": 12, "columns": ["name"]},
        now=NOW,
    )
    [act] = queries.find(actor=CONSOLE, asked=Asked()).acts
    assert number == 1
    assert (act.number, act.at, act.actor, act.user_id) == (1, NOW, "mei@example.com", 7)
    assert (act.act, act.subject, act.detail) == (
        "customers.exported",
        "job:5",
        {"rows": 12, "columns": ["name"]},
    )


def test_one_act_on_many_is_an_entry_for_each(database):
    services.record_many(actor=MEI, act="customer.tagged", subjects=["customer:1", "customer:2"], now=NOW)
    services.record_many(actor=MEI, act="customer.tagged", subjects=[], now=NOW)
    assert [act.subject for act in queries.find(actor=CONSOLE, asked=Asked()).acts] == [
        "customer:2",
        "customer:1",
    ]
    assert queries.verify().broken is None


def test_an_act_that_is_rolled_back_leaves_no_entry(database):
    write(1)
    with transaction.atomic():
        write(2)
        transaction.set_rollback(True)
    write(1)
    assert queries.newest() == 2
    assert queries.verify().broken is None


def test_the_log_is_whole_as_written(database):
    assert queries.verify().broken is None
    write(5)
    verdict = queries.verify()
    assert (verdict.entries, verdict.newest, verdict.broken) == (5, 5, None)
    assert verdict.digest == Entry.objects.get(number=5).digest
    assert queries.verify(last=2).entries == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("actor", "someone"),
        ("user_id", 8),
        ("act", "customer.edited"),
        ("subject", "customer:99"),
        ("detail", '{"rows":0}'),
        ("at", NOW - timedelta(microseconds=1)),
        ("previous", "0" * 64),
        ("digest", "0" * 64),
    ],
)
def test_a_changed_entry_is_named(database, name, value):
    write(5)
    guards.let_go(Entry)
    Entry.objects.filter(number=3).update(**{name: value})
    assert queries.verify().broken == queries.Broken(3, "changed")
    assert queries.verify(last=3).broken == queries.Broken(3, "changed")


def test_a_removed_entry_is_named_wherever_it_stood(database):
    broken = {1: queries.Broken(1, "missing"), 3: queries.Broken(3, "missing"), 5: queries.Broken(5, "end")}
    for gone in broken:
        with transaction.atomic():
            write(5)
            guards.let_go(Entry)
            Entry.objects.filter(number=gone).delete()
            assert queries.verify().broken == broken[gone]
            transaction.set_rollback(True)


def test_a_log_whose_end_was_cut_off_with_its_head_set_back_is_only_told_by_its_digest(database):
    write(5)
    noted = queries.verify().digest
    guards.let_go(Entry)
    Entry.objects.filter(number=5).delete()
    Head.objects.update(number=4, digest=Entry.objects.get(number=4).digest)
    verdict = queries.verify()
    assert verdict.broken is None  # this is what the log does not promise
    assert verdict.digest != noted


def test_entries_without_their_head_are_broken(database):
    write(2)
    Head.objects.all().delete()
    assert queries.verify().broken == queries.Broken(3, "end")


def test_the_database_refuses_to_change_or_remove_an_entry(database):
    write(2)
    for act in (
        lambda: Entry.objects.filter(number=1).update(actor="nobody"),
        lambda: Entry.objects.filter(number=1).delete(),
        lambda: Entry.objects.get(number=2).save(),
    ):
        with pytest.raises(DatabaseError, match="stay as they were written"), transaction.atomic():
            act()
    assert queries.verify().broken is None


@pytest.mark.parametrize(
    "text",
    [
        "rose@example.com",
        "13800138000",
        "+86 138 0013 8000",
        "138-0013-8000",
        "called +44 20 7946 0958 twice",
        "8613800138000",
        "王梅：13912345678。",
    ],
)
def test_no_phone_and_no_address_gets_into_the_log(db, text):
    for where in ({"detail": {"nested": [{"said": text}]}}, {"subject": text}):
        with pytest.raises(ValueError, match="no phone number"):
            services.record(actor=MEI, act="customer.viewed", now=NOW, **where)
    assert queries.newest() == 0


@pytest.mark.parametrize(
    "value",
    [
        482113095127844,
        "482113095127844",
        "2026-03-01T09:30:15+00:00",
        "a13800138000b" * 4,
        12_000_000,
        ["city", "姓名"],
    ],
)
def test_ids_moments_digests_and_counts_are_no_phones(db, value):
    services.record(
        actor=MEI, act="customer.viewed", detail={"value": value}, subject=f"customer:{value}"[:90], now=NOW
    )


def test_an_act_is_a_noun_and_a_verb(db):
    for act in ("viewed", "Customer.Viewed", "customer.viewed.twice", ""):
        with pytest.raises(ValueError, match=r"noun\.verb"):
            services.record(actor=MEI, act=act, now=NOW)


def test_entries_are_found_by_who_what_whom_and_when(database):
    write(4)
    services.record(actor=CONSOLE, act="house.changed", now=NOW + timedelta(days=2))

    def numbers(**asked):
        return [act.number for act in queries.find(actor=CONSOLE, asked=Asked(**asked)).acts]

    assert numbers(actor="MEI") == [4, 3, 2, 1]
    assert numbers(act="house") == numbers(act="house.changed") == numbers(actor="console") == [5]
    assert numbers(act="hous") == []
    assert numbers(subject="customer:2") == [3]
    assert numbers(since=NOW + timedelta(hours=2), until=NOW + timedelta(days=2)) == [4, 3]
    assert [act.number for act in queries.acts_of(actor=CONSOLE, subject="customer:2")] == [3]


def test_pages_of_the_log_follow_each_other_without_gap(database):
    write(7)
    first = queries.find(actor=CONSOLE, asked=Asked(), size=3)
    second = queries.find(actor=CONSOLE, asked=Asked(), size=3, before=first.older)
    last = queries.find(actor=CONSOLE, asked=Asked(), size=3, before=second.older)
    assert [act.number for page in (first, second, last) for act in page.acts] == [7, 6, 5, 4, 3, 2, 1]
    assert last.older is None


def test_only_who_may_sees_the_log(db):
    for role in (Role.VIEWER, Role.OPERATOR, Role.ANALYST, Role.MANAGER):
        with pytest.raises(NotAllowed):
            queries.find(actor=actor_of_role("x", role), asked=Asked())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("time", [1, 2])
def test_the_guard_is_there_again_after_the_tables_were_emptied(time):
    assert queries.newest() == 0
    write(1)
    with pytest.raises(DatabaseError, match="stay as they were written"):
        Entry.objects.all().delete()

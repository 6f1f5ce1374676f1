from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from huoshui.act.channels import hearing, mailing, queries, reports, services, verp
from huoshui.act.channels.models import Report, Unreachable
from huoshui.act.channels.tests.letters import HOLIDAY, complaint, returned
from huoshui.data.customers import services as customers
from huoshui.data.privacy import queries as privacy
from huoshui.data.privacy import services as consent
from huoshui.desk.organisation import services as organisation
from huoshui.kernel.actors import CONSOLE

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)
KEY, MEI = "1f-0123456789abcdef", "mei.wang@example.com"


@pytest.fixture
def mei(db) -> int:
    """A customer who agreed to marketing by e-mail."""
    organisation.found(actor=CONSOLE, currency="CNY", time_zone="Asia/Shanghai", now=NOW)
    number = customers.create(actor=CONSOLE, typed={"name": "王梅", "email": MEI}, now=NOW)
    consent.say(
        actor=CONSOLE, customer_id=number, purpose="marketing", channel="email", state="granted",
        wording="v1", source="web form", evidence="form 17", now=NOW - DAY,
    )  # fmt: skip
    return number


def named(customer_id: int, key: str = KEY, address: str = MEI) -> str:
    return verp.name(key=key, customer_id=customer_id, address=address)


def reached(number: int) -> bool:
    return number in mailing.addresses([number])


def test_a_message_that_came_back_because_nobody_is_there_closes_the_address(mei):
    raw = returned(named(mei))
    assert hearing.receive(raw, now=NOW) == "gone"
    assert not reached(mei)
    [closed] = Unreachable.objects.all()
    assert (closed.reason, closed.customer_id, closed.key) == ("gone", mei, KEY)
    assert "mei" not in closed.answer
    assert closed.answer.startswith("5.1.1 550")
    services.lift(actor=CONSOLE, unreachable_id=closed.pk, now=NOW)
    assert hearing.receive(raw, now=NOW + DAY) == "gone", "the same report counts once"
    assert reached(mei)
    services.close_again(actor=CONSOLE, unreachable_id=closed.pk, now=NOW)
    assert not reached(mei)


def test_the_returned_headers_say_whose_message_it_was_where_the_address_does_not(mei):
    raw = returned(named(mei)).replace(b"bounces+" + named(mei).upper().encode(), b"bounces")
    assert hearing.receive(raw, now=NOW) == "gone"
    assert not reached(mei)


def test_a_full_mailbox_is_given_up_on_the_third_day(mei):
    full: dict[str, Any] = {"status": "4.2.2", "diagnosis": "smtp; 452 4.2.2 mailbox full"}
    for n in range(3):
        for again in "ab":
            assert reached(mei)
            raw = returned(named(mei, key=f"{n}{again}"), identity=f"{n}{again}@mx", **full)
            assert hearing.receive(raw, now=NOW + n * DAY) == "failed"
            if n == 2:
                break
    assert not reached(mei)
    [closed] = Unreachable.objects.all()
    assert closed.reason == "failing"
    services.lift(actor=CONSOLE, unreachable_id=closed.pk, now=NOW + 2 * DAY)
    hearing.receive(returned(named(mei, key="z"), identity="z@mx", **full), now=NOW + 3 * DAY)
    assert reached(mei), "it is tried anew, not closed by what was before"


def test_what_is_only_late_or_the_fault_of_the_sender_closes_nothing(mei):
    cases: list[dict[str, Any]] = [
        {"action": "delayed", "status": "4.4.1", "diagnosis": "smtp; 421 try later"},
        {"action": "delivered", "status": "2.0.0", "diagnosis": "smtp; 250 ok"},
        {"status": "5.7.1", "diagnosis": "smtp; 550 5.7.1 spf fail"},
        {"status": "5.0.0", "diagnosis": "smtp; 552 5.3.4 message too large"},
    ]
    kinds = [
        hearing.receive(returned(named(mei), identity=f"{n}@mx", **case), now=NOW)
        for n, case in enumerate(cases)
    ]
    assert kinds == ["waits", "other", "failed", "failed"]
    assert reached(mei)


@pytest.mark.parametrize(
    "forged",
    [
        lambda number: "1f-0123456789abcdef.zzzzzzzzzz.aaaaaaaaaa",
        lambda number: named(number)[:-1] + ("a" if named(number)[-1] != "a" else "b"),
        lambda number: named(number, address="other@example.com"),
        lambda number: "x.9999999999999.aaaaaaaaaa",
        lambda number: "nothing",
    ],
)
def test_a_report_that_was_made_up_changes_nothing_and_is_counted(mei, forged):
    assert hearing.receive(returned(forged(mei)), now=NOW) == "gone"
    assert hearing.receive(complaint(forged(mei)), now=NOW) == "complaint"
    assert reached(mei)
    assert queries.reports_of(now=NOW) == {"unknown": 2}
    assert privacy.allowed([mei], purpose="marketing", channel="email", now=NOW) == {mei}


def test_a_customer_with_another_address_meanwhile_is_still_reached_there(mei):
    customers.edit(
        actor=CONSOLE,
        customer_id=mei,
        seen={"email": MEI},
        typed={"email": "new@example.com"},
        in_lake={},
        now=NOW,
    )
    assert hearing.receive(returned(named(mei)), now=NOW) == "gone"
    assert mailing.addresses([mei]) == {mei: "new@example.com"}
    assert Unreachable.objects.get().address == MEI


def test_a_complaint_closes_the_address_and_ends_consent(mei):
    assert hearing.receive(complaint(named(mei)), now=NOW) == "complaint"
    assert not reached(mei)
    assert privacy.allowed([mei], purpose="marketing", channel="email", now=NOW) == set()
    newest = privacy.statements(mei)[0]
    assert (newest.state, newest.source) == ("withdrawn", "complaint")
    assert Unreachable.objects.get().reason == "complaint"


def test_who_says_that_a_message_is_no_spam_does_not_complain(mei):
    assert hearing.receive(complaint(named(mei), kind="not-spam"), now=NOW) == "other"
    assert reached(mei)


def test_a_holiday_notice_is_no_bounce(mei):
    assert hearing.receive(HOLIDAY.format(named=named(mei)).encode(), now=NOW) == "other"
    assert reached(mei)


def test_reports_are_forgotten_and_addresses_stay_closed(mei):
    hearing.receive(returned(named(mei)), now=NOW)
    assert hearing.forget(now=NOW + hearing.KEPT + DAY) == 1
    assert not Report.objects.exists()
    assert not reached(mei)


@hypothesis_settings(max_examples=30, deadline=None)
@given(st.data())
def test_whatever_comes_in_is_read(data):
    raw = bytearray(data.draw(st.sampled_from([returned("a.b.aaaaaaaaaa"), complaint("a.b.aaaaaaaaaa")])))
    for _ in range(data.draw(st.integers(0, 8))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=12))
    told = reports.read(bytes(raw))
    assert len(told.answer) <= 200
    assert "@" not in told.answer

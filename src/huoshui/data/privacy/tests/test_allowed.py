"""Who agrees now, by the truth of the database; and saying something by oneself."""

from __future__ import annotations

from datetime import timedelta

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huoshui.data.customers import services as customers
from huoshui.data.customers.queries import NoSuchCustomer
from huoshui.data.customers.tests.factories import make_customers, make_house
from huoshui.data.facts import queue
from huoshui.data.privacy import links, queries, services
from huoshui.data.privacy.models import Consent
from huoshui.data.privacy.tests.factories import NOW, record, statements
from huoshui.desk.audit import queries as audit
from huoshui.kernel.actors import CONSOLE, Role, actor_of_role
from huoshui.kernel.errors import NotAllowed
from huoshui.kernel.outreach import Underway


@pytest.fixture(autouse=True)
def house(db):
    make_house()


def may(*customer_ids, purpose="marketing", channel="email"):
    return queries.allowed(customer_ids, purpose=purpose, channel=channel, now=NOW)


def say(customer_id, state="withdrawn", *, now=NOW, actor=CONSOLE, **changes):
    return services.say(
        actor=actor,
        customer_id=customer_id,
        now=now,
        **{
            "purpose": "marketing",
            "channel": "email",
            "state": state,
            "wording": "v3",
            "source": "call",
            "evidence": "call 88",
            **changes,
        },
    )


def test_who_said_nothing_is_not_allowed_and_who_agreed_is(db):
    ann, bob, eve = make_customers("1", "2", "3")
    record(statements(ann, bob))
    record(statements(bob, state="withdrawn", given_at=NOW), load_id=2)
    assert may(ann, bob, eve) == {ann}
    assert may(ann, channel="sms") == may(ann, purpose="research") == set()
    assert may() == set()


def test_a_word_about_all_channels_speaks_for_each_and_the_newest_holds(db):
    (ann,) = make_customers("1")
    record(statements(ann, channel="any", given_at=NOW - timedelta(days=9)))
    assert may(ann) == may(ann, channel="sms") == may(ann, channel="any") == {ann}
    record(statements(ann, state="withdrawn", channel="sms", given_at=NOW - timedelta(days=5)))
    assert (may(ann), may(ann, channel="sms")) == ({ann}, set())
    record(statements(ann, state="withdrawn", channel="any"))
    assert may(ann) == set()


def test_a_deleted_customer_is_not_allowed(db):
    (ann,) = make_customers("1")
    record(statements(ann))
    customers.delete(actor=CONSOLE, customer_id=ann, now=NOW)
    assert may(ann) == set()


def test_codes_that_mean_nothing_are_refused_instead_of_answered_by_nobody(db):
    for wrong in ({"purpose": "fun"}, {"channel": "pigeon"}):
        with pytest.raises(queries.NotAStatement):
            may(1, **wrong)


SAID = st.tuples(
    st.sampled_from(["marketing", "profiling"]),
    st.sampled_from(["email", "sms", "any"]),
    st.integers(0, 3),
    st.sampled_from(["granted", "withdrawn"]),
)


@pytest.fixture
def couple(db):
    return make_customers("1", "2")


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.lists(SAID, max_size=6))
def test_many_at_once_are_answered_as_one_person_after_the_other(couple, said):
    Consent.objects.all().delete()
    ann, bob = couple
    for purpose, channel, day, state in said:
        Consent.objects.create(
            customer_id=ann,
            purpose=purpose,
            channel=channel,
            state=state,
            given_at=NOW + timedelta(days=day),
            recorded_at=NOW,
            source="s",
            evidence="e",
        )
    for channel in ("email", "sms", "any"):
        last = queries.newest(queries.statements(ann), purpose="marketing", channel=channel)
        expected = {ann} if last is not None and last.state == "granted" else set()
        assert may(ann, bob, channel=channel) == expected
    about = [(day, state == "withdrawn") for purpose, _c, day, state in said if purpose == "profiling"]
    assert queries.neutral([ann, bob], now=NOW) == ({ann} if about and max(about)[1] else set())


# -- saying ----------------------------------------------------------------------------------------------------------


def test_what_is_said_holds_at_once_and_is_queued_for_the_lake_and_in_the_audit_log(db):
    (ann,) = make_customers("1")
    said = say(ann, "granted")
    assert may(ann) == {ann}
    assert queries.statements(ann) == (said,)
    assert (said.given_at, said.source, said.evidence) == (NOW, "call", "call 88")
    assert queue.waiting().facts == 1
    (act,) = audit.find(actor=CONSOLE, asked=audit.Asked(act="consent")).acts
    assert (act.act, act.subject) == ("consent.granted", f"customer:{ann}")
    assert act.detail == {"purpose": "marketing", "channel": "email"}


def test_a_withdrawal_holds_even_where_a_clock_ran_ahead_when_the_consent_was_given(db):
    (ann,) = make_customers("1")
    say(ann, "granted", now=NOW + timedelta(days=1))
    say(ann, "withdrawn", now=NOW)
    assert may(ann) == set()
    say(ann, "granted", now=NOW)
    assert may(ann) == {ann}


def test_of_two_profiles_of_one_person_the_stricter_word_holds(db):
    ann, bob = make_customers("1", "2")
    record(
        pa.concat_tables([statements(ann), statements(ann, channel="sms"), statements(bob, channel="phone")])
    )
    say(bob, channel="sms", now=NOW - timedelta(days=9))
    say(bob, purpose="profiling", channel="any", now=NOW - timedelta(days=9))
    services.join(actor=CONSOLE, kept=ann, joined=bob, now=NOW)
    assert (may(ann), may(ann, channel="sms"), may(ann, channel="phone")) == ({ann}, set(), set())
    assert queries.neutral([ann, bob], now=NOW) == {ann, bob}
    assert services.join(actor=CONSOLE, kept=ann, joined=bob, now=NOW) == ()


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"source": " "}, services.NoProof),
        ({"evidence": ""}, services.NoProof),
        ({"state": "maybe"}, queries.NotAStatement),
        ({"evidence": "x" * 501}, queries.NotAStatement),
    ],
)
def test_what_proves_nothing_or_means_nothing_is_not_recorded(db, wrong, refusal):
    (ann,) = make_customers("1")
    with pytest.raises(refusal):
        say(ann, **wrong)
    assert not Consent.objects.exists()
    assert queue.waiting().facts == 0


def test_only_who_may_records_and_only_for_customers(db):
    (ann,) = make_customers("1")
    with pytest.raises(NotAllowed):
        say(ann, actor=actor_of_role("a", Role.ANALYST))
    with pytest.raises(NoSuchCustomer):
        say(ann + 1)


def test_a_withdrawal_is_answered_when_nothing_is_underway_any_more(
    db, django_capture_on_commit_callbacks, monkeypatch
):
    (ann,) = make_customers("1")
    landed = []
    sender = Underway(slug="test", settle=lambda one: landed.append((one, may(one))))
    monkeypatch.setattr(services, "UNDERWAY", [sender])
    with django_capture_on_commit_callbacks(execute=True):
        say(ann, "granted")
    assert landed == []
    with django_capture_on_commit_callbacks(execute=True):
        say(ann)
    assert landed == [(ann, set())]


# -- the addresses in messages ---------------------------------------------------------------------------------------


def test_an_address_says_whose_it_is_and_cannot_be_forged():
    address = links.leave_address(17, "email", "k:1/2")
    token = address.rstrip("/").rpartition("/")[2]
    assert address.startswith("http")
    assert links.of_leaving(token) == links.Link(17, "email", "k:1/2")
    for forged in (token[:-1], f"x{token}", "", "a.b", token.replace(".", "")):
        with pytest.raises(links.NoSuchLink):
            links.of_leaving(forged)
    with pytest.raises(links.NoSuchLink):
        links.of_preferences(token)

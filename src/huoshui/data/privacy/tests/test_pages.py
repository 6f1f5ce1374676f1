"""Consent on pages: for colleagues, and behind the links of messages for customers."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client

from huoshui.data.customers import services as customers
from huoshui.data.customers.queries import values_of
from huoshui.data.customers.tests.factories import make_customers
from huoshui.data.facts import queue
from huoshui.data.privacy import deciding, links, queries
from huoshui.data.privacy.tests.factories import NOW, record, statements
from huoshui.desk.audit import queries as audit
from huoshui.desk.organisation import services as organisation
from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE
from tests.plugins.programs import program

pytestmark = pytest.mark.django_db

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture(autouse=True)
def house(db) -> None:
    organisation.found(actor=CONSOLE, currency="CNY", time_zone="Asia/Shanghai", now=clock.now())


@pytest.fixture
def ann(house) -> int:
    """Agreed to e-mail."""
    (pk,) = make_customers("1")
    record(statements(pk))
    return int(pk)


@pytest.fixture
def mail_program() -> Client:
    """What posts by itself: without a cookie, and where a page would be refused for it."""
    return Client(enforce_csrf_checks=True)


def path_of(address: str) -> str:
    return urlsplit(address).path


def leaving(pk: int, channel: str = "email") -> str:
    return path_of(links.leave_address(pk, channel, "m-17"))


def deciding_on(pk: int) -> str:
    return path_of(links.preferences_address(pk, "m-17"))


def may(pk: int, channel: str = "email") -> bool:
    return bool(queries.allowed([pk], purpose="marketing", channel=channel, now=NOW))


# -- one click -------------------------------------------------------------------------------------------------------


def test_looking_at_a_link_changes_nothing_however_often_and_by_whom(ann, mail_program):
    for path in (leaving(ann), deciding_on(ann)):
        for agent in ("Mozilla/5.0", "GoogleImageProxy", "BarracudaSentinel"):
            for ask in (mail_program.get, mail_program.head):
                answer = ask(path, headers={"user-agent": agent})
                assert answer.status_code == 200
                assert answer["Cache-Control"] == "no-store"
                assert not answer.cookies.keys() - {"huoshui_csrf8000"}
    assert may(ann)
    assert len(queries.statements(ann)) == 1


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_one_click_needs_neither_cookie_nor_signing_in_and_is_answered_by_nothing(ann, mail_program, kind):
    if kind.startswith("multipart"):
        answer = mail_program.post(leaving(ann), ONE_CLICK)
    else:
        answer = mail_program.post(leaving(ann), "List-Unsubscribe=One-Click", content_type=kind)
    assert (answer.status_code, answer.content) == (200, b"")
    assert not may(ann)
    said = queries.statements(ann)[0]
    assert (said.state, said.channel, said.source) == ("withdrawn", "email", "link in a message")
    assert said.evidence == "signed link of message m-17"
    (act,) = audit.find(actor=CONSOLE, asked=audit.Asked(act="consent")).acts
    assert (act.actor, act.act) == ("customer", "consent.withdrawn")
    assert queue.waiting().facts == 1


def test_leaving_twice_is_answered_the_same_and_recorded_once(ann, mail_program):
    for _time in range(3):
        assert mail_program.post(leaving(ann), ONE_CLICK).status_code == 200
    assert len(queries.statements(ann)) == 2


def test_leaving_one_channel_leaves_the_others(ann, mail_program):
    record(statements(ann, channel="any"), load_id=2)
    mail_program.post(leaving(ann, "sms"), ONE_CLICK)
    assert (may(ann), may(ann, "sms")) == (True, False)


def test_who_is_not_in_the_house_any_more_can_leave_all_the_same(mail_program):
    assert mail_program.post(leaving(123456789012345), ONE_CLICK).status_code == 200


def test_a_link_that_was_cut_says_so_and_does_nothing(ann, mail_program):
    for path in (leaving(ann), deciding_on(ann)):
        for ask in (mail_program.get, mail_program.post):
            answer = ask(path[:-3] + "/")
            assert answer.status_code == 404
            assert "This link cannot be read" in answer.content.decode()
    assert may(ann)


def test_a_person_reads_what_they_did_and_where_to_decide_the_rest(ann, client):
    asked = client.get(leaving(ann)).content.decode()
    assert "by e-mail?" in asked
    assert "<form" in asked
    done = client.post(leaving(ann), {"page": "1"}).content.decode()
    assert "You are unsubscribed" in done
    assert path_of(links.preferences_address(ann, "m-17")) in done


# -- preferences -----------------------------------------------------------------------------------------------------


def test_each_choice_holds_at_once_and_can_be_taken_back(ann, mail_program):
    path = deciding_on(ann)

    def choose(choice: str) -> str:
        answer = mail_program.post(path, {"choice": choice})
        assert answer.status_code == 200
        return str(answer.content.decode())

    assert 'value="marketing:email:withdrawn"' in mail_program.get(path).content.decode()
    assert 'value="marketing:email:granted"' in choose("marketing:email:withdrawn")
    assert not may(ann)
    choose("marketing:sms:granted")
    assert may(ann, "sms")
    said = queries.statements(ann)[0]
    assert (said.wording, said.source) == (f"{deciding.WORDING} en", "preference page")
    page = choose("marketing:any:withdrawn")
    assert "marketing:any:withdrawn" not in page
    assert not any(may(ann, channel) for channel in queries.CHANNELS)
    choose("marketing:any:withdrawn")
    assert len(queries.statements(ann)) == 4
    choose("marketing:email:granted")
    assert may(ann)


def test_no_to_being_judged_makes_neutral_and_yes_ends_it(ann, mail_program):
    mail_program.post(deciding_on(ann), {"choice": "profiling:any:withdrawn"})
    assert queries.neutral([ann], now=NOW) == {ann}
    assert 'value="profiling:any:granted"' in mail_program.get(deciding_on(ann)).content.decode()
    mail_program.post(deciding_on(ann), {"choice": "profiling:any:granted"})
    assert queries.neutral([ann], now=NOW) == set()
    assert may(ann)


def test_what_else_was_agreed_to_can_be_taken_back_there_and_is_not_asked_for(ann, client):
    path = deciding_on(ann)
    assert "third_party" not in client.get(path).content.decode()
    record(statements(ann, purpose="third_party", channel="any"), load_id=3)
    assert 'value="third_party:any:withdrawn"' in client.get(path).content.decode()
    client.post(path, {"choice": "third_party:any:withdrawn"})
    assert queries.allowed([ann], purpose="third_party", channel="any", now=NOW) == set()
    assert client.post(path, {"choice": "third_party:any:granted"}).status_code == 400
    assert queries.allowed([ann], purpose="third_party", channel="any", now=NOW) == set()


def test_what_the_page_does_not_offer_is_refused(ann, client):
    for choice in ("", "x", "marketing:email:maybe", "marketing:pigeon:granted", "fun:any:withdrawn"):
        assert client.post(deciding_on(ann), {"choice": choice}).status_code == 400
    assert len(queries.statements(ann)) == 1


def test_agreeing_again_and_again_has_an_end_and_withdrawing_has_none(ann, client, monkeypatch):
    monkeypatch.setattr(deciding, "MOST", 2)
    path = deciding_on(ann)
    answers = [
        client.post(path, {"choice": f"marketing:sms:{state}"}).status_code
        for _time in range(3)
        for state in ("granted", "withdrawn")
    ]
    assert answers == [200, 200, 200, 200, 429, 200]


@pytest.mark.parametrize(
    ("language", "words"), [("zh-CN,zh;q=0.9", "zh-Hans"), ("en-GB", "en"), ("fr", "en")]
)
def test_the_browsers_language_decides(ann, client, language, words):
    for path in (leaving(ann), deciding_on(ann)):
        page = client.get(path, headers={"accept-language": language}).content.decode()
        assert f'<html lang="{words}"' in page


def test_the_pages_tell_nothing_about_the_person(ann, client):
    page = client.get(deciding_on(ann)).content.decode() + client.get(leaving(ann)).content.decode()
    assert str(ann) not in page.replace(deciding_on(ann), "")


# -- for colleagues --------------------------------------------------------------------------------------------------


def test_a_colleague_sees_what_holds_with_its_proof_and_the_look_is_noted(ann, pages):
    page = pages.get(f"/privacy/customers/{ann}/").content.decode()
    assert "web form · form 17" in page
    assert "Never said" in page
    (act,) = audit.find(actor=CONSOLE, asked=audit.Asked(act="customer.viewed")).acts
    assert act.detail == {"page": "consent"}


def test_a_colleague_records_a_withdrawal_with_its_proof(ann, pages):
    typed = {
        "state": "withdrawn",
        "purpose": "marketing",
        "channel": "email",
        "source": "phone call",
        "evidence": "recording 88",
        "wording": "",
    }
    path = f"/privacy/customers/{ann}/"
    answer = pages.post(path, {**typed, "evidence": " "})
    assert answer.status_code == 400
    assert may(ann)
    assert pages.post(path, typed).status_code == 302
    assert not may(ann)
    assert "recording 88" in pages.get(path).content.decode()
    pages.post(path, {**typed, "purpose": "profiling"})
    assert queries.neutral([ann], now=NOW) == {ann}


def test_for_a_child_a_guardian_agrees_with_proof_before_there_is_marketing(ann, pages):
    path, hint = f"/privacy/customers/{ann}/", "until a parent or guardian agrees"
    assert hint not in pages.get(path).content.decode()
    known = values_of(ann, in_lake={})
    customers.edit(
        actor=CONSOLE, customer_id=ann, seen=known, typed={"birth_year": "2020"}, in_lake={}, now=NOW
    )
    page = pages.get(path).content.decode()
    assert hint in page
    assert "A guardian, for a child under 14" in page
    assert "Not without a guardian" in page
    assert not may(ann)
    assert queries.neutral([ann], now=NOW) == {ann}
    typed = {
        "state": "granted",
        "purpose": "guardian",
        "channel": "email",
        "source": "letter",
        "evidence": "letter 7",
        "wording": "guardians 1",
    }
    assert pages.post(path, typed).status_code == 302
    assert hint not in pages.get(path).content.decode()
    assert may(ann)
    assert queries.neutral([ann], now=NOW) == set()
    assert queries.statements(ann)[0].channel == "any"
    pages.post(path, {**typed, "state": "withdrawn"})
    assert not may(ann)


def test_who_sees_others_only_does_not_see_or_record(ann, signed_in):
    own = signed_in("operator", scope="own")
    assert own.get(f"/privacy/customers/{ann}/").status_code == 404
    reader = signed_in("viewer")
    page = reader.get(f"/privacy/customers/{ann}/")
    assert page.status_code == 200
    assert 'name="evidence"' not in page.content.decode()
    assert reader.post(f"/privacy/customers/{ann}/", {}).status_code == 403


def test_a_page_asks_the_database_a_known_number_of_times(ann, pages, client, django_assert_max_num_queries):
    for day in range(9):
        record(statements(ann, given_at=NOW - timedelta(days=day + 2)), load_id=day + 2)
    with django_assert_max_num_queries(4):
        client.get(deciding_on(ann))
    pages.get(f"/privacy/customers/{ann}/")
    with django_assert_max_num_queries(24):
        pages.get(f"/privacy/customers/{ann}/")


# -- for programs ----------------------------------------------------------------------------------------------------


def test_a_program_records_what_was_said_and_reads_what_holds(ann):
    shop, path = program("operator"), f"/api/customers/{ann}/consents"
    sent = {"channel": "email", "state": "withdrawn", "source": "app", "evidence": "request 9"}
    answer = shop.send("POST", path, sent)
    assert answer.status_code == 201, answer.content
    assert not may(ann)
    shop.send("POST", path, {**sent, "purpose": "profiling", "channel": "sms"})
    told = shop.send("GET", path).json()
    assert {one["channel"]: one["state"] for one in told["marketing"]}["email"] == "withdrawn"
    assert {one["channel"]: one["state"] for one in told["marketing"]}["sms"] is None
    assert told["neutral"] is True
    assert [(one["purpose"], one["channel"]) for one in told["items"]] == [
        ("profiling", "any"),
        ("marketing", "email"),
        ("marketing", "email"),
    ]
    assert shop.get(path_of(told["preferences_url"])).status_code == 200


@pytest.mark.parametrize(
    "wrong", [{"evidence": ""}, {"evidence": " "}, {"source": "x" * 61}, {"channel": "pigeon"}]
)
def test_a_program_records_nothing_without_proof(ann, wrong):
    sent = {"channel": "email", "state": "withdrawn", "source": "app", "evidence": "request 9", **wrong}
    assert program("operator").send("POST", f"/api/customers/{ann}/consents", sent).status_code == 422
    assert may(ann)


def test_a_program_that_may_not_record_reads_only_and_gets_no_link(ann):
    path = f"/api/customers/{ann}/consents"
    assert program("viewer").send("GET", path).json()["preferences_url"] is None
    sent = {"channel": "email", "state": "withdrawn", "source": "app", "evidence": "request 9"}
    assert program("viewer").send("POST", path, sent).status_code == 403
    assert program("operator", scope="own").send("POST", path, sent).status_code == 404
    assert may(ann)

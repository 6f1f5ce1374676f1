from __future__ import annotations

from datetime import UTC, datetime
from email.message import Message

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from huoshui.act.channels import folder, hearing, queries, reports, services, verp
from huoshui.act.channels.errors import NoSuchSender
from huoshui.act.channels.models import Report, Sender, Unreachable
from huoshui.act.channels.services import Draft
from huoshui.act.channels.tests.letters import returned
from huoshui.data.customers import services as customers
from huoshui.desk.mail.tests.server import Smtp
from huoshui.desk.organisation import services as organisation
from huoshui.desk.users import queries as users
from huoshui.kernel.actors import CONSOLE, Role, actor_of_role
from tests.plugins.programs import program

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
MEI = "mei.wang@example.com"
SENDER = {
    "name": " 活水商城 ",
    "address": "Shop@Example.org",
    "reply_to": "",
    "contact": "杭州市西湖区文三路 1 号",
    "selector": "mail2026",
}


@pytest.fixture
def house(db, settings):
    settings.HUOSHUI_SMTP = Smtp(9)
    organisation.found(actor=CONSOLE, currency="CNY", time_zone="Asia/Shanghai", now=NOW)


@pytest.fixture
def gone(house) -> int:
    """A customer to whom a message came back."""
    number = customers.create(actor=CONSOLE, typed={"name": "王梅", "email": MEI}, now=NOW)
    named = verp.name(key="1f", customer_id=number, address=MEI)
    assert hearing.receive(returned(named), now=NOW) == "gone"
    return number


def text(client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    page: str = answer.content.decode()
    return page


def test_channels_say_whether_they_can_be_used(house, pages, settings):
    assert "HUOSHUI_SMTP_URL" not in text(pages, "/channels/")
    settings.HUOSHUI_SMTP = None
    assert "HUOSHUI_SMTP_URL" in text(pages, "/channels/")


def test_a_sender_is_declared_changed_retired_and_brought_back_on_its_page(house, pages):
    assert "No sender is declared yet" in text(pages, "/channels/email/")
    assert pages.post("/channels/email/senders/new/", SENDER).status_code == 302
    [first] = queries.all_senders(actor=CONSOLE)
    assert (first.name, first.address, first.usual) == ("活水商城", "shop@example.org", True)
    team = users.teams()[0].id
    of_team = SENDER | {"name": "B", "teams": [str(team)]}
    assert pages.post("/channels/email/senders/new/", of_team).status_code == 302
    second = queries.all_senders(actor=CONSOLE)[1]
    assert (second.slug, second.team_ids) == ("shop-2", frozenset({team}))
    assert second.id is not None
    here = f"/channels/email/senders/{second.id}/"
    assert "文三路" in text(pages, here)
    assert pages.post(here, SENDER | {"name": "C"}).status_code == 302
    assert queries.sender(second.id, actor=CONSOLE).name == "C"
    pages.post(f"{here}usual/")
    assert queries.usual_sender().name == "C"
    assert "usual sender" in pages.post(f"{here}retire/", follow=True).content.decode()
    pages.post(f"/channels/email/senders/{first.id}/retire/")
    assert [one.slug for one in queries.senders(actor=CONSOLE)] == ["shop-2"]
    pages.post(f"/channels/email/senders/{first.id}/bring-back/")
    assert len(queries.senders(actor=CONSOLE)) == 2


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("name", "a\x00b"),
        ("name", " "),
        ("address", "shop"),
        ("address", "shop@example.org\r\nBcc: x@example.org"),
        ("address", "梅@example.org"),
        ("reply_to", "a@b, c@d"),
        ("contact", "x" * 301),
        ("selector", "a b"),
    ],
)
def test_what_makes_no_sender_is_said_and_kept_in_the_form(house, pages, field, wrong):
    answer = pages.post("/channels/email/senders/new/", SENDER | {field: wrong})
    assert answer.status_code == 400
    assert "文三路" in answer.content.decode() or field == "contact"
    assert not Sender.objects.exists()


def test_only_the_teams_of_a_sender_and_who_keeps_the_house_write_as_it(house):
    services.add_sender(actor=CONSOLE, draft=Draft(name="A", address="a@example.org"), now=NOW)
    of_team = Draft(name="B", address="b@example.org", team_ids=[users.teams()[0].id])
    services.add_sender(actor=CONSOLE, draft=of_team, now=NOW)
    operator = actor_of_role("x", Role.OPERATOR)
    assert [one.slug for one in queries.senders(actor=operator)] == ["a"]
    queries.require_may_write_as(operator, "a")
    with pytest.raises(NoSuchSender):
        queries.require_may_write_as(operator, "b")
    with pytest.raises(NoSuchSender):
        queries.require_may_write_as(CONSOLE, "nobody")
    queries.require_may_write_as(CONSOLE, "b")


def test_where_messages_come_back_to_is_set_on_the_page(house, pages):
    wrong = pages.post("/channels/email/", {"bounce_address": "x\r\n@example.org"})
    assert wrong.status_code == 400
    assert pages.post("/channels/email/", {"bounce_address": "Bounces@example.org"}).status_code == 302
    assert queries.mailing() == queries.Mailing(bounce_address="bounces@example.org", plus=False)


def test_an_address_without_mail_is_seen_lifted_and_closed_again(gone, pages):
    page = text(pages, "/channels/email/unreachable/")
    assert MEI in page
    assert "no such mailbox" in page
    assert "1 address gets no e-mail" in text(pages, "/channels/email/")
    [row] = Unreachable.objects.all()
    assert (
        "gets e-mail again"
        in pages.post(f"/channels/email/unreachable/{row.pk}/lift/", follow=True).content.decode()
    )
    assert not queries.unreachable_among([MEI])
    pages.post(f"/channels/email/unreachable/{row.pk}/close/")
    assert queries.unreachable_among([MEI]) == {MEI}
    assert "This address gets e-mail" in text(pages, "/channels/email/unreachable/?q=a@example.com&page=0")
    wrong = pages.post("/channels/email/unreachable/", {"address": "mei"})
    assert wrong.status_code == 400
    pages.post("/channels/email/unreachable/", {"address": "A@example.com", "why": "asked"})
    assert "asked" in text(pages, "/channels/email/unreachable/?q=a@example.com")


def test_a_viewer_sees_masks_and_changes_nothing(gone, signed_in):
    viewer = signed_in("viewer")
    page = text(viewer, "/channels/email/unreachable/")
    assert MEI not in page
    assert "m***@e***.com" in page
    assert viewer.post("/channels/email/unreachable/", {"address": MEI}).status_code == 403
    assert viewer.get("/channels/email/").status_code == 403


def test_who_sees_some_customers_sees_their_addresses_and_lifts_no_others(gone, signed_in):
    [row] = Unreachable.objects.all()
    colleague = signed_in("operator", scope="own")
    here = "/channels/email/unreachable/"
    assert MEI not in text(colleague, here)
    assert colleague.post(f"{here}{row.pk}/lift/").status_code == 404
    assert colleague.post(f"{here}{row.pk}/close/").status_code == 404
    colleague.post(here, {"address": "a@example.com"})
    assert "a@example.com" in text(colleague, here)
    customers.assign_owner(actor=CONSOLE, customer_ids=[gone], owner_id=colleague.user.pk, now=NOW)
    assert MEI in text(colleague, here)
    assert colleague.post(f"{here}{row.pk}/lift/").status_code == 302


def test_the_pages_ask_the_database_the_same_number_of_times_however_much_there_is(gone, pages):
    for path in ("/channels/email/", "/channels/email/unreachable/"):
        text(pages, path)
        with CaptureQueriesContext(
            connection,
        ) as few:
            text(pages, path)
        for n in range(5):
            draft = Draft(name="x", address=f"s{n}@example.org", team_ids=[users.teams()[0].id])
            services.add_sender(actor=CONSOLE, draft=draft, now=NOW)
            services.close(actor=CONSOLE, address=f"{n}{len(path)}@example.com", why="", now=NOW)
        with CaptureQueriesContext(connection) as many:
            text(pages, path)
        assert len(many) <= len(few) + 1  # the teams of senders, once there are senders
        assert len(many) <= 16


def test_a_folder_is_read_and_nothing_in_it_is_lost(gone, tmp_path):
    Report.objects.all().delete()
    Unreachable.objects.all().delete()
    for name in ("new", "cur", "tmp"):
        (tmp_path / name).mkdir()
    raw = returned(verp.name(key="1f", customer_id=gone, address=MEI))
    (tmp_path / "new" / "1.a").write_bytes(raw)
    (tmp_path / "new" / "2.b").write_bytes(raw)
    (tmp_path / "new" / "3.c").write_bytes(b"\xff\x00")
    assert folder.collect(tmp_path, now=NOW) == 3
    assert folder.collect(tmp_path, now=NOW) == 0
    assert sorted(path.name for path in (tmp_path / "cur").iterdir()) == ["1.a:2,S", "2.b:2,S", "3.c:2,S"]
    assert Report.objects.count() == 2
    assert Unreachable.objects.count() == 1


def test_a_report_is_a_message_as_python_writes_it():
    """So that it is known by something else than by our own hand."""
    report = Message()
    report["Content-Type"] = 'multipart/report; report-type=delivery-status; boundary="x"'
    status = Message()
    status.set_type("message/delivery-status")
    fields = Message()
    fields["Final-Recipient"], fields["Action"], fields["Status"] = "rfc822; a@example.com", "failed", "5.1.2"
    status.set_payload([Message(), fields])
    report.set_payload([status])
    told = reports.read(report.as_bytes())
    assert (told.kind, told.addresses) == ("gone", ("a@example.com",))


def test_programs_read_close_and_lift_addresses_and_bring_what_came_back(gone):
    mail = "/api/mail"
    operator, viewer = program(Role.OPERATOR), program(Role.VIEWER)
    listed = operator.get(f"{mail}/unreachable").json()
    assert (listed["total"], listed["items"][0]["address"], listed["items"][0]["reason"]) == (1, MEI, "gone")
    number = operator.send("POST", f"{mail}/unreachable", {"address": "a@example.com"}).json()["id"]
    assert operator.send("POST", f"{mail}/unreachable/{number}/lift").status_code == 200
    assert operator.send("POST", f"{mail}/unreachable/{number}/lift").status_code == 404
    told = operator.send("POST", f"{mail}/bounces", {"message": "Subject: away\r\n\r\nI am away"})
    assert told.json() == {"kind": "other"}
    assert operator.get(f"{mail}/senders").json()["items"][0]["slug"] == ""
    assert viewer.get(f"{mail}/unreachable").json()["items"][0]["address"] == "m***@e***.com"
    assert viewer.send("POST", f"{mail}/bounces", {"message": "x"}).status_code == 403

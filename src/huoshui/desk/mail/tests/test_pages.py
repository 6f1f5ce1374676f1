from __future__ import annotations

from datetime import UTC, datetime

import pytest

from huoshui.desk.audit.queries import Asked, find
from huoshui.desk.mail import services
from huoshui.desk.mail.models import Letter
from huoshui.desk.organisation import services as organisation
from huoshui.kernel.actors import CONSOLE

NOW = datetime(2026, 3, 1, 18, 30, tzinfo=UTC)
PAGE = "/settings/mail/"
LINK = "https://crm.example.com/account/link/abc"


@pytest.fixture
def house(db, settings):
    settings.HUOSHUI_SMTP = None
    organisation.found(actor=CONSOLE, currency="CNY", time_zone="Asia/Shanghai", now=NOW)


def test_without_a_mail_server_the_link_can_be_copied_and_that_is_noted(house, pages):
    assert "No letters yet" in pages.get(PAGE).content.decode()
    services.send(
        to="mei@example.org", subject="<b>Hello</b>", text=f"Open {LINK}\n<script>alert(1)</script>", now=NOW
    )
    text = pages.get(PAGE).content.decode()
    assert "HUOSHUI_SMTP_URL" in text
    assert f'href="{LINK}"' in text
    assert "<b>Hello" not in text
    assert "<script>alert" not in text
    assert [act.act for act in find(actor=CONSOLE, asked=Asked(act="mail")).acts] == ["mail.viewed"]


def test_only_administrators_read_letters(house, signed_in):
    assert signed_in("manager").get(PAGE).status_code == 403
    assert signed_in("manager").post(f"{PAGE}test/").status_code == 403


def test_one_writes_to_oneself_to_see_whether_mail_arrives(house, pages):
    assert pages.post(f"{PAGE}test/").status_code == 302
    assert Letter.objects.get().to == pages.user.email


def test_what_cannot_be_sent_again_is_not_there(house, pages):
    assert pages.post(f"{PAGE}99/again/").status_code == 404

"""Codes of the telephone, and recovery codes."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from django.test import Client

from huoshui.desk.users import queries, services
from huoshui.desk.users.models import RecoveryCode, User
from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE, Role, actor_of_role
from huoshui.kernel.errors import NotAllowed
from tests.plugins.signed_in import Signed

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 1, 15, 12, 0, 5, tzinfo=UTC)
PASSWORD = "four calm rivers meet"


def code_at(secret: str, moment: datetime) -> str:
    return pyotp.TOTP(secret).at(moment)


@pytest.fixture
def mei(signed_in: Signed) -> User:
    """An administrator with a telephone, set up a day ago."""
    user: User = signed_in(Role.ADMINISTRATOR, two_steps=False).user
    secret, _address = services.begin_totp(email=user.email)
    before = NOW - timedelta(days=1)
    code = code_at(secret, before)
    services.confirm_totp(actor=queries.actor_of(user.pk), secret=secret, code=code, now=before)
    user.refresh_from_db()
    return user


def test_the_codes_are_those_of_rfc_6238():
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # "12345678901234567890" of its appendix B
    assert pyotp.TOTP(secret, digits=8).at(59) == "94287082"
    assert pyotp.TOTP(secret, digits=8).at(1111111109) == "07081804"


@pytest.mark.parametrize("off", [-30, 0, 30])
def test_a_code_opens_once_also_when_the_clock_is_a_little_off(mei: User, off: int):
    code = code_at(mei.totp_secret, NOW + timedelta(seconds=off))
    services.use_code(user_id=mei.pk, code=f" {code[:3]} {code[3:]} ", now=NOW)
    with pytest.raises(services.WrongPassword):
        services.use_code(user_id=mei.pk, code=code, now=NOW)


@pytest.mark.parametrize("code", ["", "000000x", "abcdef", "１２３４５６", "\x00", "-1", "1" * 20])
def test_another_code_opens_nothing(mei: User, code: str):
    with pytest.raises(services.WrongPassword):
        services.use_code(user_id=mei.pk, code=code, now=NOW)


@pytest.mark.parametrize("off", [-61, 61, -86400])
def test_a_code_of_another_time_opens_nothing(mei: User, off: int):
    with pytest.raises(services.WrongPassword):
        services.use_code(
            user_id=mei.pk, code=code_at(mei.totp_secret, NOW + timedelta(seconds=off)), now=NOW
        )


def test_an_older_code_opens_nothing_after_a_newer_one(mei: User):
    services.use_code(user_id=mei.pk, code=code_at(mei.totp_secret, NOW), now=NOW)
    before = code_at(mei.totp_secret, NOW - timedelta(seconds=30))
    with pytest.raises(services.WrongPassword):
        services.use_code(user_id=mei.pk, code=before, now=NOW)


def test_a_recovery_code_opens_once_and_is_kept_as_a_digest(mei: User):
    codes = services.new_recovery_codes(actor=queries.actor_of(mei.pk), now=NOW)
    assert len(set(codes)) == 10
    assert not set(codes) & set(RecoveryCode.objects.values_list("digest", flat=True))
    services.use_code(user_id=mei.pk, code=codes[3].upper().replace("-", " "), now=NOW)
    with pytest.raises(services.WrongPassword):
        services.use_code(user_id=mei.pk, code=codes[3], now=NOW)
    assert queries.recovery_codes_left(mei.pk) == 9


def test_nobody_uses_the_recovery_codes_of_others(mei: User, signed_in: Signed):
    codes = services.new_recovery_codes(actor=queries.actor_of(mei.pk), now=NOW)
    with pytest.raises(services.WrongPassword):
        services.use_code(user_id=signed_in(Role.VIEWER).user.pk, code=codes[0], now=NOW)


def test_a_lost_telephone_is_taken_away_by_an_administrator_only(mei: User, signed_in: Signed):
    with pytest.raises(NotAllowed):
        services.reset_totp(actor=actor_of_role("x", Role.MANAGER), user_id=mei.pk, now=NOW)
    services.reset_totp(actor=CONSOLE, user_id=mei.pk, now=NOW)
    assert not queries.colleague(mei.pk).two_steps
    assert queries.recovery_codes_left(mei.pk) == 0


def test_signing_in_asks_for_the_code_and_no_page_opens_before(mei: User, stranger: Client, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    mei.set_password(PASSWORD)
    mei.save()
    answer = stranger.post(
        "/account/sign-in/", {"email": mei.email, "password": PASSWORD, "next": "/account/"}
    )
    assert answer["Location"] == "/account/sign-in/code/"
    assert stranger.get("/account/")["Location"].startswith("/account/sign-in/")
    assert stranger.post("/account/sign-in/code/", {"code": "000000"}).status_code == 403
    half = stranger.cookies[settings.SESSION_COOKIE_NAME].value
    code = code_at(mei.totp_secret, clock.now())
    assert stranger.post("/account/sign-in/code/", {"code": code})["Location"] == "/account/"
    assert stranger.cookies[settings.SESSION_COOKIE_NAME].value != half
    assert stranger.get("/account/").status_code == 200


def test_codes_cannot_be_guessed_one_after_the_other(mei: User, stranger: Client, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    mei.set_password(PASSWORD)
    mei.save()
    stranger.post("/account/sign-in/", {"email": mei.email, "password": PASSWORD})
    said = [stranger.post("/account/sign-in/code/", {"code": "000000"}).status_code for _ in range(11)]
    assert said == [403] * 10 + [429]


def test_without_a_password_there_is_no_second_step_to_try(stranger: Client):
    assert stranger.get("/account/sign-in/code/")["Location"] == "/account/sign-in/"
    assert stranger.post("/account/sign-in/code/", {"code": "000000"})["Location"] == "/account/sign-in/"


def test_an_administrator_sets_it_up_on_the_page(signed_in: Signed):
    client = signed_in(Role.ADMINISTRATOR, two_steps=False)
    assert client.get("/settings/colleagues/")["Location"] == "/account/second-step/"
    text = client.get("/account/second-step/").content.decode()
    assert 'src="data:image/svg+xml' in text
    found = re.search(r'hs-asis">([A-Z2-7 ]+)<', text)
    assert found is not None
    secret = found[1].replace(" ", "")
    wrong = client.post("/account/second-step/", {"code": "000000"})
    assert "not right" in wrong.content.decode()
    assert User.objects.get(pk=client.user.pk).totp_secret == ""
    done = client.post("/account/second-step/", {"code": code_at(secret, clock.now())})
    assert len(re.findall(r"<li>\w{5}-\w{5}</li>", done.content.decode())) == 10
    assert client.get("/settings/colleagues/").status_code == 200


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR, Role.ANALYST, Role.MANAGER])
def test_others_may_leave_it_off(signed_in: Signed, role: Role):
    assert signed_in(role, two_steps=False).get("/account/").status_code == 200

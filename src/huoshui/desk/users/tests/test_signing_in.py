"""Coming in and going out: passwords, sessions, throttle, the form that was kept."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.auth.hashers import check_password, make_password
from django.test import Client

from huoshui.desk.users import queries, services, signing_in
from huoshui.desk.users.models import Session, User
from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE, Role
from tests.plugins.signed_in import Signed

pytestmark = pytest.mark.django_db

SIGN_IN = "/account/sign-in/"
PASSWORD = "four calm rivers meet"


@pytest.fixture(autouse=True)
def quick_hashes(settings) -> None:
    """What is tested here is what follows from a password; how it is kept has a test of its own."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]


@pytest.fixture
def mei() -> User:
    """Somebody with a password and no second step."""
    user_id = services.add(
        actor=CONSOLE, email="mei@example.com", name="王梅", role=Role.OPERATOR, now=clock.now()
    )
    user = User.objects.get(pk=user_id)
    user.set_password(PASSWORD)
    user.save()
    return user


def enter(client: Client, email: str = "mei@example.com", password: str = PASSWORD, **more: str):
    return client.post(SIGN_IN, {"email": email, "password": password, **more})


def acts() -> list[str]:
    return list(apps.get_model("audit", "Entry").objects.order_by("number").values_list("act", flat=True))


def test_a_password_opens_the_house_and_leads_back(mei: User, stranger: Client):
    answer = enter(stranger, " MEI@Example.com ", next="/customers/?stage=lost")
    assert (answer.status_code, answer["Location"]) == (302, "/customers/?stage=lost")
    answer = stranger.get("/account/")
    assert answer.status_code == 200
    assert "王梅" in answer.content.decode()
    assert answer["Cache-Control"].count("no-store")
    assert acts()[-1] == "user.signed_in"


def test_argon2_keeps_the_passwords(settings):
    settings.PASSWORD_HASHERS = settings.PASSWORD_HASHERS[1:]
    kept = make_password(PASSWORD)
    assert kept.startswith("argon2$argon2id$v=19$m=47104,t=2,p=1$")
    assert check_password(PASSWORD, kept)


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("mei@example.com", "wrong password here"),
        ("nobody@example.com", PASSWORD),
        ("mei@example.com", PASSWORD.upper()),
    ],
)
def test_what_is_wrong_is_not_said(mei: User, stranger: Client, email: str, password: str):
    answer = enter(stranger, email, password)
    assert answer.status_code == 403
    assert "This is not right" in answer.content.decode()
    assert stranger.get("/account/").status_code == 302
    assert acts()[-1] == "user.refused"


def test_who_was_deactivated_is_out_at_once_and_stays_out(mei: User, stranger: Client):
    enter(stranger)
    services.disable(actor=CONSOLE, user_id=mei.pk, now=clock.now())
    assert stranger.get("/account/").status_code == 302
    assert enter(stranger).status_code == 403


def test_the_session_has_a_new_id_after_signing_in(mei: User, stranger: Client, settings):
    stranger.post("/customers/act/", {"typed": "before"})
    before = stranger.cookies[settings.SESSION_COOKIE_NAME].value
    enter(stranger)
    assert stranger.cookies[settings.SESSION_COOKIE_NAME].value != before
    thief = Client(headers={"host": "127.0.0.1"})
    thief.cookies[settings.SESSION_COOKIE_NAME] = before
    assert thief.get("/account/").status_code == 302


def test_a_cookie_opens_nothing_after_signing_out(mei: User, stranger: Client, settings):
    enter(stranger)
    stolen = stranger.cookies[settings.SESSION_COOKIE_NAME].value
    assert stranger.post("/account/sign-out/").status_code == 302
    thief = Client(headers={"host": "127.0.0.1"})
    thief.cookies[settings.SESSION_COOKIE_NAME] = stolen
    assert thief.get("/account/").status_code == 302
    assert not Session.objects.exists()


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(mei: User, stranger: Client):
    elsewhere = Client(headers={"host": "127.0.0.1"})
    enter(elsewhere)
    enter(stranger)
    new = "five calm rivers meet"
    answer = stranger.post("/account/password/", {"old": PASSWORD, "new": new, "again": new})
    assert answer.status_code == 302
    assert stranger.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 302


@pytest.mark.parametrize(
    ("new", "again", "says"),
    [
        ("short", "short", "too short"),
        ("password1234", "password1234", "too common"),
        ("mei@example.com", "mei@example.com", "too similar"),
        ("four calm lakes", "four calm lake", "not the same"),
        ("x" * 129, "x" * 129, "at most 128"),
    ],
)
def test_a_weak_password_is_refused_with_its_reason(
    mei: User, stranger: Client, new: str, again: str, says: str
):
    enter(stranger)
    answer = stranger.post("/account/password/", {"old": PASSWORD, "new": new, "again": again})
    assert answer.status_code == 200
    assert says in answer.content.decode()


@pytest.mark.parametrize("new", ["all lower letters only", "x y" * 42 + "zz", "一二三四五六七八九十百千"])
def test_a_long_password_needs_no_special_signs(mei: User, stranger: Client, new: str):
    enter(stranger)
    answer = stranger.post("/account/password/", {"old": PASSWORD, "new": new, "again": new})
    assert answer.status_code == 302


def test_the_present_password_is_asked_for(mei: User, stranger: Client):
    enter(stranger)
    new = "five calm rivers meet"
    answer = stranger.post("/account/password/", {"old": "not it at all", "new": new, "again": new})
    assert "not your present password" in answer.content.decode()


@pytest.mark.parametrize("too_old", [{"seen_at": 12.1}, {"began_at": 7 * 24 + 0.1}])
def test_a_session_ends_when_it_rests_too_long_or_lasts_too_long(mei: User, stranger: Client, too_old):
    enter(stranger)
    assert stranger.get("/account/").status_code == 200
    Session.objects.update(**{name: clock.now() - timedelta(hours=hours) for name, hours in too_old.items()})
    assert stranger.get("/account/").status_code == 302
    assert not Session.objects.exists()


def test_a_session_that_is_used_lives_on(mei: User, stranger: Client, settings):
    enter(stranger)
    Session.objects.update(seen_at=clock.now() - timedelta(hours=11))
    stranger.cookies[settings.SESSION_COOKIE_NAME]["max-age"] = 1
    answer = stranger.get("/account/")
    assert answer.status_code == 200
    assert answer.cookies[settings.SESSION_COOKIE_NAME]["max-age"] == 12 * 3600
    assert Session.objects.get().seen_at > clock.now() - timedelta(minutes=1)


def test_the_eleventh_try_of_a_minute_waits_for_an_account_and_for_an_address(mei: User, stranger: Client):
    for _ in range(10):
        assert enter(stranger, password="wrong password").status_code == 403
    answer = enter(stranger)
    assert answer.status_code == 429
    assert 1 <= int(answer["Retry-After"]) <= 60
    assert "Too many tries" in answer.content.decode()
    elsewhere = Client(headers={"host": "127.0.0.1"}, REMOTE_ADDR="10.0.0.9")
    assert enter(elsewhere).status_code == 429  # the account waits, from wherever it is tried
    other = enter(stranger, email="other@example.com")
    assert other.status_code == 429  # and so does the address
    apps.get_model("users", "Tries").objects.update(until=clock.now())
    assert enter(stranger).status_code == 302


def test_success_is_not_counted(mei: User, stranger: Client):
    for _ in range(12):
        assert enter(Client(headers={"host": "127.0.0.1"})).status_code == 302


def test_what_was_typed_into_a_form_is_not_lost_when_the_session_has_ended(mei: User, stranger: Client):
    enter(stranger)
    Session.objects.all().delete()
    answer = stranger.post(
        "/account/", {"name": "王梅梅 <b>", "language": "en", "password": "secret of mine", "x": ["1", "2"]}
    )
    assert answer["Location"] == SIGN_IN
    answer = enter(stranger)
    assert answer["Location"] == "/account/kept/"
    text = stranger.get("/account/kept/").content.decode()
    assert "王梅梅 &lt;b&gt;" in text
    assert "secret of mine" not in text
    form = text.partition('<form method="post" action="/account/"')[2].partition("</form>")[0]
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form)
    assert [pair for pair in fields if pair[0] == "x"] == [("x", "1"), ("x", "2")]
    answer = stranger.post("/account/", {"name": "王梅梅", "language": "en"})
    assert answer.status_code == 302
    assert User.objects.get().name == "王梅梅"
    assert stranger.get("/account/kept/").status_code == 302


def test_a_form_that_is_left_is_kept_no_longer(mei: User, stranger: Client):
    stranger.post("/account/", {"name": "x"})
    enter(stranger)
    assert stranger.post("/account/kept/")["Location"] == "/"
    assert stranger.get("/account/kept/")["Location"] == "/"


def test_a_form_too_large_to_keep_is_said_farewell_without_harm(mei: User, stranger: Client):
    stranger.post("/account/", {"name": "x" * 300_000})
    assert enter(stranger)["Location"] == "/"


def test_sensitive_changes_ask_for_the_password_once_more(mei: User, stranger: Client):
    enter(stranger)
    Session.objects.update(confirmed_at=clock.now() - timedelta(minutes=16))
    answer = stranger.get("/account/tokens/")
    assert answer["Location"] == "/account/confirm/?next=%2Faccount%2Ftokens%2F"
    assert stranger.post("/account/confirm/", {"password": "wrong"}).status_code == 403
    answer = stranger.post("/account/confirm/", {"password": PASSWORD, "next": "/account/tokens/"})
    assert answer["Location"] == "/account/tokens/"
    assert stranger.get("/account/tokens/").status_code == 200


def test_a_sensitive_form_comes_back_after_the_password(mei: User, stranger: Client):
    enter(stranger)
    Session.objects.update(confirmed_at=clock.now() - timedelta(minutes=16))
    answer = stranger.post("/account/tokens/", {"name": "till", "rights": "customers.view", "days": "30"})
    assert answer["Location"].startswith("/account/confirm/")
    answer = stranger.post("/account/confirm/", {"password": PASSWORD})
    assert answer["Location"] == "/account/kept/"
    assert "till" in stranger.get("/account/kept/").content.decode()
    assert queries.tokens_of(mei.pk) == []


def test_one_sees_and_ends_ones_sessions_and_nobody_elses(mei: User, stranger: Client, signed_in: Signed):
    enter(stranger)
    elsewhere = Client(headers={"host": "127.0.0.1", "user-agent": "Mozilla Windows Firefox/140"})
    enter(elsewhere)
    assert "Firefox · Windows" in stranger.get("/account/").content.decode()
    signed_in(Role.VIEWER)
    others = Session.objects.exclude(user=mei).get()
    assert stranger.post("/account/sessions/end/", {"session": str(others.pk)}).status_code == 404
    assert stranger.post("/account/sessions/end/").status_code == 302
    assert elsewhere.get("/account/").status_code == 302
    assert stranger.get("/account/").status_code == 200
    assert Session.objects.filter(pk=others.pk).exists()


def test_the_browser_is_named_without_its_whole_text(rf):
    said = "Mozilla/5.0 (Linux; Android 14; 2201123C) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"
    assert signing_in.agent_of(rf.get("/", headers={"user-agent": said})) == "Chrome · Android"
    assert signing_in.agent_of(rf.get("/", headers={"user-agent": "\x00<script>"})) == ""


def test_what_has_run_out_is_swept(mei: User, stranger: Client):
    enter(stranger)
    services.count_try(what="x", who="y", now=clock.now())
    services.sweep(now=clock.now() + timedelta(days=8))
    assert not Session.objects.exists()
    assert not apps.get_model("users", "Tries").objects.exists()
    assert not apps.get_model("sessions", "Session").objects.exists()

"""Links that do one thing once: invitations, new passwords, the console's, the first administrator's."""

from __future__ import annotations

import re
import time
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.signing import dumps
from django.test import Client

from huoshui.desk.users import queries, services
from huoshui.desk.users.models import Link, User
from huoshui.desk.users.secrets import digest
from huoshui.desk.users.services import links
from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE, Role, actor_of_role
from huoshui.kernel.errors import NotAllowed
from tests.plugins.signed_in import Signed

pytestmark = pytest.mark.django_db

PASSWORD = "four calm rivers meet"


@pytest.fixture(autouse=True)
def quick_hashes(settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def invite(email: str = "mei@example.com", role: Role = Role.OPERATOR) -> services.Invitation:
    return services.invite(
        actor=CONSOLE, email=email, name="王梅", role=role, language="zh-hans", now=clock.now()
    )


def path_of(address: str) -> str:
    return address.removeprefix("http://127.0.0.1:8000")


def letters() -> list[str]:
    return list(apps.get_model("mail", "Letter").objects.order_by("pk").values_list("text", flat=True))


def choose(client: Client, path: str, password: str = PASSWORD):
    return client.post(path, {"new": password, "again": password})


def test_an_invitation_is_written_in_the_language_of_the_invited_and_opens_the_house_once(stranger: Client):
    invited = invite()
    assert not invited.mailed  # no mail server is configured: the inviter hands the link on
    assert invited.address in letters()[0]
    assert "邀请你使用活水" in letters()[0]
    path = path_of(invited.address)
    assert "Choose a password" in stranger.get(path).content.decode()
    assert choose(stranger, path)["Location"] == "/"
    assert stranger.get("/account/").status_code == 200
    assert choose(Client(headers={"host": "127.0.0.1"}), path).status_code == 400


def test_opening_a_link_uses_nothing_up(stranger: Client):
    path = path_of(invite().address)
    for _ in range(3):
        stranger.get(path)
        stranger.head(path)
    assert choose(stranger, path).status_code == 302


def test_a_password_that_is_too_weak_does_not_use_the_link_up(stranger: Client):
    path = path_of(invite().address)
    assert "too short" in choose(stranger, path, "short").content.decode()
    assert choose(stranger, path).status_code == 302


def test_a_second_invitation_takes_the_place_of_the_first(stranger: Client):
    first = invite()
    again = services.invite_again(actor=CONSOLE, user_id=first.user_id, now=clock.now())
    assert stranger.get(path_of(first.address)).status_code == 400
    assert stranger.get(path_of(again.address)).status_code == 200
    choose(stranger, path_of(again.address))
    with pytest.raises(services.NotYourself):
        services.invite_again(actor=CONSOLE, user_id=first.user_id, now=clock.now())


@pytest.mark.parametrize(
    ("purpose", "hours"), [("invitation", 7 * 24), ("reset", 1), ("login", 0.25), ("setup", 1)]
)
def test_a_link_ends_by_itself(purpose: str, hours: float):
    user = None if purpose == "setup" else User.objects.get(pk=invite().user_id)
    now = clock.now()
    Link.objects.all().delete()
    secret = links.new_link(Link.Purpose(purpose), user, now).rstrip("/").rpartition("/")[2]
    life = timedelta(hours=hours)
    assert queries.link(secret, now=now + life - timedelta(seconds=1)).purpose == purpose
    with pytest.raises(services.WrongLink):
        queries.link(secret, now=now + life)


def test_forged_links_open_nothing(stranger: Client):
    secret = path_of(invite().address).rstrip("/").rpartition("/")[2]
    kept = Link.objects.get().digest
    forged = [
        secret[:-1] + ("A" if secret[-1] != "A" else "B"),
        secret.swapcase(),
        secret + "A",
        secret[:-1],
        kept,
        digest(kept),
        dumps({"user": 1, "purpose": "login"}),
        "eyJhbGciOiJub25lIn0.eyJ1c2VyIjoxfQ.",
        "x" * 4000,
        "%00",
        "🗝",
    ]
    for text in forged:
        assert stranger.get(f"/account/link/{text}/").status_code in (400, 404), text
        assert choose(stranger, f"/account/link/{text}/").status_code in (400, 404), text
    assert stranger.get("/account/").status_code == 302


def test_a_link_does_only_what_it_is_for(stranger: Client):
    user_id = invite().user_id
    login = services.login_link(actor=CONSOLE, user_id=user_id, now=clock.now())
    secret = login.rstrip("/").rpartition("/")[2]
    with pytest.raises(services.WrongLink):
        services.set_password_by(secret=secret, password=PASSWORD, now=clock.now())
    with pytest.raises(services.WrongLink):
        services.make_first_administrator(
            secret=secret, email="a@example.com", name="a", password=PASSWORD, language="en", now=clock.now()
        )
    assert stranger.post(path_of(login)).status_code == 302
    assert stranger.get("/account/").status_code == 200
    assert stranger.post(path_of(login)).status_code == 400


def test_a_forgotten_password_is_set_anew_and_ends_what_was_open(stranger: Client):
    choose(stranger, path_of(invite().address))
    elsewhere = Client(headers={"host": "127.0.0.1"})
    assert elsewhere.post("/account/forgot/", {"email": "MEI@example.com"}).status_code == 200
    found = re.search(r"http://127.0.0.1:8000(/account/link/\S+)", letters()[-1])
    assert found is not None
    assert choose(elsewhere, found[1], "five calm rivers meet").status_code == 302
    assert elsewhere.get("/account/").status_code == 200
    assert stranger.get("/account/").status_code == 302
    assert stranger.get(found[1]).status_code == 400


def test_a_new_password_by_mail_does_not_stand_in_for_the_telephone(stranger: Client):
    user_id = invite().user_id
    now = clock.now()
    secret = services.begin_totp(email="mei@example.com")[0]
    User.objects.update(password="md5$x$x", totp_secret=secret, totp_since=now)
    stranger.post("/account/forgot/", {"email": "mei@example.com"})
    found = re.search(r"http://127.0.0.1:8000(/account/link/\S+)", letters()[-1])
    assert found is not None
    assert choose(stranger, found[1])["Location"] == "/account/sign-in/"
    assert stranger.get("/account/").status_code == 302
    assert queries.sessions_of(user_id) == []


def test_asking_for_a_new_password_tells_nobody_who_is_here(stranger: Client, settings):
    invite()
    User.objects.update(password="md5$x$x")
    answers, times = [], []
    for email in ("mei@example.com", "nobody@example.com"):
        begun = time.monotonic()
        answer = stranger.post("/account/forgot/", {"email": email})
        times.append(time.monotonic() - begun)
        text = re.sub(r'value="\w{64}"', "", answer.content.decode())
        answers.append((answer.status_code, text))
    assert answers[0] == answers[1]
    assert len(letters()) == 2  # the invitation, and one for her
    assert min(times) > 0.29


def test_asking_for_a_new_password_again_and_again_waits(stranger: Client):
    for _ in range(3):
        assert stranger.post("/account/forgot/", {"email": "who@example.com"}).status_code == 200
    answer = stranger.post("/account/forgot/", {"email": "who@example.com"})
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 60


def test_a_deactivated_colleague_has_no_links(stranger: Client):
    invited = invite()
    services.disable(actor=CONSOLE, user_id=invited.user_id, now=clock.now())
    assert stranger.get(path_of(invited.address)).status_code == 400
    before = len(letters())
    stranger.post("/account/forgot/", {"email": "mei@example.com"})
    assert len(letters()) == before
    with pytest.raises(services.NoSuchUser):
        services.login_link(actor=CONSOLE, user_id=invited.user_id, now=clock.now())


# -- the first administrator, and the console --------------------------------------------------------------------


@pytest.fixture
def founded(settings):
    """A house; ``demo()`` makes it an invented one."""
    from django.apps import apps as registry

    organisation = registry.get_model("organisation", "Organisation").objects.create(
        name="House", currency="CNY", time_zone="Asia/Shanghai", founded_at=clock.now()
    )

    def demo() -> None:
        organisation.demo = True
        organisation.save()

    return demo


def test_the_first_administrator_is_made_by_the_link_of_the_console_and_sets_up_the_second_step(
    founded, stranger: Client
):
    address = services.welcome_link(actor=CONSOLE, now=clock.now())
    assert address is not None
    typed = {"name": "王梅", "email": "mei@example.com", "new": PASSWORD, "again": PASSWORD}
    assert "Nobody works here yet" in stranger.get(path_of(address)).content.decode()
    wrong = stranger.post(path_of(address), {**typed, "email": "mei@"})
    assert wrong.status_code == 200
    assert not User.objects.exists()
    assert stranger.post(path_of(address), typed).status_code == 302
    assert stranger.get("/settings/colleagues/")["Location"] == "/account/second-step/"
    assert stranger.get("/account/")["Location"] == "/account/second-step/"
    assert stranger.get("/account/second-step/").status_code == 200
    assert services.welcome_link(actor=CONSOLE, now=clock.now()) is None


def test_two_links_for_the_first_administrator_make_one(founded, stranger: Client):
    first = services.welcome_link(actor=CONSOLE, now=clock.now())
    second = services.welcome_link(actor=CONSOLE, now=clock.now())
    assert first
    assert second
    assert stranger.get(path_of(first)).status_code == 400
    services.add(actor=CONSOLE, email="a@example.com", name="a", role=Role.ADMINISTRATOR, now=clock.now())
    typed = {"name": "王梅", "email": "mei@example.com", "new": PASSWORD, "again": PASSWORD}
    assert stranger.post(path_of(second), typed).status_code == 400
    assert User.objects.count() == 1


def test_a_demo_house_lets_an_administrator_in_by_a_link_and_asks_for_no_second_step(
    founded, stranger: Client
):
    founded()
    address = services.welcome_link(actor=CONSOLE, now=clock.now())
    assert address is not None
    assert stranger.post(path_of(address)).status_code == 302
    assert stranger.get("/settings/colleagues/").status_code == 200
    assert not User.objects.get().has_usable_password()
    assert services.welcome_link(actor=CONSOLE, now=clock.now()) != address
    assert User.objects.count() == 1


def test_only_the_console_makes_links_that_sign_in(signed_in: Signed):
    administrator = queries.actor_of(signed_in(Role.ADMINISTRATOR).user.pk)
    with pytest.raises(services.NotYourself):
        services.login_link(actor=administrator, user_id=administrator.user_id or 0, now=clock.now())
    with pytest.raises(NotAllowed):
        services.welcome_link(actor=actor_of_role("x", Role.MANAGER), now=clock.now())

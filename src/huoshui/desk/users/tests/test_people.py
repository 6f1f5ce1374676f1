"""Colleagues, teams and tokens: what administrators do, and what nobody can."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.test import Client

from huoshui.desk.users import queries, services
from huoshui.desk.users.models import Team, Token, User
from huoshui.desk.users.secrets import TOKEN_PREFIX
from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE, Right, Role, Scope, actor_of_role
from huoshui.kernel.errors import NotAllowed
from tests.plugins.signed_in import Signed

pytestmark = pytest.mark.usefixtures("database")

YEAR = timedelta(days=365)


def add(email: str = "mei@example.com", role: Role = Role.OPERATOR, **more) -> int:
    return services.add(actor=CONSOLE, email=email, name="王梅", role=role, now=clock.now(), **more)


def team_ids(*slugs: str) -> frozenset[int]:
    return frozenset(team.id for team in queries.teams() if team.slug in slugs)


def change(
    user_id: int, role: Role = Role.OPERATOR, scope: Scope = Scope.ALL, teams: frozenset[int] = frozenset()
):
    services.change(actor=CONSOLE, user_id=user_id, role=role, scope=scope, team_ids=teams, now=clock.now())


def test_a_house_has_the_four_teams_in_both_languages():
    if not Team.objects.exists():
        from huoshui.desk.users.apps import _preset_teams

        _preset_teams("default")
    assert [(t.slug, t.name.en, t.name.zh) for t in queries.teams()] == [
        ("marketing", "Marketing", "市场"),
        ("sales", "Sales", "销售"),
        ("operations", "Operations", "运营"),
        ("service", "Service", "客服"),
    ]


@pytest.mark.parametrize("role", list(Role))
def test_everybody_begins_with_all_records(role: Role):
    assert queries.actor_of(add(role=role)).scope == Scope.ALL


def test_role_scope_and_teams_count_from_the_next_question_on():
    user_id = add()
    change(user_id, Role.ANALYST, Scope.TEAM, team_ids("sales", "service"))
    actor = queries.actor_of(user_id)
    assert actor.may(Right.LAKE_QUERY)
    assert (actor.user_id, actor.scope, actor.team_ids) == (user_id, Scope.TEAM, team_ids("sales", "service"))
    other = add("li@example.com", team_ids=team_ids("sales"))
    assert queries.members_of(team_ids("sales")) == {user_id, other}
    assert queries.members_of(team_ids("service")) == {user_id}
    assert queries.members_of(()) == frozenset()


def test_what_a_deactivated_colleague_owned_stays_with_the_team():
    user_id = add(team_ids=team_ids("sales"))
    services.disable(actor=CONSOLE, user_id=user_id, now=clock.now())
    assert queries.members_of(team_ids("sales")) == {user_id}
    assert next(team for team in queries.teams() if team.slug == "sales").members == 0
    services.enable(actor=CONSOLE, user_id=user_id, now=clock.now())
    assert queries.actor_of(user_id).user_id == user_id


def test_a_house_never_loses_its_last_administrator():
    user_id = add(role=Role.ADMINISTRATOR)
    with pytest.raises(services.LastAdministrator):
        change(user_id, Role.MANAGER)
    with pytest.raises(services.LastAdministrator):
        services.disable(actor=CONSOLE, user_id=user_id, now=clock.now())
    add("li@example.com", role=Role.ADMINISTRATOR)
    change(user_id, Role.MANAGER)


def test_nobody_deactivates_themselves_and_nobody_manages_without_the_right():
    user_id = add(role=Role.ADMINISTRATOR)
    add("li@example.com", role=Role.ADMINISTRATOR)
    with pytest.raises(services.NotYourself):
        services.disable(actor=queries.actor_of(user_id), user_id=user_id, now=clock.now())
    manager = actor_of_role("x", Role.MANAGER)
    for act in (services.disable, services.enable, services.end_sessions, services.reset_totp):
        with pytest.raises(NotAllowed):
            act(actor=manager, user_id=user_id, now=clock.now())
    with pytest.raises(NotAllowed):
        services.add_team(actor=manager, name="x", now=clock.now())


def test_what_does_not_exist_is_refused_by_name():
    user_id = add()
    with pytest.raises(services.NoSuchTeam):
        change(user_id, teams=frozenset({9999}))
    with pytest.raises(services.NoSuchUser):
        change(9999)
    with pytest.raises(services.NoSuchTeam):
        services.rename_team(actor=CONSOLE, team_id=9999, name_en="a", name_zh="b", now=clock.now())


def test_a_team_is_added_with_a_slug_of_its_own_and_renamed():
    first = services.add_team(actor=CONSOLE, name="Sales", now=clock.now())
    second = services.add_team(actor=CONSOLE, name="直播", now=clock.now())
    third = services.add_team(actor=CONSOLE, name="门店", now=clock.now())
    assert [Team.objects.get(pk=pk).slug for pk in (first, second, third)] == ["sales-2", "team", "team-2"]
    services.rename_team(actor=CONSOLE, team_id=second, name_en="Live", name_zh="直播间", now=clock.now())
    assert queries.team(second).name.en == "Live"


@pytest.mark.parametrize("wrong", [{"scope": "galaxy"}, {"totp_since": clock.now()}])
def test_the_database_takes_no_unknown_scope_and_no_second_step_without_a_secret(wrong):
    add()
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.update(**wrong)


def test_every_act_on_people_is_in_the_log_without_their_addresses():
    user_id = add()
    change(user_id, Role.ANALYST, Scope.OWN)
    services.disable(actor=CONSOLE, user_id=user_id, now=clock.now())
    services.enable(actor=CONSOLE, user_id=user_id, now=clock.now())
    rows = apps.get_model("audit", "Entry").objects.order_by("number")
    assert [row.act for row in rows] == ["user.added", "user.changed", "user.deactivated", "user.activated"]
    assert {row.subject for row in rows} == {f"user:{user_id}"}
    assert not any("@" in row.detail for row in rows)


# -- tokens ------------------------------------------------------------------------------------------------------


def token_of(user_id: int, *rights: Right, lifetime: timedelta = YEAR) -> str:
    return services.make_token(
        actor=queries.actor_of(user_id), name="till", rights=rights, lifetime=lifetime, now=clock.now()
    )


def test_a_token_acts_with_its_rights_and_never_more_than_its_owner_has_now():
    user_id = add(scope=Scope.OWN)
    secret = token_of(user_id, Right.CUSTOMERS_VIEW, Right.CUSTOMERS_EDIT)
    assert secret.startswith(TOKEN_PREFIX)
    assert secret not in str(list(Token.objects.values()))
    actor = queries.actor_of_token(secret, now=clock.now())
    assert actor.rights == {Right.CUSTOMERS_VIEW, Right.CUSTOMERS_EDIT}
    assert (actor.user_id, actor.scope) == (user_id, Scope.OWN)
    change(user_id, Role.VIEWER)
    assert queries.actor_of_token(secret, now=clock.now()).rights == {Right.CUSTOMERS_VIEW}
    assert Token.objects.get().used_at is not None


@pytest.mark.parametrize("why", ["revoked", "expired", "disabled", "altered", "other", "empty"])
def test_a_token_that_is_not_valid_is_refused(why: str):
    user_id = add()
    secret, now = token_of(user_id, Right.CUSTOMERS_VIEW), clock.now()
    if why == "revoked":
        services.revoke_token(
            actor=queries.actor_of(user_id), token_id=queries.tokens_of(user_id)[0].id, now=now
        )
    elif why == "expired":
        now += YEAR
    elif why == "disabled":
        services.disable(actor=CONSOLE, user_id=user_id, now=now)
        services.enable(actor=CONSOLE, user_id=user_id, now=now)
    text = {"altered": secret[:-1] + "?", "other": "hs_x", "empty": ""}.get(why, secret)
    with pytest.raises(services.WrongToken):
        queries.actor_of_token(text, now=now)


def test_nobody_makes_a_token_with_rights_they_lack_or_revokes_those_of_others():
    user_id = add()
    with pytest.raises(NotAllowed):
        token_of(user_id, Right.USERS_MANAGE)
    with pytest.raises(services.NotARole):
        token_of(user_id)
    with pytest.raises(services.NotARole):
        token_of(user_id, Right.CUSTOMERS_VIEW, lifetime=timedelta(days=400))
    token_of(user_id, Right.CUSTOMERS_VIEW)
    other = queries.actor_of(add("li@example.com"))
    with pytest.raises(services.WrongToken):
        services.revoke_token(actor=other, token_id=queries.tokens_of(user_id)[0].id, now=clock.now())


# -- the pages ---------------------------------------------------------------------------------------------------


def test_an_administrator_invites_changes_and_deactivates_on_the_pages(signed_in: Signed):
    pages = signed_in(Role.ADMINISTRATOR)
    sales = next(iter(team_ids("sales")))
    typed = {
        "name": "李 <b>", "email": "li@example.com", "language": "en", "role": "analyst", "scope": "team",
        "teams": [str(sales)], "is_superuser": "1", "is_active": "", "password": "x",
    }  # fmt: skip
    answer = pages.post("/settings/colleagues/invite/", typed)
    assert "http://127.0.0.1:8000/account/link/" in answer.content.decode()
    li = User.objects.get(email="li@example.com")
    assert (li.role, li.scope, li.is_active, li.has_usable_password()) == ("analyst", "team", True, False)
    text = pages.get("/settings/colleagues/").content.decode()
    assert "李 &lt;b&gt;" in text
    assert "<b>" not in text.partition("<main")[2].partition("</main>")[0]
    page = f"/settings/colleagues/{li.pk}/"
    assert pages.post(page, {"role": "viewer", "scope": "all"}).status_code == 302
    assert queries.colleague(li.pk).role == Role.VIEWER
    assert pages.post(page, {"role": "emperor", "scope": "all"}).status_code == 200
    assert pages.post(f"{page}disable/").status_code == 302
    assert not queries.colleague(li.pk).active
    assert "deactivated" in pages.get(page).content.decode()
    assert pages.post(f"{page}enable/").status_code == 302
    again = pages.post("/settings/colleagues/invite/", typed)
    assert "is here already" in again.content.decode()


def test_a_colleague_who_is_not_there_is_a_404(signed_in: Signed):
    pages = signed_in(Role.ADMINISTRATOR)
    assert pages.get("/settings/colleagues/999/").status_code == 404
    assert pages.get("/settings/teams/999/").status_code == 404
    assert pages.get("/settings/colleagues/99999999999999999999/").status_code == 404


def test_a_token_is_shown_once_on_the_page(signed_in: Signed):
    client: Client = signed_in(Role.OPERATOR)
    offered = client.get("/account/tokens/").content.decode()
    assert "see customers" in offered
    assert "manage colleagues" not in offered
    made = client.post("/account/tokens/", {"name": "till", "rights": ["customers.view"], "days": "30"})
    assert f'value="{TOKEN_PREFIX}' in made.content.decode()
    assert (
        client.post(
            "/account/tokens/", {"name": "till", "rights": ["users.manage"], "days": "30"}
        ).status_code
        == 200
    )
    assert Token.objects.count() == 1
    text = client.get("/account/").content.decode()
    assert "till" in text
    token = Token.objects.get()
    assert client.post("/account/tokens/revoke/", {"token": str(token.pk)}).status_code == 302
    assert client.post("/account/tokens/revoke/", {"token": "x"}).status_code == 400


@pytest.mark.parametrize("path", ["/settings/colleagues/", "/settings/teams/", "/account/"])
def test_the_pages_speak_chinese(signed_in: Signed, path: str):
    answer = signed_in(Role.ADMINISTRATOR).get(path, headers={"accept-language": "zh-CN"})
    assert answer.status_code == 200
    assert 'lang="zh-Hans"' in answer.content.decode()

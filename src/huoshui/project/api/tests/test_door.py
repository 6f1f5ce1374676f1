"""Who comes in, how often, with what in the hands; and what they are told when they do not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.apps import apps
from django.test import Client

from huoshui.kernel import clock
from huoshui.kernel.actors import Right, Role
from huoshui.project.api import door
from tests.plugins.programs import JSON, Program, program
from tests.plugins.signed_in import HEADERS

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(db: None) -> Program:
    return program(Role.OPERATOR)


def tasks() -> int:
    number: int = apps.get_model("worklist", "Task").objects.count()
    return number


@pytest.mark.parametrize(
    "said", ["", "Bearer", "Bearer ", "Bearer hs_unknown", "Basic aHM6", "Token x", "bearer \u00e9"]
)
def test_who_has_no_valid_token_is_told_how_to_come_by_one(stranger, said: str):
    answer = stranger.get("/api/me", headers={"authorization": said} if said else {})
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "wrong_token"
    assert "API tokens" in answer.json()["next_step"]


def test_a_session_of_a_browser_opens_nothing(pages):
    assert pages.get("/api/me").status_code == 401
    assert pages.post("/api/tasks", {"title": "x"}, content_type=JSON).status_code == 401
    assert tasks() == 0


def test_a_token_ends_with_its_time_its_revocation_and_its_colleague(api):
    assert api.get("/api/me").status_code == 200
    token = apps.get_model("users", "Token").objects.get()
    assert token.used_at is not None
    assert api.secret not in repr(vars(token))
    for change, back in (
        ({"expires_at": clock.now() - timedelta(seconds=1)}, {"expires_at": token.expires_at}),
        ({"revoked_at": clock.now()}, {"revoked_at": None}),
    ):
        apps.get_model("users", "Token").objects.update(**change)
        assert api.get("/api/me").status_code == 401
        apps.get_model("users", "Token").objects.update(**back)
    apps.get_model("users", "User").objects.update(is_active=False)
    assert api.get("/api/me").status_code == 401


def test_a_token_has_no_right_that_its_colleague_lost(api):
    assert api.send("POST", "/api/tasks", {"title": "x"}).status_code == 201
    apps.get_model("users", "User").objects.update(role=Role.VIEWER.value)
    assert {one["right"] for one in api.get("/api/me").json()["rights"]} == {"customers.view"}
    refused = api.send("POST", "/api/tasks", {"title": "x"})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    assert tasks() == 1
    noted = apps.get_model("audit", "Entry").objects.latest("number")
    assert (noted.act, noted.user_id) == ("user.refused", api.user.pk)
    assert Right.TASKS_WORK.value in noted.detail


def test_refusals_speak_the_language_of_the_caller(api):
    for said, words in (("zh-CN", "没有这项任务"), ("en", "There is no such task")):
        answer = api.get("/api/tasks/7", headers={"accept-language": said})
        assert answer.json()["title"] == words
        assert answer.json()["code"] == "no_such_task"
    wrong = api.send("POST", "/api/tasks", {"title": 7, "x": 1}, accept_language="zh-CN").json()
    assert wrong["title"] == "有些取值不能接受"
    assert {one["pointer"]: one["detail"] for one in wrong["errors"]} == {
        "#/title": "应为文本",
        "#/x": "这里没有这个字段",
    }


def test_requests_are_counted_and_the_next_window_begins_anew(api, monkeypatch):
    monkeypatch.setattr(door, "LIMIT", 3)
    left = [api.get("/api/me")["RateLimit"] for _ in range(3)]
    assert [text.split(";")[1] for text in left] == ["r=2", "r=1", "r=0"]
    refused = api.get("/api/me")
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_tries")
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert program(of=api.user).get("/api/me").status_code == 200
    later = clock.now() + timedelta(seconds=61)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert api.get("/api/me").status_code == 200


def test_tokens_are_not_tried_out(stranger, monkeypatch):
    monkeypatch.setattr(door, "WRONG_TOKENS", 2)
    said = [
        stranger.get("/api/me", headers={"authorization": f"Bearer hs_{n}"}).status_code for n in range(4)
    ]
    assert said == [401, 401, 429, 429]


BAD = {
    "no JSON": b"{",
    "no object": b"[]",
    "NaN": b'{"title": "x", "owner_id": NaN}',
    "a number too large": b'{"title": "x", "owner_id": 1e999}',
    "a number too long": b'{"title": "x", "owner_id": 99999999999999999999999}',
    "more digits than are read": b'{"title": "x", "owner_id": ' + b"9" * 5000 + b"}",
    "NUL": rb'{"title": "a\u0000b"}',
    "half a character": rb'{"title": "\ud800"}',
    "no UTF-8": b'{"title": "\xff"}',
    "a name twice": b'{"title": "x", "title": "y"}',
    "a field nobody knows": b'{"title": "x", "made_by_id": 1}',
    "a number for a text": b'{"title": 1}',
    "a text for a number": b'{"title": "x", "owner_id": "1"}',
    "no day": b'{"title": "x", "due": "2024-02-30"}',
    "a moment for a day": b'{"title": "x", "due": 1700000000}',
    "a nest": b'{"title": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    "nothing": b"",
    "somebody else's field": b'{"title": "x", "state": "done", "version": 9}',
}


@pytest.mark.parametrize("body", BAD.values(), ids=BAD)
def test_what_cannot_be_stored_is_refused_and_nothing_is_stored(api, body: bytes):
    answer = api.generic("POST", "/api/tasks", body, content_type=JSON)
    assert answer.status_code in (400, 422), answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert tasks() == 0


def test_texts_are_stored_as_they_are(api):
    for text in (
        "<script>alert(1)</script>",
        "'; DROP TABLE x; --",
        "{{ 7 * 7 }}",
        "=1+1",
        "王\u202e梅",
        "😀" * 20,
    ):
        made = api.send("POST", "/api/tasks", {"title": text, "note": text})
        assert (made.status_code, made.json()["title"]) == (201, text)
        assert api.get(made["Location"]).json()["note"] == text


def test_a_body_that_is_too_large_or_no_json_is_not_read(api):
    huge = api.generic("POST", "/api/tasks", b" " * (door.LARGEST + 1), content_type=JSON)
    assert (huge.status_code, huge.json()["code"]) == (413, "too_large")
    form = api.post("/api/tasks", {"title": "x"})
    assert (form.status_code, form.json()["code"]) == (415, "not_json")
    assert tasks() == 0


@pytest.mark.parametrize(
    "asked", ["tasks?nothing=1", "tasks?q=%00", "jobs?limit=0", "jobs?limit=x", "tasks?state=x"]
)
def test_parameters_that_mean_nothing_are_refused(api, asked: str):
    assert api.get(f"/api/{asked}").status_code in (400, 422)


def test_whatever_is_not_there_is_a_problem_too(api):
    for method, path, status in (
        ("GET", "/api/nothing", 404),
        ("DELETE", "/api/me", 405),
        ("GET", "/api/jobs/99999999999999999999", 404),
        ("GET", "/api/customers/7", 404),
    ):
        answer = api.send(method, path)
        assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json"), path
        assert answer.json()["status"] == status


def test_nothing_is_kept_in_caches(api):
    assert api.get("/api/me")["Cache-Control"] == "no-store"
    assert api.get("/api/nothing")["Cache-Control"] == "no-store"


def test_a_task_goes_its_way(api):
    made = api.send("POST", "/api/tasks", {"title": "Call", "due": "2024-05-20", "priority": "high"})
    path, etag = made["Location"], made["ETag"]
    assert made.json()["owner_id"] == api.user.pk
    changed = api.send("PUT", path, {"title": "Call again"}, if_match=etag)
    assert (changed.json()["title"], changed.json()["due"]) == ("Call again", None)
    assert api.send("PUT", path, {"title": "Late"}, if_match=etag).status_code == 412
    assert api.send("PUT", path, {"title": "Late"}).status_code == 428
    assert api.send("PUT", path, {"title": "Late"}, if_match="x").status_code == 400
    assert api.send("POST", f"{path}/postpone", {"due": "2024-06-01"}).json()["due"] == "2024-06-01"
    assert api.send("POST", f"{path}/done").json()["state"] == "done"
    assert api.send("POST", f"{path}/done").status_code == 409
    assert api.send("POST", f"{path}/reopen").json()["state"] == "open"
    assert api.send("POST", f"{path}/cancel").json()["state"] == "cancelled"
    team = apps.get_model("users", "Team").objects.get(slug="sales").pk
    mate = program(Role.OPERATOR, scope="team", teams=["sales"])
    waiting = api.send("POST", "/api/tasks", {"title": "For the team", "team_id": team})
    assert mate.send("POST", f"{waiting['Location']}/take").json()["owner_id"] == mate.user.pk
    mine = api.get("/api/tasks?view=all&state=any&limit=1").json()
    assert mine["items"][0]["title"] == "For the team"
    rest = api.get(f"/api/tasks?view=all&state=any&limit=1&cursor={mine['next_cursor']}").json()
    assert (rest["items"][0]["title"], rest["next_cursor"]) == ("Call again", "")


def test_the_account_says_what_a_token_may_and_when_it_was_used(api):
    client = Client(headers=HEADERS)
    client.force_login(api.user)
    listed = client.get("/account/").content.decode()
    assert api.secret not in listed
    assert "see customers" in listed
    assert "not used yet" in listed
    api.get("/api/me")
    assert "last used" in client.get("/account/").content.decode()

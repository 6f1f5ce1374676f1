"""The five rules of an Idempotency-Key."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps

from huoshui.desk.worklist import services as worklist
from huoshui.kernel import clock
from huoshui.kernel.actors import Role
from huoshui.project.api import chores, once
from tests.plugins.programs import Program, program

pytestmark = pytest.mark.django_db

TASK = {"title": "Call"}


@pytest.fixture
def api(db: None) -> Program:
    return program(Role.OPERATOR)


def send(client: Program, body: Any = TASK, key: str = "k", path: str = "/api/tasks") -> Any:
    return client.send("POST", path, body, idempotency_key=key)


def tasks() -> int:
    number: int = apps.get_model("worklist", "Task").objects.count()
    return number


def answers() -> Any:
    return apps.get_model("api", "Answer").objects


def test_the_same_request_is_done_once_and_answered_the_same(api):
    first, again = send(api), send(api)
    assert (first.status_code, again.status_code, tasks()) == (201, 201, 1)
    assert again.content == first.content
    assert [again[name] for name in ("Location", "ETag", "Content-Type")] == [
        first[name] for name in ("Location", "ETag", "Content-Type")
    ]
    assert again[once.REPEATED] == "true"
    assert once.REPEATED not in first
    assert send(api, key="other").status_code == 201
    assert tasks() == 2


def test_a_key_belongs_to_a_token(api):
    other = program(of=api.user)
    assert [send(api).status_code, send(other).status_code, tasks()] == [201, 201, 2]


def test_another_request_with_the_key_is_refused(api):
    send(api)
    for answer in (
        send(api, {"title": "Write"}),
        send(api, path="/api/tasks/1/done"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (422, "key_used_otherwise")
    assert tasks() == 1


@pytest.mark.parametrize("key", ["", " ", "k" * 256, "\u00e9", "a\tb"])
def test_what_is_no_key_is_refused(api, key: str):
    assert send(api, key=key).status_code == 400
    assert tasks() == 0
    assert send(api, key="k" * 255).status_code == 201


@pytest.mark.parametrize("body", [{}, {"title": "x", "y": 1}, b"{", {"title": "x", "due": "2199-01-01"}])
def test_a_request_that_was_not_begun_may_be_corrected(api, body: Any):
    assert send(api, body).status_code in (400, 422)
    assert not answers().exists()
    assert send(api).status_code == 201


def test_a_failure_of_ours_is_answered_again_and_not_tried_again(api, monkeypatch):
    calls = []

    def fail(**_named: object) -> int:
        calls.append(1)
        raise RuntimeError("broken")

    with monkeypatch.context() as broken:
        broken.setattr(worklist, "add", fail)
        assert send(api).status_code == 500
    again = send(api)
    assert (again.status_code, again["Content-Type"], len(calls)) == (500, "application/problem+json", 1)
    assert tasks() == 0


def test_what_is_done_and_its_answer_are_written_together(api, monkeypatch):
    """Whoever dies before the answer is written leaves nothing; the next one does it."""

    class Killed(BaseException):
        pass

    def die(*_given: object) -> None:
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(once, "_save", die)
        with pytest.raises(Killed):
            send(api)
    assert tasks() == 0
    waiting = send(api)
    assert (waiting.status_code, waiting.json()["code"]) == (409, "key_in_flight")
    answers().update(begun_at=clock.now() - once.IN_FLIGHT - timedelta(seconds=1))
    assert (send(api).status_code, tasks()) == (201, 1)


def test_old_answers_are_forgotten_after_a_day(api):
    send(api)
    now = clock.now()
    assert chores.sweep(now=now + timedelta(hours=24)) == 0
    assert chores.sweep(now=now + timedelta(hours=26)) == 1
    assert (send(api).status_code, tasks()) == (201, 2)

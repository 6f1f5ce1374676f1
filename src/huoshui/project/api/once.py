"""Each request with an ``Idempotency-Key`` is done once, however often it is sent.

The five rules of Stripe's API: the same key gives the same saved status and body, even of a 500; the same key with
another request is refused; keys are forgotten after 24 hours or later; they have at most 255 characters; nothing is
saved where the request was not begun, because it was not valid or because one with the same key is still at work.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from huoshui.kernel import clock
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.texts import Text
from huoshui.project.api import problems
from huoshui.project.api.models import Answer

HEADER = "Idempotency-Key"
REPEATED = "Idempotent-Replayed"
LONGEST = 255
IN_FLIGHT = timedelta(minutes=10)
"""So long a request may be at work. After it, whoever was at work on it is taken for gone."""
NOT_BEGUN = (400, 401, 403, 405, 413, 415, 422, 428, 429, 503)
"""Answers that say that nothing was done: the request may be corrected and sent again with its key."""
LAKE = frozenset({"tag", "untag", "undo_act", "check_file", "test_webhook"})
"""Addresses that write to the lake, read whole files or ask another system: no transaction of the database may last so
long. Done twice, they change nothing the second time."""


class NotAKey(HuoshuiError):
    """A key that is empty, too long, or no plain text."""

    code = "not_a_key"
    says = Text("This cannot be an Idempotency-Key", "Idempotency-Key 不合要求")


class KeyUsedOtherwise(HuoshuiError):
    """The key came with another request before."""

    code = "key_used_otherwise"
    says = Text("This Idempotency-Key was used for another request", "这个 Idempotency-Key 已用于另一个请求")


class KeyInFlight(HuoshuiError):
    """A request with this key is still being worked on."""

    code = "key_in_flight"
    says = Text(
        "A request with this Idempotency-Key is still at work", "带这个 Idempotency-Key 的请求仍在处理中"
    )


def once(run: Callable[..., HttpResponseBase], *, outside: bool) -> Callable[..., HttpResponseBase]:
    """``run`` as it answers a request that may have been made before; ``outside`` of a transaction of the database."""

    def answered(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponseBase:
        key = request.headers.get(HEADER)
        if request.method != "POST" or key is None:
            return run(request, *arguments, **named)
        try:
            row = _begin(request, key, clock.now())
        except HuoshuiError as refused:
            return problems.refusal(refused)
        if row.status is not None:
            headers = {**row.headers, REPEATED: "true"}
            return HttpResponse(row.body, status=row.status, headers=headers)
        return _do(lambda: run(request, *arguments, **named), row, outside=outside)

    return answered


def _do(run: Callable[[], HttpResponseBase], row: Answer, *, outside: bool) -> HttpResponseBase:
    if outside:
        answer = run()
    else:
        # What is done and that it was done are written together: a process that dies leaves both or neither.
        with transaction.atomic():
            answer = run()
            if answer.status_code < 400:
                _save(row, answer)
                return answer
            transaction.set_rollback(True)
    if answer.status_code in NOT_BEGUN:
        Answer.objects.filter(pk=row.pk).delete()
    else:
        _save(row, answer)
    return answer


def _begin(request: HttpRequest, key: str, now: datetime) -> Answer:
    """The row of the key: a new one, or that of the answer that was given."""
    if not key.strip() or len(key) > LONGEST or not (key.isascii() and key.isprintable()):
        raise NotAKey(
            "This cannot be a key",
            received=repr(key[:40]),
            valid=f"1 to {LONGEST} printable ASCII characters",
        )
    told = f"{request.method} {request.get_full_path()}\n".encode() + request.body
    digest, token_id = hashlib.sha256(told).hexdigest(), request.token_id  # type: ignore[attr-defined]
    try:
        with transaction.atomic():
            return Answer.objects.create(token_id=token_id, key=key, request=digest, begun_at=now)
    except IntegrityError:
        row = Answer.objects.filter(token_id=token_id, key=key).first()
    if row is None:
        raise KeyInFlight("The request with this key ended this moment", next_step="Send it again")
    if row.request != digest:
        raise KeyUsedOtherwise(
            "This key came with another request before", next_step="Send a new request with a key of its own"
        )
    if row.status is None:
        stale = Answer.objects.filter(
            pk=row.pk, status=None, begun_at=row.begun_at, begun_at__lt=now - IN_FLIGHT
        )
        if not stale.update(begun_at=now):
            raise KeyInFlight(
                "A request with this key is still at work", next_step="Send it again in a moment"
            )
    return row


def _save(row: Answer, answer: HttpResponseBase) -> None:
    if not isinstance(answer, HttpResponse):
        raise TypeError("what answers a POST stands in memory")
    headers = {name: answer[name] for name in ("Content-Type", "Location", "ETag") if name in answer}
    Answer.objects.filter(pk=row.pk).update(
        status=answer.status_code, headers=headers, body=answer.content.decode()
    )

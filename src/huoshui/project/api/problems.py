"""Refusals as problems of RFC 9457, in the language of the caller."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja.errors import HttpError, ValidationError

from huoshui.data.connectors.refusals import said
from huoshui.data.customers.values import WrongValues
from huoshui.desk.users.errors import TooManyTries, WrongToken
from huoshui.desk.worklist.errors import NotATask
from huoshui.kernel.errors import HuoshuiError, NotAllowed, Said
from huoshui.kernel.texts import Language, Text
from huoshui.know.segments.errors import BadRule
from huoshui.web import errors, shell

TYPE = "application/problem+json"
log = logging.getLogger(__name__)

STATUS: dict[str, int] = {
    "changed_meanwhile": 412,
    "version_missing": 428,
    "too_large": 413,
    "not_json": 415,
    "key_used_otherwise": 422,
    "key_in_flight": 409,
    "lake_busy": 503,
    "task_not_open": 409,
    "task_is_open": 409,
    "unknown_metric": 404,
    "segment_changed": 412,
    "segment_in_use": 409,
    "segment_name_taken": 409,
    "trait_changed": 412,
    "template_changed": 412,
    "script_changed": 412,
    "trait_in_use": 409,
    "attribute_in_use": 409,
    "plan_changed": 412,
    "research_changed": 412,
    "not_your_alert": 403,
    "plan_archived": 409,
    "review_closed": 409,
}
"""The status of refusals by their code, where it is not 400, or 404 for what is not there."""
TITLES: dict[int, Text] = {
    **{status: sentence.title for status, sentence in errors.SENTENCES.items()},
    401: Text("A token is needed", "需要令牌"),
    405: Text("This address does not take this method", "这个地址不支持这种请求方法"),
    409: Text("This cannot be done as things stand", "当前状态下不能这样做"),
    412: Text("It was changed meanwhile", "期间已被修改"),
    415: Text("The body must be JSON", "请求体必须是 JSON"),
    422: Text("Some values cannot be taken", "有些取值不能接受"),
    428: Text("Say which version you saw", "请说明你看到的是哪个版本"),
    503: Text("The house is busy", "系统正忙"),
}
WRONG: dict[str, Text] = {
    "missing": Text("is needed", "必填"),
    "extra_forbidden": Text("is not known here", "这里没有这个字段"),
    "string_type": Text("must be a text", "应为文本"),
    "int_type": Text("must be a whole number", "应为整数"),
    "int_parsing": Text("must be a whole number", "应为整数"),
    "bool_type": Text("must be true or false", "应为 true 或 false"),
    "list_type": Text("must be a list", "应为数组"),
    "dict_type": Text("must be an object", "应为对象"),
    "model_attributes_type": Text("must be an object", "应为对象"),
    "literal_error": Text("is none of the choices", "不在可选值之内"),
    "string_too_short": Text("is too short", "太短"),
    "string_too_long": Text("is too long", "太长"),
    "too_short": Text("has too few entries", "条目太少"),
    "too_long": Text("has too many entries", "条目太多"),
    "greater_than_equal": Text("is too small", "太小"),
    "less_than_equal": Text("is too large", "太大"),
    "union_tag_not_found": Text("must say its kind", "须说明类型"),
    "union_tag_invalid": Text("is of a kind that there is not", "没有这种类型"),
}
"""What is wrong with a value, by the kind of error of Pydantic."""
NOT_THIS = Text("cannot be taken", "不能接受")


class BadBody(HuoshuiError):
    """What was sent is no JSON, or holds what no text of the house may hold."""

    code = "bad_body"
    says = Text("What was sent cannot be read as JSON", "发送的内容无法按 JSON 读取")


def answer(
    status: int,
    *,
    code: str,
    title: Text,
    detail: str = "",
    more: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """A problem: ``code`` stays the same in all languages and versions, and is the end of ``type``."""
    language = shell.language_now()
    body = {
        "type": f"urn:huoshui:problem:{code}",
        "title": title.in_(language),
        "status": status,
        "code": code,
        "detail": detail or title.in_(language),
    }
    return JsonResponse(
        body | dict(more or {}),
        status=status,
        content_type=TYPE,
        headers=dict(headers or {}),
        json_dumps_params={"ensure_ascii": False},
    )


def refusal(error: HuoshuiError) -> HttpResponse:
    """The problem of a refusal."""
    language = shell.language_now()
    status, headers = status_of(error), {}
    if isinstance(error, TooManyTries):
        headers["Retry-After"] = str(error.seconds)
    if isinstance(error, WrongToken):
        headers["WWW-Authenticate"] = "Bearer"
    if status == 503:
        headers["Retry-After"] = "5"
    parts = {name: text for name, text in error.as_dict().items() if name not in ("code", "problem")}
    more: dict[str, Any] = {name: said(text, language) for name, text in parts.items()}
    if isinstance(error, WrongValues):
        more["errors"] = [_wrong(f"#/{name}", "wrong", text, language) for name, text in error.wrong.items()]
    title = error.words if isinstance(error, NotATask | Said) else error.says
    told = error.named if isinstance(error, BadRule) else title
    if isinstance(error, NotATask):
        more["errors"] = [_wrong(f"#/{error.field}", "wrong", error.words, language)]
    return answer(
        status,
        code=error.code,
        title=title or TITLES.get(status, TITLES[400]),
        detail=error.problem if language == "en" or told is None else told.zh,
        more=more,
        headers=headers,
    )


def status_of(error: HuoshuiError) -> int:
    """The status that says best what became of the request."""
    if isinstance(error, NotAllowed):
        return 403
    if isinstance(error, WrongToken):
        return 401
    if isinstance(error, TooManyTries):
        return 429
    return STATUS.get(error.code, 404 if error.code.startswith("no_such_") else 400)


def invalid(error: ValidationError, request: HttpRequest) -> HttpResponse:
    """422 with each wrong value; 404 where the address itself names nothing that there could be."""
    language, found = shell.language_now(), []
    for one in error.errors:
        place, *path = one["loc"]
        if place == "path":
            return of_status(404)
        # The name of the argument that the body was read into says nothing to the caller.
        path = _in_body(request, path[1:]) if place == "body" else path
        pointer = (
            "#/" + "/".join(map(str, path)) if place == "body" else f"{place}:{'/'.join(map(str, path))}"
        )
        found.append(_wrong(pointer, one["type"], WRONG.get(one["type"], NOT_THIS), language))
    return answer(422, code="wrong_values", title=TITLES[422], more={"errors": found})


def _in_body(request: HttpRequest, path: Sequence[str | int]) -> Sequence[str | int]:
    """The way to a wrong value, without the name of the kind that one of several shapes was chosen by."""
    if len(path) < 2 or path[0] in json.loads(request.body):
        return path
    return path[1:]


def of_status(status: int, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """The problem of a status of which nothing more is known."""
    title = TITLES.get(status, TITLES[500] if status >= 500 else TITLES[400])
    sentence = errors.SENTENCES.get(status)
    detail = sentence.text.in_(shell.language_now()) if sentence and status >= 500 else ""
    return answer(status, code=f"status_{status}", title=title, detail=detail, headers=headers)


def of_exception(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """What becomes of an exception that an operation lets through."""
    if isinstance(error, HuoshuiError):
        return refusal(error)
    if isinstance(error, ValidationError):
        return invalid(error, request)
    if isinstance(error, Http404):
        return of_status(404)
    if isinstance(error, HttpError):
        known = error.__cause__ if isinstance(error.__cause__, HuoshuiError) else BadBody("This is no JSON")
        return refusal(known) if error.status_code == 400 else of_status(error.status_code)
    log.error("%s %s failed", request.method, re.sub(r"\d{4,}", "…", request.path), exc_info=True)
    return of_status(500)


def _wrong(pointer: str, code: str, text: Text, language: Language) -> dict[str, str]:
    return {"pointer": pointer, "code": code, "detail": text.in_(language)}


def schema() -> dict[str, Any]:
    """What a problem looks like, for the description of the API."""
    texts: Sequence[str] = ("type", "title", "code", "detail")
    return {
        "type": "object",
        "description": "A refusal (RFC 9457). `code` stays the same in all languages and versions.",
        "required": [*texts, "status"],
        "properties": {
            **{name: {"type": "string"} for name in (*texts, "received", "valid", "next_step")},
            "status": {"type": "integer"},
            "errors": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["pointer", "code", "detail"],
                    "properties": {name: {"type": "string"} for name in ("pointer", "code", "detail")},
                },
            },
        },
    }

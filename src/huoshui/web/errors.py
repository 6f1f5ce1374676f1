"""Pages for what went wrong: what happened, what would be right, what to do next. Never a stack trace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import get_language

from huoshui.kernel.errors import HuoshuiError, NotAllowed
from huoshui.kernel.texts import Text


@dataclass(frozen=True, slots=True)
class Sentence:
    """What a page of one status says."""

    title: Text
    text: Text
    icon: str


SENTENCES: dict[int, Sentence] = {
    400: Sentence(
        Text("This cannot be shown as asked", "无法按这个要求显示"),
        Text(
            "Something in the address or the form is not possible. Nothing was changed.",
            "地址或表单里有一项不可用。没有任何改动。",
        ),
        "alert-circle",
    ),
    403: Sentence(
        Text("Your role may not see this", "你的角色不能看这一页"),
        Text(
            "Nothing was changed. An administrator can give you the right.",
            "没有任何改动。管理员可以给你这项权限。",
        ),
        "lock",
    ),
    404: Sentence(
        Text("There is nothing at this address", "这个地址没有内容"),
        Text(
            "It may have been moved or deleted, or the address has a slip. Search for it, or start from the overview.",
            "可能已被移动或删除，也可能是地址有误。可以搜索一下，或从总览开始。",
        ),
        "search",
    ),
    405: Sentence(
        Text("This address is not for opening", "这个地址不能直接打开"),
        Text(
            "It only takes what a form sends. Go back and use the button on the page.",
            "它只接收表单提交的内容。请返回，用页面上的按钮操作。",
        ),
        "arrow-back-up",
    ),
    413: Sentence(
        Text("This is too large", "内容太大"),
        Text(
            "What was sent is larger than this page takes. Nothing was stored. Send less at once, or import a file.",
            "提交的内容超过了这一页的上限。没有保存任何内容。请分批提交，或改用文件导入。",
        ),
        "alert-triangle",
    ),
    429: Sentence(
        Text("Too many tries in a short time", "短时间内尝试太多次"),
        Text("Wait a little, then try again. Nothing was lost.", "稍等一会儿再试。没有丢失任何内容。"),
        "clock",
    ),
    500: Sentence(
        Text("Something broke on our side", "我们这边出了故障"),
        Text(
            "What you did may not have been stored; look before you do it again. The failure has been logged.",
            "刚才的操作可能没有保存，重做之前请先看一下。故障已记入日志。",
        ),
        "plug-connected-x",
    ),
}
FORGED = Sentence(
    Text("This form has expired", "这张表单已过期"),
    Text(
        "It was opened before you signed in again, or cookies are switched off. Nothing was stored: go back, reload "
        "the page and send it again.",
        "它是在你重新登录之前打开的，或者浏览器关闭了 Cookie。没有保存任何内容：请返回，刷新页面后重新提交。",
    ),
    "history",
)


def page(
    request: HttpRequest,
    status: int,
    *,
    sentence: Sentence | None = None,
    refused: HuoshuiError | None = None,
) -> HttpResponse:
    """The page of a status, in the shell. ``refused`` adds its own words and its code."""
    context = {"status": status, "sentence": sentence or SENTENCES[status], "refused": refused}
    return render(request, "huoshui/error.html", context, status=status)


def refusal(request: HttpRequest, error: HuoshuiError) -> HttpResponse:
    """The page of a refusal: 403 for a missing right, 404 for what is not there, else 400."""
    if isinstance(error, NotAllowed):
        return page(request, 403, refused=error)
    return page(request, 404 if error.code.startswith("no_such_") else 400, refused=error)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, and 413 where there was more than is read."""
    return page(
        request, 413 if type(exception).__name__ in ("RequestDataTooBig", "TooManyFieldsSent") else 400
    )


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    return page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    return page(request, 404)


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403, when a form came without its token."""
    return page(request, 403, sentence=FORGED)


def broken(request: HttpRequest) -> HttpResponse:
    """500. Asks neither the database nor the shell: either may be what broke."""
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    context: dict[str, Any] = {
        "status": 500,
        "sentence": SENTENCES[500],
        "language": language,
        "theme": "auto",
    }
    return HttpResponse(render_to_string("huoshui/broken.html", context), status=500)

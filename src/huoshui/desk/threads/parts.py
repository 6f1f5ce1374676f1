"""What other pages show of threads: notes and files of a customer, a task or a plan, and news on the overview."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from huoshui.desk.threads import queries, uploads
from huoshui.desk.threads.lines import shown, shown_files
from huoshui.desk.users import queries as users
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.plugs import Panel
from huoshui.kernel.texts import Language, Text

FEW = 5


def _comments(actor: Actor, subject: str, language: Language) -> Mapping[str, Any]:
    found = queries.comments(actor=actor, subject=subject, size=FEW)
    return {
        "shown": shown(actor, found.rows),
        "total": found.total,
        "more": found.total > len(found.rows),
        **writing(actor),
    }


def _files(actor: Actor, subject: str, language: Language) -> Mapping[str, Any]:
    found = queries.files(actor=actor, subject=subject, most=FEW + 1)
    return {
        "files": shown_files(actor, found[:FEW], language),
        "more": len(found) > FEW,
        "may_write": actor.may(Right.COMMENTS_WRITE),
        "accept": accept(),
    }


def _news(actor: Actor, subject: str, language: Language) -> Mapping[str, Any]:
    return {"unread": queries.unread(actor=actor), "waiting": len(queries.waiting_for(actor=actor))}


def writing(actor: Actor) -> dict[str, Any]:
    """What the form of a comment needs: whom one can name."""
    may = actor.may(Right.COMMENTS_WRITE) and actor.user_id is not None
    names = users.names() if may else {}
    return {
        "may_write": may,
        "colleagues": [(id_, name) for id_, name in names.items() if id_ != actor.user_id],
    }


def accept() -> str:
    """What a field for files offers."""
    return ",".join(f".{suffix}" for suffix in uploads.SUFFIXES)


def _panels(page: Literal["customer", "task", "plan"], comments: Text) -> tuple[Panel, Panel]:
    return (
        Panel(
            slug=f"comments_of_{page}",
            label=comments,
            page=page,
            width="wide",
            place=20,
            template="threads/comments_panel.html",
            context=_comments,
        ),
        Panel(
            slug=f"files_of_{page}",
            label=Text("Files", "文件"),
            page=page,
            width="narrow",
            place=30,
            template="threads/files_panel.html",
            context=_files,
        ),
    )


NEWS = Panel(
    slug="mentions",
    label=Text("Mentioned me", "提到我的"),
    page="overview",
    width="narrow",
    place=20,
    template="threads/news_panel.html",
    context=_news,
)
ALL = (
    *_panels("customer", Text("Notes", "备注")),
    *_panels("task", Text("Comments", "评论")),
    *_panels("plan", Text("Comments", "评论")),
    NEWS,
)

"""Two teams in one house, each with the same of everything; and what tells whether anything was changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from huoshui.data.connectors.tests.browsing import Importer
from huoshui.desk.jobs import running
from huoshui.desk.jobs import services as jobs
from huoshui.desk.threads import services as threads
from huoshui.desk.users import queries as users
from huoshui.desk.users import services as people
from huoshui.kernel import clock
from huoshui.kernel.actors import Right, Role, Scope
from huoshui.measure.dashboards.boards import services as boards
from huoshui.measure.dashboards.boards.blocks import Content
from huoshui.project.tests.conftest import SALES, loaded
from tests.plugins.signed_in import Colleague, sign_in

CANARY = "金丝雀"
"""Stands in everything of the second team that only they may see."""
WORDS = ("百灵鸟", CANARY)
PEOPLE = "Customer ID,Name,Phone,Email,City\n" + "".join(
    f"{10 + at},{word}女士,+44 7400 90000{at},{'ab'[at]}-twin@example.com,{word}城\n"
    for at, word in enumerate(WORDS)
)
PHONES = ("+447400900000", "+447400900001")
ORDERS = """\
Order No,Member No,Order Date,SKU,Qty,Price
{0}1,{0}客,2024-02-01 10:00,s1,1,10.00
{0}2,{0}客,2024-02-01 10:00,s1,1,{0}
"""

UNSTEADY = ("audit_", "django_session", "users_session", "users_tries")
"""Tables that a look changes: the log of looks, sessions, and counted tries."""


@dataclass
class Team:
    """A member of one of the teams, and what is theirs by the name it has in addresses."""

    client: Colleague
    ids: dict[str, Any] = field(default_factory=dict)


def dump() -> dict[str, list[str]]:
    """Every row of every table, but for those that a look changes."""
    with connection.cursor() as cursor:
        names = [
            name for name in connection.introspection.table_names(cursor) if not name.startswith(UNSTEADY)
        ]
        rows = {}
        for name in sorted(names):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(name)}")
            rows[name] = sorted(map(repr, cursor.fetchall()))
    return rows


def fingerprint() -> str:
    """What changes when anything in the database does, but for `UNSTEADY`."""
    return hashlib.sha256(repr(dump()).encode()).hexdigest()


class Watch:
    """Tells whether the database is still as it was, but for `UNSTEADY`. It is read again only after a write."""

    def __init__(self) -> None:
        self._before, self._written = fingerprint(), self._writes()

    @property
    def unchanged(self) -> bool:
        written, self._written = self._written, self._writes()
        return written == self._written or fingerprint() == self._before

    def _writes(self) -> int:
        """How many rows SQLite has written, changed and deleted in this connection."""
        return int(connection.connection.total_changes)


@contextmanager
def twins(folder: Path) -> Iterator[tuple[Team, Team]]:
    """A house as of 2024-03-01 with two teams, who see only their own; taken back in the end."""
    with loaded(folder, transactions=SALES, customers=PEOPLE):
        chief = sign_in()
        made = [
            _team(chief, slug, word, client)
            for slug, word in zip(("sales", "service"), WORDS, strict=True)
            for client in [sign_in(Role.MANAGER, scope=Scope.TEAM, teams=[slug], name=f"Manager of {slug}")]
        ]
        yield made[0], made[1]


def _team(chief: Colleague, slug: str, word: str, client: Colleague) -> Team:
    customer = apps.get_model("customers", "Customer").objects.get(name=f"{word}女士").pk
    mine = {"owner": client.user.pk, "verb": "owner", "id": [customer], "query": ""}
    assert chief.post("/customers/act/", mine).status_code == 302
    actor, now = users.actor_of(client.user.pk), clock.now()
    subject = f"customer:{customer}"

    def made(path: str, **form: Any) -> None:
        answer = client.post(path, form)
        assert answer.status_code == 302, (path, answer.content.decode()[-1500:])

    made("/customers/act/", verb="tag", tag=f"{word}级", id=[customer], query="")
    made("/customers/views/save/", name=f"{word}视图", query="stage=active", sharing="team")
    made("/work/add/", title=f"{word}任务", note=f"{word}备注", who=f"user:{client.user.pk}", subject=subject)
    made(f"/about/{subject}/attach/", file=SimpleUploadedFile(f"{word}.txt", word.encode()))
    mate = sign_in(Role.OPERATOR, scope=Scope.TEAM, teams=[slug], name=f"Operator of {slug}")
    of_mate = users.actor_of(mate.user.pk)
    board = boards.create(actor=actor, content=Content(title=f"{word}看板"), now=now)
    said = threads.comment(actor=of_mate, subject=subject, body=f"{word}说", named=[client.user.pk], now=now)
    threads.save_version(actor=actor, subject=subject, content=f"{word}稿", now=now)
    people.make_token(
        actor=actor, name=f"{word}令牌", rights=[Right.CUSTOMERS_VIEW], lifetime=timedelta(days=1), now=now
    )
    job = jobs.start(
        actor=actor,
        slug="customers.export",
        arguments={"ids": [str(customer)], "query": "", "format": "csv", "columns": [], "language": "zh"},
        now=now,
    )
    assert running.run_now(job) == "done"
    importer = Importer(client)
    importer.send(ORDERS.format(word), f"{word}.csv")
    importer.check()
    load = importer.load()
    importer.send(ORDERS.format(f"{word}又"), f"{word}又.csv")
    newest = {
        "act_id": ("customers", "Act"), "view_id": ("customers", "SavedView"), "task_id": ("worklist", "Task"),
        "file_id": ("threads", "Attachment"), "mention_id": ("threads", "Mention"), "token_id": ("users", "Token"),
    }  # fmt: skip
    ids = {name: apps.get_model(*model).objects.latest("pk").pk for name, model in newest.items()}
    return Team(
        client,
        {
            **ids, "board_id": board, "customer_id": customer,
            "subject": subject, "comment_id": said.id, "number": 1, "job_id": job,
            "load_id": load, "festival_id": 1, "token": importer.token, "user_id": client.user.pk, "slug": "frequency",
            "act": "stop", "channel": "email", "origin": "campaign", "origin_id": 1, "what": "campaign:1",
            "team_id": client.user.teams.get().pk, "letter_id": 1, "secret": "x", "name": "x",
            "group": "segment:frequency", "file": "x", "template_id": 1, "script_id": 1,
            "endpoint_id": 1, "sender_id": 1, "unreachable_id": 1, "delivery_id": 1, "webhook_id": 1, "message_id": 1,
            "alert_id": 1, "alert": 1,
        },
    )  # fmt: skip

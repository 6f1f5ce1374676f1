"""Lists are taken away as files: by whoever sees them, noted, at once or in the background."""

from __future__ import annotations

import csv
import io
import json

import pytest
from django.urls import reverse

from huoshui.desk.audit import queries as audit
from huoshui.desk.jobs import exporting
from huoshui.desk.organisation import services as organisation
from huoshui.desk.worklist import services as worklist
from huoshui.desk.worklist.services import Draft
from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.sheets import EXPORTS

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _founded(db, settings, tmp_path):
    settings.HUOSHUI_HOME = tmp_path
    organisation.found(actor=CONSOLE, currency="CNY", time_zone="Asia/Shanghai", now=clock.now())


def rows_of(answer):
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def test_every_list_can_be_taken_away():
    assert {"audit", "imports", "jobs", "orders", "tasks"} <= set(EXPORTS.slugs())


def test_a_file_holds_what_the_list_shows_and_the_log_says_who_took_it(signed_in):
    client = signed_in("manager")
    for title in ("=1+1", "Call Rose"):
        worklist.add(actor=CONSOLE, draft=Draft(title=title, owner_id=client.user.pk), now=clock.now())
    address = reverse("jobs:export", args=["tasks"])
    page = client.get(address, {"view": "all", "back": "/work/tasks/?view=all"}).content.decode()
    assert "/work/tasks/?view=all" in page
    rows = rows_of(client.post(f"{address}?view=all&q=1%2B1", {"kind": "csv"}))
    assert [row[1] for row in rows[1:]] == ["'=1+1"]
    assert rows[0][1] in ("Task", "任务")
    newest = audit.find(actor=CONSOLE, asked=audit.Asked(act="list.exported")).acts[0]
    assert json.loads(json.dumps(newest.detail)) == {"list": "tasks", "rows": 1, "format": "csv"}


def test_a_large_list_becomes_a_job(signed_in, monkeypatch):
    monkeypatch.setattr(exporting, "AT_ONCE", 0)
    client = signed_in("manager")
    worklist.add(actor=CONSOLE, draft=Draft(title="Call Rose", owner_id=client.user.pk), now=clock.now())
    answer = client.post(f"{reverse('jobs:export', args=['tasks'])}?view=all", {"kind": "xlsx"})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/jobs/")


def test_nobody_takes_away_what_they_may_not_see(signed_in):
    client = signed_in("viewer")
    assert client.post(reverse("jobs:export", args=["audit"]), {"kind": "csv"}).status_code == 403
    assert client.get(reverse("jobs:export", args=["orders"]) + "?customer=1").status_code == 403
    assert client.get(reverse("jobs:export", args=["nothing"])).status_code in (400, 404)
    assert client.post(reverse("jobs:export", args=["jobs"]), {"kind": "exe"}).status_code in (400, 404)

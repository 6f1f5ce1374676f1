"""Record scope at every address: two teams with the same of everything, and neither learns of the other's."""

from __future__ import annotations

import io
import logging
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import URLPattern, URLResolver, get_resolver, resolve

from huoshui.kernel.actors import RIGHTS, Right, Role
from huoshui.project.access import who_may
from huoshui.project.logs import CONFIGURATION, WithoutTexts
from huoshui.project.tests.twins import CANARY, PHONES, WORDS, Team, Watch, dump, twins
from tests.plugins.programs import program

# Slow: whichever test comes first makes the house for all.
pytestmark = [pytest.mark.django_db, pytest.mark.slow]

# What else a form needs to come as far as asking for the thing itself.
FORM = {"title": "x", "body": "x", "version": "1", "name": "x", "tag": "x", "word": "approved", "of": "1",
        "due": "2024-12-01", "who": "nobody"}  # fmt: skip
# Pages that everybody has, whatever the number in their address: traits and versions are counted from one.
PUBLIC = (
    *("account:link", "api:metric", "api:trait", "traits:trait"),
    *("api:experiment", "experiments:experiment", "experiments:retire", "experiments:bring_back"),
    *("api:trial", "experiments:trial", "outbox:lane"),
    *("api:lane", "api:pause_lane", "api:resume_lane"),
    *("metrics:values", "metrics:withdraw_value", "metrics:put_back_value"),
    *("api:metric_entries", "api:metric_entry"),
)
# Plans and research are the organisation's: whoever may read one reads all.
PUBLIC_ROOMS = ("plans:", "research:", "api:plan", "api:research", "api:restore_research")
# What speaks of all customers of the house, or of the house, and is refused to those who see some.
OF_EVERYBODY = (
    *(
        "api:attribute",
        "api:attribute_purposes",
        "api:event_types",
        "api:restore_attribute",
        "api:segment_profile",
        "api:segment_overlap",
    ),
    *(
        "api:webhook",
        "api:switch_webhook",
        "api:rotate_webhook",
        "api:test_webhook",
        "api:webhook_deliveries",
    ),
    *("api:replay_webhook", "api:replay_delivery"),
)
# What a program sends to come as far as asking for the thing itself.
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("api:customer", "PATCH"): {"name": "x"},
    ("api:consents", "POST"): {"channel": "email", "state": "withdrawn", "source": "x", "evidence": "x"},
    ("api:campaign", "PUT"): {"name": "x"},
    ("api:copy_campaign", "POST"): {"name": "x"},
    ("api:campaign_act", "POST"): {"remark": "x"},
    ("api:task", "PUT"): {"title": "x"},
    ("api:template", "PUT"): {"name": "x"},
    ("api:script", "PUT"): {"title": "x", "text": "x"},
    ("api:task_postpone", "POST"): {"due": "2024-12-01"},
    ("api:task_hand_over", "POST"): {"owner_id": 1},
    ("api:file", "PUT"): {},
    ("api:alert", "PUT"): {"kind": "below", "grain": "week", "bound": "1"},
    ("api:segment", "PUT"): {"name": "x", "rule": {"trait": "frequency", "op": ">=", "value": 1}},
}


@pytest.fixture(scope="module")
def house(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[tuple[Team, Team]]:
    with django_db_blocker.unblock(), twins(tmp_path_factory.mktemp("twins")) as made:
        yield made


@pytest.fixture
def ours(house, db) -> Team:
    team: Team = house[0]
    return team


@pytest.fixture
def theirs(house, db) -> Team:
    team: Team = house[1]
    return team


def body(answer: Any) -> str:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    answer.close()
    text: str = content.decode("utf-8", "replace")
    return text


def routes(patterns=None, prefix: str = "", space: str = "") -> Iterator[tuple[str, str]]:
    """Name and route of every address that names a thing."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = space + (f"{pattern.namespace}:" if pattern.namespace else "")
            yield from routes(pattern.url_patterns, route, inner)
        elif isinstance(pattern, URLPattern) and "<" in route:
            yield f"{space}{pattern.name}", f"/{route}"


def public(name: str) -> bool:
    """Whether everybody has what is at this address."""
    return name in PUBLIC or name.startswith(PUBLIC_ROOMS)


def of_pages() -> Iterator[tuple[str, str]]:
    """Those that a session of a browser opens."""
    return ((name, route) for name, route in routes() if not name.startswith("api:"))


def of_programs() -> Iterator[tuple[str, str]]:
    """Those that a token opens, each once."""
    found = {name: route for name, route in routes() if name.startswith("api:") and not public(name)}
    return iter(found.items())


def filled(route: str, ids: dict[str, Any]) -> str:
    """The address of a thing. A new kind of id has to be added to the twins."""
    return re.sub(r"<\w+:(\w+)>", lambda found: str(ids[found[1]]), route)


@pytest.mark.parametrize("scope", ["team", "own"])
def test_what_is_theirs_is_not_there_at_any_address(ours: Team, theirs: Team, scope: str):
    assert len(list(of_pages())) > 45
    apps.get_model("users", "User").objects.filter(pk=ours.client.user.pk).update(scope=scope)
    watch = Watch()
    for name, route in of_pages():
        if public(name):
            continue
        address = filled(route, theirs.ids)
        for method in ("GET", "POST"):
            form = {**FORM, "file": SimpleUploadedFile("a.txt", b"a")}
            answer = ours.client.get(address) if method == "GET" else ours.client.post(address, form)
            who = who_may(name, method)
            refused = isinstance(who, Right) and who not in RIGHTS[Role.MANAGER]
            assert answer.status_code in ((403,) if refused else (404, 405)), (name, method)
            assert CANARY not in body(answer), (name, method)
        assert watch.unchanged, name


def test_what_is_ours_is_there(ours: Team):
    """Otherwise the test above would be content with a house in which nothing is ever found."""
    found = []
    for name, route in of_pages():
        if public(name):
            continue
        answer = ours.client.get(filled(route, ours.ids))
        answer.close()
        if answer.status_code == 200:
            found.append(name)
    assert len(found) > 15
    for name in ("dashboards:customer", "dashboards:orders", "dashboards:why", "customers:edit", "customers:act",
                 "worklist:task", "worklist:edit", "threads:about", "threads:versions", "threads:file", "jobs:job",
                 "jobs:file", "imports:load", "imports:rejects", "imports:file"):  # fmt: skip
        assert name in found


@pytest.mark.parametrize("scope", ["team", "own"])
def test_what_is_theirs_is_not_there_for_programs(ours: Team, theirs: Team, scope: str):
    apps.get_model("users", "User").objects.filter(pk=ours.client.user.pk).update(scope=scope)
    mine = program(of=ours.client.user)
    assert mine.get("/api/me").status_code == 200
    watch, found = Watch(), []
    for name, route in of_programs():
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            sent = BODIES.get((name, method))
            answer = mine.send(method, filled(route, theirs.ids), sent, if_match="*")
            if name not in OF_EVERYBODY or answer.status_code != 403:
                assert answer.status_code in (404, 405), (name, method, answer.content)
            assert CANARY not in body(answer), (name, method)
        assert watch.unchanged, name
        answer = mine.get(filled(route, ours.ids))
        found += [name] if answer.status_code == 200 else []
        answer.close()
    assert len(found) > 8, found


def test_lists_and_acts_of_programs_leave_theirs_out(ours: Team, theirs: Team):
    mine, other = program(of=ours.client.user), theirs.ids["customer_id"]
    lists = (
        "customers?columns=city",
        f"customers?owner={theirs.ids['user_id']}",
        f"customers/find?identity={other}",
        f"customers/find?identity=%2B{PHONES[1][1:]}",
        "tasks?view=all&state=any",
        "jobs",
        "imports",
    )
    for path in lists:
        answer = mine.get(f"/api/{path}")
        assert answer.status_code == 200, path
        assert CANARY not in body(answer), path
    assert WORDS[0] in body(mine.get("/api/customers"))
    acts = {"tag": {"tag": "x"}, "untag": {"tag": f"{CANARY}级"}, "assign": {"owner_id": ours.client.user.pk}}
    for path, said in acts.items():
        answer = mine.send("POST", f"/api/customers/{path}", {"customer_ids": [other], **said})
        assert (answer.status_code, answer.json()["changed"]) == (200, 0), path
    answer = mine.send("POST", "/api/tasks", {"title": "x", "subject": theirs.ids["subject"]})
    assert answer.status_code == 404


def in_forms(ours: dict[str, Any], theirs: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Where a form or a query names a thing, the name of theirs."""
    customer = theirs["customer_id"]
    for verb in ("tag", "untag", "owner", "export"):
        said = {"tag": "x", "owner": "", "format": "csv", "query": "", "verb": verb}
        yield "POST", "/customers/act/", {**said, "id": [customer]}
        yield "POST", "/customers/act/", {**said, "everything": "1", "query": f"owner={theirs['user_id']}"}
    for asked in (f"owner={theirs['user_id']}", f"q={PHONES[1][1:]}", "q=b-twin%40example.com", "tag=x"):
        yield "GET", f"/customers/?{asked}", {}
        yield "GET", f"/search/?{asked}", {}
    yield "POST", "/customers/new/", {"name": "x", "phone": PHONES[1]}
    yield "POST", "/customers/new/", {"name": "x", "email": "b-twin@example.com"}
    for path in ("/work/add/", f"/work/{ours['task_id']}/edit/"):
        yield "POST", path, {"title": "x", "subject": theirs["subject"], "version": "1"}
    yield "GET", f"/work/add/?subject={theirs['subject']}", {}
    yield "GET", f"/work/all/?view=all&state=any&subject={theirs['subject']}", {}
    yield "GET", f"/work/all/?view=all&state=any&owner={theirs['user_id']}", {}
    yield "POST", "/account/tokens/revoke/", {"token": theirs["token_id"]}
    yield "POST", "/account/sessions/end/", {"session": "1"}
    yield "GET", f"/settings/audit/?subject={theirs['subject']}", {}


def test_what_is_theirs_is_not_there_in_any_form(ours: Team, theirs: Team):
    for method, path, form in in_forms(ours.ids, theirs.ids):
        watch = Watch()
        answer = ours.client.get(path) if method == "GET" else ours.client.post(path, form)
        assert CANARY not in body(answer), (path, form)
        if answer.status_code >= 400:
            assert watch.unchanged, (path, form)
    assert theirs.client.get(f"/customers/{theirs.ids['customer_id']}/").status_code == 200
    again = body(theirs.client.get(f"/customers/{theirs.ids['customer_id']}/about/"))
    assert CANARY in again
    assert "x</" not in re.findall(r"hs-tag[^>]*>[^<]*</", again)


EACH = 4
"""Of a page that there is for every trait or customer, so many are looked at: others in each run."""
EACH_OF_METRICS = 2
"""Of metrics fewer: all of them are computed for one page, and they are about everybody together."""


def walk(team: Team) -> Iterator[tuple[str, str]]:
    """Every kind of page that can be reached by following links, with what it says."""
    waiting, seen, kinds = ["/"], set[str](), Counter[str]()
    while waiting:
        path = waiting.pop(random.randrange(len(waiting)))
        kind = resolve(path).route
        if kinds[kind] == (EACH_OF_METRICS if kind.startswith("metrics/") else EACH):
            continue
        kinds[kind] += 1
        answer = team.client.get(path)
        assert answer.status_code in (200, 302, 403, 405), (path, answer.status_code)
        seen.add(path)
        said = body(answer)
        yield path, said
        for found in re.findall(r'href="(/[^"#]*)', said):
            address = urlsplit(found.replace("&amp;", "&"))
            # One address of each page: its sorts and filters lead to more of the same.
            if (
                # Without their questions there is nothing to give as a file.
                not address.path.startswith(("/static/", "/jobs/export/metric/", "/jobs/export/orders/"))
                and address.path not in seen
                and address.path not in waiting
            ):
                waiting.append(address.path)


@contextmanager
def overheard() -> Iterator[Callable[[], str]]:
    """Gives what a server writes down meanwhile, with what the house itself notes in the audit log."""
    heard = io.StringIO()
    entries = apps.get_model("audit", "Entry").objects
    first = entries.latest("number").number
    handler = logging.StreamHandler(heard)
    handler.setFormatter(WithoutTexts())
    watched = [logging.getLogger(name) for name in ("", *CONFIGURATION["loggers"])]
    for one in watched:
        one.addHandler(handler)
    try:
        yield lambda: heard.getvalue() + repr(list(entries.filter(number__gt=first).values()))
    finally:
        for one in watched:
            one.removeHandler(handler)


@pytest.fixture(scope="module")
def walked(house, django_db_blocker) -> tuple[dict[str, str], str]:
    """All pages of ours with what they say, and what was written down while they were looked at."""
    with django_db_blocker.unblock(), overheard() as heard:
        return dict(walk(house[0])), heard()


def test_no_link_leads_to_anything_of_theirs(walked):
    seen, _ = walked
    assert len(seen) > 30
    told = {
        path: text[max(0, text.index(CANARY) - 80) :][:160] for path, text in seen.items() if CANARY in text
    }
    assert told == {}
    # Theirs would have been told as what is ours is, which bears another word at the same places.
    assert len([path for path, text in seen.items() if WORDS[0] in text]) >= 9


FORGED = "伪造的值"
TYPES = {"DateTimeField": "1999-09-09T09:09:09Z", "DateField": "1999-09-09", "BooleanField": "1"}
"""Said in every field of every table that the form does not ask for."""


def forged(asked: dict[str, Any]) -> dict[str, Any]:
    names = {
        "is_superuser": "1",
        "is_staff": "1",
        "workspace": FORGED,
        "balance": "987654321",
        "points": "987654321",
    }
    for model in apps.get_models():
        if model.__module__.startswith("huoshui."):
            for one in model._meta.concrete_fields:
                kind = one.get_internal_type()
                value = TYPES.get(kind, FORGED if "Char" in kind or "Text" in kind else "987654321")
                names |= {one.name: value, one.attname: value}
    return {**names, "role": "administrator", "scope": "all", "state": "done", **asked}


def writes(ids: dict[str, Any], me: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """A form of each kind, with every field that it asks for."""
    about, who = f"/about/{ids['subject']}", f"user:{me}"
    task = {"title": "t", "note": "", "who": who, "due": "", "priority": "1", "version": "1", "subject": ""}
    customer = {
        "name": "新客",
        "phone": "",
        "email": "",
        "owner": str(me),
        "account": "",
        "city": "",
        "gender": "",
    }
    yield "/customers/new/", {**customer, "anyway": "1"}
    yield "/customers/act/", {"verb": "tag", "tag": "t", "id": [ids["customer_id"]], "query": ""}
    yield "/customers/views/save/", {"name": "v", "query": "", "sharing": "own"}
    yield f"/customers/views/{ids['view_id']}/rename/", {"name": "w"}
    yield f"/customers/{ids['customer_id']}/tags/", {"tag": "t", "take": ""}
    yield "/work/add/", task
    yield f"/work/{ids['task_id']}/edit/", task
    yield f"/work/{ids['task_id']}/postpone/", {"due": "2024-12-01", "version": ""}
    yield f"/work/{ids['task_id']}/hand-over/", {"who": who, "version": ""}
    yield f"{about}/comment/", {"body": "b", "named": []}
    yield f"/comments/{ids['comment_id']}/edit/", {"body": "b", "version": "1"}
    yield f"{about}/attach/", {"file": SimpleUploadedFile("a.txt", b"a")}
    yield f"{about}/versions/1/ask/", {"of": [], "note": ""}
    yield "/account/", {"name": "n", "language": "en"}
    yield "/inbox/wish/", {"mail_mentions": "1"}


def test_what_a_form_does_not_ask_for_is_not_taken(ours: Team):
    user = apps.get_model("users", "User").objects.filter(pk=ours.client.user.pk)
    guarded = ("email", "role", "scope", "is_active", "password", "totp_secret", "joined_at")
    before, answers = user.values(*guarded).get(), []
    for path, form in writes(ours.ids, ours.client.user.pk):
        answers.append(ours.client.post(path, forged(form)).status_code)
        for table, rows in dump().items():
            for mark in (FORGED, "987654321", "1999-09-09", "datetime.datetime(1999", "datetime.date(1999"):
                assert not any(mark in row for row in rows), (path, table)
        assert user.values(*guarded).get() == before, path
        assert not apps.get_model("worklist", "Task").objects.filter(state="done").exists(), path
    assert answers.count(302) > 9, answers


def test_logs_tell_nothing_of_customers_and_open_no_door(walked, ours: Team, monkeypatch):
    """Searches, mistakes and failures, as a server writes them down; and every page."""
    client, secret = ours.client, f"hs_{'q' * 40}"
    with overheard() as heard:
        for words in (f"{WORDS[0]}女士", PHONES[0], "a-twin@example.com"):
            client.get("/search/", {"q": words})
            client.get("/customers/", {"q": words})
            client.get("/customers/", {"stage": words})
            client.get(f"/customers/{words}/")
            client.post("/account/sign-in/", {"username": words, "password": secret})
            client.post("/customers/new/", {"name": words, "phone": words, "email": words})
        client.get(f"/account/link/{secret}/")
        client.get("/", headers={"authorization": f"Bearer {secret}"})
        monkeypatch.setattr(client, "raise_request_exception", False)
        monkeypatch.setattr("huoshui.measure.dashboards.queries.person.past", _fail)
        assert client.get(f"/customers/{ours.ids['customer_id']}/?q={PHONES[0]}").status_code == 500
        text = heard()
    assert "Internal Server Error" in text
    text += walked[1]
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    for told in (*WORDS, *PHONES, PHONES[0].removeprefix("+44"), "twin@example", secret, session):
        assert told not in text, text[max(0, text.index(told) - 200) :][:400]


def _fail(*_given: Any, **_named: Any) -> None:
    raise ValueError(f"{WORDS[0]} {PHONES[0]}")

"""The pages of tasks, as colleagues open them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.apps import apps

from huoshui.desk.users import queries as users
from huoshui.desk.worklist import queries, services
from huoshui.desk.worklist.lines import due_words, next_days, today
from huoshui.desk.worklist.models import Task
from huoshui.desk.worklist.queries import Conditions
from huoshui.desk.worklist.services import Draft
from huoshui.desk.worklist.tests.people import NOW
from huoshui.kernel import plugs

PROBES = (
    '"><img src=x onerror=__x(1)>', "<script>__x(2)</script>", "</textarea><script>__x(3)</script>",
    "javascript:__x(4)", "<svg/onload=__x(5)>", "{{7*7}}", "{% debug %}", "${7*7}", "<%= 7*7 %>", "`__x(6)`",
    "' onmouseover='__x(7)", '" autofocus onfocus="__x(8)', "--><script>__x(9)</script>", "]]><script>__x(10)</script>",
    "</title><script>__x(11)</script>", "<iframe srcdoc='<script>__x(12)</script>'>", "<style>*{display:none}</style>",
    "\u202e\u2066evil", "\u200b\u200dzero", "<a href=javascript:__x(13)>x</a>", "&lt;script&gt;__x(14)&lt;/script&gt;",
    "%3Cscript%3E__x(15)%3C/script%3E", "<math><mtext></form><form><mglyph><style></math><img src onerror=__x(16)>",
    "\\x3cscript\\x3e__x(17)", "<img src=`x`onerror=__x(18)>",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _house(db):
    apps.get_model("organisation", "Organisation").objects.create(
        currency="CNY", time_zone="Asia/Shanghai", founded_at=NOW
    )


def actor(client):
    return users.actor_of(client.user.pk)


def add(client, title: str = "回访王芳", **values) -> int:
    return services.add(actor=actor(client), draft=Draft(title=title, **values), now=NOW)


def body(answer):
    return answer.content.decode()


def test_the_day_shows_what_is_due_and_where_nothing_is_says_so(signed_in):
    mei = signed_in("operator", name="Mei", teams=["sales"])
    assert "Nothing to do" in body(mei.get("/work/"))
    add(mei, "late", due=today() - timedelta(days=2))
    add(mei, "now", due=today())
    add(mei, "waits", team_id=next(iter(actor(mei).team_ids)))
    page = body(mei.get("/work/"))
    assert page.index(">late</a>") < page.index(">now</a>")
    assert "2 days late" in page
    assert "Waiting in my teams" in page
    assert 'action="/work/3/take/"' in page


def test_a_task_is_done_by_one_click_and_that_is_taken_back(signed_in):
    mei = signed_in("operator")
    task_id = add(mei, due=today())
    answer = mei.post(f"/work/{task_id}/done/", {"next": "/work/"})
    assert answer.headers["Location"] == "/work/"
    page = mei.get("/work/")
    assert "Done: 回访王芳" in body(page)
    (toast,) = page.context["toasts"]
    mei.post(toast.undo, toast.fields)
    assert queries.task(actor=actor(mei), task_id=task_id).open


def test_a_quick_task_is_ones_own_and_undo_cancels_it(signed_in):
    mei = signed_in("operator")
    answer = mei.post("/work/add/", {"title": "新任务", "due": "2024-11-20", "next": "/work/"})
    assert answer.headers["Location"] == "/work/"
    (task,) = queries.find(actor=actor(mei), conditions=Conditions()).rows
    assert (task.owner_id, task.due) == (mei.user.pk, date(2024, 11, 20))
    (toast,) = mei.get("/work/").context["toasts"]
    mei.post(toast.undo, toast.fields)
    assert queries.task(actor=actor(mei), task_id=task.id).state == "cancelled"


def test_a_form_with_a_mistake_keeps_what_was_typed(signed_in):
    mei = signed_in("operator")
    answer = mei.post("/work/add/", {"title": "", "note": "kept words", "due": "soon"})
    assert answer.status_code == 400
    assert "kept words" in body(answer)
    assert not Task.objects.exists()


def test_the_second_of_two_editors_sees_what_changed_and_loses_nothing(signed_in):
    mei, bo = signed_in("operator", name="Mei"), signed_in("operator", name="Bo")
    task_id = add(mei, "old title")
    who = f"user:{mei.user.pk}"
    mei.post(f"/work/{task_id}/edit/", {"title": "new title", "who": who, "version": "1"})
    late = {"title": "other title", "note": "long words", "who": who, "version": "1"}
    answer = bo.post(f"/work/{task_id}/edit/", late)
    assert answer.status_code == 409
    page = body(answer)
    assert "<del>old title</del>" in page
    assert "<ins>new title</ins>" in page
    assert "long words" in page
    assert queries.task(actor=actor(bo), task_id=task_id).title == "new title"
    again = bo.post(f"/work/{task_id}/edit/", {**late, "version": answer.context["form"]["version"].value()})
    assert again.status_code == 302
    assert queries.task(actor=actor(bo), task_id=task_id).note == "long words"


def test_tasks_of_others_are_not_there_and_nothing_changes(signed_in):
    mei, bo = signed_in("operator", scope="own"), signed_in("operator", scope="team", teams=["service"])
    task_id = add(mei, "CANARY title", note="CANARY note")
    before = list(Task.objects.values())
    for path in (f"/work/{task_id}/", f"/work/{task_id}/edit/", f"/work/{10**30}/"):
        assert bo.get(path).status_code == 404, path
    for act in ("edit", "take", "done", "cancel", "reopen", "hand-over", "postpone", "take-back"):
        sent = {"title": "x", "who": f"user:{bo.user.pk}", "due": "2024-11-20", "version": "1"}
        answer = bo.post(f"/work/{task_id}/{act}/", sent)
        assert answer.status_code == 404, act
        assert "CANARY" not in body(answer)
    for path in ("/work/", "/work/all/?view=all&state=any", "/search/?q=CANARY"):
        assert "CANARY title" not in body(bo.get(path)), path
    assert list(Task.objects.values()) == before


def test_viewers_and_strangers_write_nothing(signed_in, stranger):
    mei, vera = signed_in("operator"), signed_in("viewer")
    task_id = add(mei)
    assert vera.get(f"/work/{task_id}/").status_code == 200
    assert "Hand over" not in body(vera.get(f"/work/{task_id}/"))
    for path in ("/work/add/", f"/work/{task_id}/done/", f"/work/{task_id}/edit/"):
        assert vera.post(path, {"title": "x"}).status_code == 403, path
        assert stranger.post(path, {"title": "x"}).status_code in (302, 403), path
    assert queries.task(actor=actor(mei), task_id=task_id).version == 1


def test_what_was_never_offered_is_refused_with_a_sentence(signed_in):
    mei = signed_in("operator")
    task_id = add(mei)
    for path in (
        "/work/all/?view=theirs", "/work/all/?state=gone", "/work/all/?sort=password", "/work/all/?page=9",
        "/work/all/?page=-1", "/work/all/?page=x", f"/work/all/?page={'9' * 40}",
    ):  # fmt: skip
        answer = mei.get(path)
        assert answer.status_code == 400, path
    for act, sent in (
        ("hand-over", {"who": "user:x"}), ("hand-over", {"who": f"user:{10**9}"}), ("hand-over", {}),
        ("postpone", {"due": "tomorrow"}), ("postpone", {"due": "1900-01-01"}), ("take-back", {"version": "x"}),
    ):  # fmt: skip
        assert mei.post(f"/work/{task_id}/{act}/", sent).status_code == 400, (act, sent)
    assert mei.get(f"/work/{task_id}/done/").status_code == 405
    assert mei.post("/work/add/", {"title": "x", "who": "team:999999"}).status_code == 400


def test_more_than_the_form_offers_is_not_taken(signed_in):
    mei = signed_in("operator")
    sent = {"state": "done", "made_by": "1", "owner": "1", "version": "9", "source": "rule", "key": "k"}
    mei.post("/work/add/", {"title": "x", **sent})
    (row,) = Task.objects.all()
    assert (row.state, row.made_by_id, row.version, row.source) == ("open", mei.user.pk, 1, "")


def test_a_way_back_leads_to_no_other_house(signed_in):
    mei = signed_in("operator")
    for target in ("//evil.example", "https://evil.example/", "/\\evil.example", "javascript:x()"):
        task_id = add(mei)
        answer = mei.post(f"/work/{task_id}/done/", {"next": target})
        assert answer.headers["Location"] == f"/work/{task_id}/"


def test_hostile_words_are_words(signed_in):
    mei = signed_in("operator", name="<script>__x(0)</script>")
    for number, probe in enumerate(PROBES):
        add(mei, f"{probe} {number}", due=today())
    task_id = add(mei, PROBES[0], note="\n".join(PROBES), due=today())
    services.postpone(actor=actor(mei), task_id=task_id, due=today() + timedelta(days=1), now=NOW)
    for path in ("/work/", "/work/all/", "/search/?q=__x", f"/work/{task_id}/", f"/work/{task_id}/edit/"):
        page = body(mei.get(path))
        for probe in PROBES:
            _require_plain(page, probe)


def _require_plain(page: str, probe: str) -> None:
    assert not ({"<", '"', "'"} & set(probe)) or probe not in page
    assert "<script>__x" not in page
    assert "49 " not in page  # nobody worked out 7 * 7


def test_what_a_task_is_about_is_named_only_to_who_may_see_it(signed_in):
    mei, bo = signed_in("operator"), signed_in("operator", scope="own")
    about = add(mei, "CANARY")
    task_id = add(mei, "follow up", subject=f"task:{about}", owner_id=bo.user.pk)
    assert "CANARY" in body(mei.get(f"/work/{task_id}/"))
    page = body(bo.get(f"/work/{task_id}/"))
    assert "CANARY" not in page
    assert "something you may not see" in page


def test_the_pages_ask_the_database_the_same_however_many_tasks_there_are(
    signed_in, django_assert_max_num_queries
):
    mei = signed_in("operator", teams=["sales"])
    for number in range(40):
        add(
            mei,
            f"t{number}",
            due=today() + timedelta(days=number % 9 - 1),
            subject="task:1" if number else "",
        )
    mei.get("/work/")
    with django_assert_max_num_queries(16):
        mei.get("/work/")
    with django_assert_max_num_queries(12):
        mei.get("/work/all/?view=all")


@pytest.mark.parametrize(
    ("days", "en", "zh"),
    [
        (0, "today", "今天"),
        (1, "tomorrow", "明天"),
        (-1, "due yesterday", "昨天到期"),
        (-3, "3 days late", "逾期 3 天"),
    ],
)
def test_days_are_said_as_people_say_them(days, en, zh):
    day = date(2024, 11, 20)
    due = day + timedelta(days=days)
    assert (due_words(due, day, "en"), due_words(due, day, "zh")) == (en, zh)


def test_next_monday_is_never_today():
    monday = date(2024, 11, 18)
    assert next_days(monday) == (date(2024, 11, 19), date(2024, 11, 25))
    assert next_days(monday + timedelta(days=6))[1] == date(2024, 11, 25)


def test_parts_of_other_pages_are_declared():
    assert {"work_today", "tasks"} <= set(plugs.PANELS.slugs())
    assert "task" in plugs.SUBJECTS

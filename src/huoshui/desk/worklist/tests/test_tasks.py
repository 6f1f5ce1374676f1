"""Verbs and questions of tasks, on the real database."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, cast

import pytest
from django.apps import apps

from huoshui.desk.worklist import queries, services
from huoshui.desk.worklist.errors import (
    ChangedMeanwhile,
    NoSuchTask,
    NotATask,
    NothingToTakeBack,
    TaskIsOpen,
    TaskNotOpen,
)
from huoshui.desk.worklist.queries import Conditions
from huoshui.desk.worklist.services import Draft
from huoshui.desk.worklist.tests.people import NOW, colleague, team
from huoshui.kernel.actors import Actor, Role, Scope
from huoshui.kernel.errors import NotAllowed
from huoshui.web.subjects import NoSuchSubject

pytestmark = pytest.mark.usefixtures("database")
TODAY = date(2024, 11, 20)


def add(actor: Actor, title: str = "回访", **values) -> int:
    return services.add(actor=actor, draft=Draft(title=title, **values), now=NOW)


def seen(actor: Actor) -> set[str]:
    found = queries.find(actor=actor, conditions=Conditions(view="all", state=""))
    return {task.title for task in found.rows}


def test_a_task_without_owner_is_its_makers():
    mei = colleague("Mei")
    task = queries.task(actor=mei, task_id=add(mei, "  Call   Ada \n", due=TODAY))
    assert (task.title, task.owner, task.made_by, task.due, task.version) == (
        "Call Ada",
        "Mei",
        "Mei",
        TODAY,
        1,
    )


def test_every_act_is_kept_with_what_it_changed_and_told_to_the_audit_log():
    mei, bo = colleague("Mei"), colleague("Bo")
    task_id = add(mei)
    services.hand_over(actor=mei, task_id=task_id, owner_id=bo.user_id, now=NOW)
    services.postpone(actor=bo, task_id=task_id, due=TODAY, now=NOW)
    services.done(actor=bo, task_id=task_id, now=NOW)
    steps = queries.steps(actor=bo, task_id=task_id)
    assert [(step.act, step.by) for step in reversed(steps)] == [
        ("added", "Mei"), ("handed_over", "Mei"), ("postponed", "Bo"), ("done", "Bo"),
    ]  # fmt: skip
    assert ("due", None, "2024-11-20") in steps[1].fields
    entries = apps.get_model("audit", "Entry").objects.filter(subject=f"task:{task_id}").order_by("number")
    assert [e.act for e in entries] == ["task.added", "task.handed_over", "task.postponed", "task.done"]


def test_two_who_edit_at_once_lose_nothing_and_the_second_sees_what_changed():
    mei, bo = colleague("Mei"), colleague("Bo")
    task_id = add(mei, "Call Ada")
    draft = Draft(title="Call Ada Lovelace", owner_id=mei.user_id)
    services.edit(actor=mei, task_id=task_id, version=1, draft=draft, now=NOW)
    with pytest.raises(ChangedMeanwhile) as refused:
        services.edit(
            actor=bo, task_id=task_id, version=1, draft=Draft(title="x", owner_id=bo.user_id), now=NOW
        )
    (step,) = refused.value.steps
    assert step.by == "Mei"
    assert step.fields == [("title", "Call Ada", "Call Ada Lovelace")]
    assert queries.task(actor=bo, task_id=task_id).title == "Call Ada Lovelace"
    services.edit(
        actor=bo, task_id=task_id, version=refused.value.version,
        draft=Draft(title="x", owner_id=bo.user_id), now=NOW,
    )  # fmt: skip
    assert queries.task(actor=bo, task_id=task_id).title == "x"


def test_an_edit_that_changes_nothing_makes_no_version():
    mei = colleague("Mei")
    task_id = add(mei, "Call Ada")
    draft = Draft(title="Call Ada", owner_id=mei.user_id)
    assert services.edit(actor=mei, task_id=task_id, version=1, draft=draft, now=NOW) == 1


def test_only_the_first_takes_a_task_that_waits():
    sales = team("sales")
    mei, bo = colleague("Mei", teams=(sales,)), colleague("Bo", teams=(sales,))
    task_id = add(mei, team_id=sales)
    services.take(actor=bo, task_id=task_id, now=NOW)
    with pytest.raises(NotATask, match="taken this task already"):
        services.take(actor=mei, task_id=task_id, now=NOW)
    task = queries.task(actor=mei, task_id=task_id)
    assert (task.owner_id, task.team_id) == (bo.user_id, sales)


def test_handing_over_to_a_team_lets_it_wait_again():
    sales = team("sales")
    mei = colleague("Mei", teams=(sales,))
    task_id = add(mei)
    services.hand_over(actor=mei, task_id=task_id, team_id=sales, now=NOW)
    assert queries.task(actor=mei, task_id=task_id).waits


def test_the_last_act_is_taken_back_and_no_other():
    mei = colleague("Mei")
    task_id = add(mei, due=TODAY)
    version = services.done(actor=mei, task_id=task_id, now=NOW)
    services.take_back(actor=mei, task_id=task_id, version=version, now=NOW)
    task = queries.task(actor=mei, task_id=task_id)
    assert (task.state, task.closed_at, task.due) == ("open", None, TODAY)
    later = services.postpone(actor=mei, task_id=task_id, due=TODAY + timedelta(days=3), now=NOW)
    with pytest.raises(NothingToTakeBack):
        services.take_back(actor=mei, task_id=task_id, version=version, now=NOW)
    services.take_back(actor=mei, task_id=task_id, version=later, now=NOW)
    assert queries.task(actor=mei, task_id=task_id).due == TODAY


def test_who_handed_a_task_over_takes_that_back_although_they_no_longer_see_it():
    mei = colleague("Mei")
    bo, chen = colleague("Bo", scope=Scope.OWN), colleague("Chen", scope=Scope.OWN)
    task_id = services.add(actor=mei, draft=Draft(title="x", owner_id=bo.user_id), now=NOW)
    version = services.hand_over(actor=bo, task_id=task_id, owner_id=chen.user_id, now=NOW)
    with pytest.raises(NoSuchTask):
        queries.task(actor=bo, task_id=task_id)
    services.take_back(actor=bo, task_id=task_id, version=version, now=NOW)
    assert queries.task(actor=bo, task_id=task_id).owner_id == bo.user_id


def test_closed_tasks_are_opened_before_anything_else_is_done():
    mei = colleague("Mei")
    task_id = add(mei)
    with pytest.raises(TaskIsOpen):
        services.reopen(actor=mei, task_id=task_id, now=NOW)
    services.cancel(actor=mei, task_id=task_id, now=NOW)
    with pytest.raises(TaskNotOpen):
        services.done(actor=mei, task_id=task_id, now=NOW)
    services.reopen(actor=mei, task_id=task_id, now=NOW)
    assert queries.task(actor=mei, task_id=task_id).open


def test_a_rule_never_makes_the_same_task_twice():
    mei = colleague("Mei")
    drafts = [Draft(title=f"回访 {n}", owner_id=mei.user_id, key=f"silent:{n}") for n in range(1200)]
    assert services.add_many(actor=mei, source="journey-7", drafts=drafts, now=NOW) == 1200
    (first,) = queries.find(actor=mei, conditions=Conditions(words="回访 0")).rows
    services.done(actor=mei, task_id=first.id, now=NOW)
    assert services.add_many(actor=mei, source="journey-7", drafts=drafts[:50], now=NOW) == 0
    assert services.add_many(actor=mei, source="journey-8", drafts=drafts[:2] + drafts[:1], now=NOW) == 2
    assert queries.steps(actor=mei, task_id=first.id)[-1].act == "added"


def test_adding_many_costs_few_questions(django_assert_max_num_queries):
    mei = colleague("Mei")
    drafts = [Draft(title=f"x {n}", owner_id=mei.user_id, key=str(n)) for n in range(500)]
    with django_assert_max_num_queries(30):
        services.add_many(actor=mei, source="rule", drafts=drafts, now=NOW)


@pytest.mark.parametrize(
    "values",
    [
        {"title": ""}, {"title": " \n "}, {"title": "x" * 201}, {"title": "a\0b"}, {"note": "x" * 4001},
        {"due": date(1999, 1, 1)}, {"priority": 3}, {"priority": -1}, {"subject": "nothing:1"},
        {"subject": "task"}, {"subject": "task:"}, {"owner_id": 10**9}, {"team_id": 10**9},
    ],
)  # fmt: skip
def test_what_a_task_cannot_be_is_refused_and_nothing_is_stored(values):
    mei = colleague("Mei")
    with pytest.raises(NotATask):
        services.add(actor=mei, draft=Draft(**{"title": "x", **values}), now=NOW)
    assert seen(mei) == set()


def test_a_task_about_what_one_may_not_see_is_refused():
    mei, bo = colleague("Mei"), colleague("Bo", scope=Scope.OWN)
    task_id = add(mei)
    with pytest.raises(NoSuchSubject):
        add(bo, subject=f"task:{task_id}")


def test_viewers_read_only():
    mei, vera = colleague("Mei"), colleague("Vera", role=Role.VIEWER)
    task_id = add(mei)
    assert queries.task(actor=vera, task_id=task_id).title == "回访"
    for verb in (services.take, services.done, services.cancel, services.reopen):
        with pytest.raises(NotAllowed):
            verb(actor=vera, task_id=task_id, now=NOW)
    with pytest.raises(NotATask):
        services.hand_over(actor=mei, task_id=task_id, owner_id=vera.user_id, now=NOW)


def test_record_scope_decides_who_sees_a_task():
    sales, service = team("sales"), team("service")
    boss = colleague("Boss", role=Role.MANAGER)
    mei = colleague("Mei", scope=Scope.OWN, teams=(sales,))
    bo = colleague("Bo", scope=Scope.TEAM, teams=(sales,))
    chen = colleague("Chen", scope=Scope.TEAM, teams=(service,))
    add(boss, "of mei", owner_id=mei.user_id)
    add(boss, "of mei in sales", owner_id=mei.user_id, team_id=sales)
    add(boss, "waits in sales", team_id=sales)
    add(boss, "of boss")
    add(chen, "of chen")
    assert seen(boss) == {"of mei", "of mei in sales", "waits in sales", "of boss", "of chen"}
    assert seen(mei) == {"of mei", "of mei in sales", "waits in sales"}
    assert seen(bo) == {"of mei", "of mei in sales", "waits in sales"}
    assert seen(chen) == {"of chen"}


def test_a_task_of_others_is_not_there_for_any_verb():
    sales = team("sales")
    boss, mei = colleague("Boss"), colleague("Mei", scope=Scope.TEAM, teams=(sales,))
    task_id = add(boss)
    draft = Draft(title="mine", owner_id=mei.user_id)
    for attempt in (
        lambda: queries.task(actor=mei, task_id=task_id),
        lambda: queries.steps(actor=mei, task_id=task_id),
        lambda: services.edit(actor=mei, task_id=task_id, version=1, draft=draft, now=NOW),
        lambda: services.take(actor=mei, task_id=task_id, now=NOW),
        lambda: services.done(actor=mei, task_id=task_id, now=NOW),
        lambda: services.take_back(actor=mei, task_id=task_id, version=1, now=NOW),
        lambda: services.done(actor=mei, task_id=2**70, now=NOW),
    ):
        with pytest.raises(NoSuchTask):
            attempt()
    assert queries.task(actor=boss, task_id=task_id).version == 1


def test_the_day_has_its_parts_in_order():
    sales = team("sales")
    mei = colleague("Mei", teams=(sales,))
    for title, days, priority in [
        ("late", -2, 1), ("now", 0, 1), ("now and urgent", 0, 2), ("soon", 7, 1), ("later", 8, 1),
    ]:  # fmt: skip
        add(mei, title, due=TODAY + timedelta(days=days), priority=priority)
    add(mei, "no day")
    add(mei, "waits", team_id=sales)
    day = queries.day(actor=mei, today=TODAY)
    assert [t.title for t in day.overdue] == ["late"]
    assert [t.title for t in day.today] == ["now and urgent", "now"]
    assert [t.title for t in day.soon] == ["soon"]
    assert [t.title for t in day.waiting] == ["waits"]
    assert (day.later, day.due) == (2, 3)


def test_lists_are_filtered_sorted_and_paged():
    mei = colleague("Mei")
    for n in range(7):
        add(mei, f"task {n}", due=TODAY + timedelta(days=n) if n else None)
    find = queries.find
    first = find(actor=mei, conditions=Conditions(), size=3)
    assert ([t.title for t in first.rows], first.total) == (["task 1", "task 2", "task 3"], 7)
    last = find(actor=mei, conditions=Conditions(), size=3, page=3)
    assert [t.title for t in last.rows] == ["task 0"]
    falling = find(actor=mei, conditions=Conditions(), sort="-due", size=1)
    assert falling.rows[0].title == "task 6"
    assert find(actor=mei, conditions=Conditions(words="TASK 5")).total == 1
    for bad in ({"sort": "password"}, {"page": 0}, {"page": 4, "size": 3}):
        with pytest.raises(NotATask):
            find(actor=mei, conditions=Conditions(), **bad)
    for conditions in (Conditions(view=cast(Any, "theirs")), Conditions(state="gone")):
        with pytest.raises(NotATask):
            find(actor=mei, conditions=conditions)

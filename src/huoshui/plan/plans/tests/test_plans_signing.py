"""The sign-off of a plan by departments and colleagues, as it stands beside the document."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from huoshui.desk.threads import services as threads
from huoshui.desk.users import queries as users
from huoshui.kernel.actors import CONSOLE
from huoshui.plan.plans import queries as plans
from huoshui.plan.plans.document import editing, services
from huoshui.plan.plans.pages.document import signed

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)


def test_who_answered_for_which_department_stands_beside_the_plan_until_it_is_changed(signed_in):
    asker, bo, chen = (
        users.actor_of(signed_in("manager", name=name, teams=teams).user.pk)
        for name, teams in (("梅", []), ("薄", ["service"]), ("陈", ["sales"]))
    )
    number = services.create(
        actor=CONSOLE,
        title="计划",
        template="blank",
        first_day=date(2026, 1, 1),
        last_day=date(2026, 12, 31),
        language="zh",
        now=NOW,
    )
    plan = plans.plan(asker, number)
    assert signed(asker, plan, "zh") is None
    (team,), names = bo.team_ids, {one.id: one.name.zh for one in users.teams()}
    request = threads.ask(
        actor=asker, subject=plan.subject, number=plan.words, of=[chen.user_id or 0], teams=[team], now=NOW
    )
    threads.answer(actor=bo, sign_off_id=request, word="approved", now=NOW)
    found = signed(asker, plan, "zh")
    assert found is not None
    assert (found.state, found.number) == ("待审批", plan.words)
    (sales,) = chen.team_ids
    assert [(who, of, word) for who, of, word, _tone in found.answers] == [
        (names[team], "薄", "已通过"),
        ("陈", names[sales], "尚未答复"),
    ]
    editing.add_part(actor=CONSOLE, plan_id=number, title="更多", now=NOW)
    assert signed(asker, plans.plan(asker, number), "zh") is None

"""Tasks as a state machine: whatever colleagues do to them, in any order, the rules hold."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from huoshui.desk.worklist import queries, services
from huoshui.desk.worklist.errors import (
    ChangedMeanwhile,
    NothingToTakeBack,
    TaskIsOpen,
    TaskNotOpen,
)
from huoshui.desk.worklist.models import Change, Task
from huoshui.desk.worklist.services import Draft
from huoshui.desk.worklist.tests.people import NOW, colleague, team
from huoshui.kernel.actors import Actor

DAYS = st.dates(date(2024, 1, 1), date(2025, 12, 31))
WHO = st.integers(0, 1)


class OneTask(RuleBasedStateMachine):
    """One task, two colleagues of one team, and what the task must be, kept in plain Python."""

    @initialize()
    def start(self) -> None:
        Task.objects.all().delete()
        self.team = team("sales")
        if not PEOPLE:
            PEOPLE.extend(colleague(name, teams=(self.team,)) for name in ("Mei", "Bo"))
        self.people = PEOPLE
        self.now = NOW
        self.id = services.add(actor=self.people[0], draft=Draft(title="t0", team_id=self.team), now=NOW)
        self.past = [{"title": "t0", "owner": None, "due": None, "state": "open"}]
        self.titles = 0

    def act(self, verb, who, change, **named) -> None:
        self.now += timedelta(minutes=1)
        verb(actor=self.people[who], task_id=self.id, now=self.now, **named)
        new = {**self.past[-1], **change}
        if new != self.past[-1]:
            self.past.append(new)

    @property
    def is_(self):
        return self.past[-1]

    @property
    def open(self):
        return self.is_["state"] == "open"

    @rule(who=WHO, due=DAYS)
    def postpone(self, who, due) -> None:
        if self.open:
            self.act(services.postpone, who, {"due": due}, due=due)
        else:
            with pytest.raises(TaskNotOpen):
                self.act(services.postpone, who, {}, due=due)

    @rule(who=WHO, cancelled=st.booleans())
    def close(self, who, cancelled) -> None:
        verb, state = (services.cancel, "cancelled") if cancelled else (services.done, "done")
        owner = self.is_["owner"] or (None if cancelled else self.people[who].user_id)
        if self.open:
            self.act(verb, who, {"state": state, "owner": owner})
        else:
            with pytest.raises(TaskNotOpen):
                self.act(verb, who, {})

    @rule(who=WHO)
    def reopen(self, who) -> None:
        if self.open:
            with pytest.raises(TaskIsOpen):
                self.act(services.reopen, who, {})
        else:
            self.act(services.reopen, who, {"state": "open"})

    @precondition(lambda self: self.open and self.is_["owner"] is None)
    @rule(who=WHO)
    def take(self, who) -> None:
        self.act(services.take, who, {"owner": self.people[who].user_id})

    @precondition(lambda self: self.open)
    @rule(who=WHO, to=st.sampled_from(["colleague", "team"]))
    def hand_over(self, who, to) -> None:
        owner = self.people[1 - who].user_id if to == "colleague" else None
        self.act(
            services.hand_over, who, {"owner": owner}, owner_id=owner, team_id=None if owner else self.team
        )

    @precondition(lambda self: self.open)
    @rule(who=WHO, behind=st.integers(0, 2))
    def edit(self, who, behind) -> None:
        version = len(self.past) - behind
        self.titles += 1
        draft = Draft(
            title=f"t{self.titles}", owner_id=self.is_["owner"], team_id=self.team, due=self.is_["due"]
        )
        if behind == 0:
            self.act(services.edit, who, {"title": draft.title}, version=version, draft=draft)
        elif version >= 1:
            with pytest.raises(ChangedMeanwhile) as refused:
                self.act(services.edit, who, {}, version=version, draft=draft)
            assert len(refused.value.steps) == behind
            assert refused.value.version == len(self.past)

    @rule(who=WHO, behind=st.integers(0, 1))
    def take_back(self, who, behind) -> None:
        version = len(self.past) - behind
        if behind or version == 1:
            with pytest.raises(NothingToTakeBack):
                self.act(services.take_back, who, {}, version=version)
        else:
            self.act(services.take_back, who, self.past[-2], version=version)

    @invariant()
    def what_is_stored_is_what_happened(self) -> None:
        if not hasattr(self, "id"):
            return
        task = queries.task(actor=self.people[0], task_id=self.id)
        assert {"title": task.title, "owner": task.owner_id, "due": task.due, "state": task.state} == self.is_
        assert task.version == len(self.past)
        assert (task.closed_at is None) == self.open
        changes = Change.objects.filter(task_id=self.id).values_list("version", flat=True)
        assert sorted(changes) == list(range(1, task.version + 1))


PEOPLE: list[Actor] = []


@pytest.mark.slow
@pytest.mark.django_db
def test_whatever_is_done_to_a_task_its_rules_hold():
    PEOPLE.clear()
    run_state_machine_as_test(
        OneTask,
        settings=settings(
            max_examples=12, stateful_step_count=20, deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip

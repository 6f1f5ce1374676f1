"""What was done to a task, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from huoshui.desk.users import queries as users
from huoshui.desk.worklist.queries import PRIORITIES, STATES, Step
from huoshui.desk.worklist.rules import TASK_RULES
from huoshui.kernel.texts import Language, Text
from huoshui.web import figures

ACTS: Mapping[str, Text] = {
    "added": Text("added it", "新建"),
    "edited": Text("changed it", "修改"),
    "taken": Text("took it", "领取"),
    "handed_over": Text("handed it over", "转交"),
    "postponed": Text("put it off", "改期"),
    "done": Text("did it", "完成"),
    "cancelled": Text("cancelled it", "取消"),
    "not_reached": Text("could not reach the person", "未能联系上对方"),
    "reopened": Text("opened it again", "重新打开"),
    "taken_back": Text("took the last step back", "撤销上一步"),
}
FIELDS: Mapping[str, Text] = {
    "title": Text("Title", "标题"),
    "note": Text("Note", "说明"),
    "owner_id": Text("For", "负责人"),
    "team_id": Text("Team", "团队"),
    "due": Text("Until", "截止"),
    "priority": Text("Priority", "优先级"),
    "subject": Text("About", "关于"),
    "state": Text("State", "状态"),
}
RULE = Text("a rule", "规则")
SHORT = 200


@dataclass(frozen=True, slots=True)
class Turn:
    """One field that changed, in words; ``before`` is empty where there was nothing."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Told:
    """One act in words: who, what, when, which fields."""

    by: str
    act: str
    at: datetime
    turns: Sequence[Turn]


def rule_of(source: str) -> Text:
    """What stands for the maker of a task that no colleague made."""
    return TASK_RULES[source].label if source in TASK_RULES else RULE


def told(steps: Sequence[Step], language: Language) -> list[Told]:
    """The steps in words; names of colleagues and teams are looked up once."""
    said = [(name, value) for step in steps for name, *both in step.fields for value in both if value]
    owners = {value for name, value in said if name == "owner_id"}
    people = users.names(owners) if owners else {}
    handed = any(name == "team_id" for name, _value in said)
    teams = {team.id: team.name.in_(language) for team in users.teams()} if handed else {}

    def word(name: str, value: Any) -> str:
        if value is None or value == "":
            return ""
        if name == "owner_id":
            return people.get(value, str(value))
        if name == "team_id":
            return teams.get(value, str(value))
        if name == "due":
            return figures.day(date.fromisoformat(value), language)
        if name == "priority":
            return PRIORITIES[value].in_(language)
        if name == "state":
            return STATES[value].in_(language)
        return str(value)[:SHORT]

    return [
        Told(
            by=step.by or RULE.in_(language),
            act=ACTS[step.act].in_(language),
            at=step.at,
            turns=[
                Turn(FIELDS[name].in_(language), word(name, before), word(name, after))
                for name, before, after in step.fields
                if name in FIELDS and name != "subject"
            ],
        )
        for step in steps
    ]

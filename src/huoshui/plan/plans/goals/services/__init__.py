"""Verbs of goals: one transaction each, told in the plan's story; what somebody else wrote meanwhile is kept."""

from huoshui.plan.plans.goals.services.adding import add, add_parts
from huoshui.plan.plans.goals.services.changing import change, rebase
from huoshui.plan.plans.goals.services.measuring import draft_of
from huoshui.plan.plans.goals.services.removing import remove, restore
from huoshui.plan.plans.goals.services.usually import add_usual, usual_there

__all__ = [
    "add",
    "add_parts",
    "add_usual",
    "change",
    "draft_of",
    "rebase",
    "remove",
    "restore",
    "usual_there",
]

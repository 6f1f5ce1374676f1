"""What the page of a task shows of scripts: those that fit the customer it is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from huoshui.act.scripts import queries
from huoshui.data.customers.queries import NoSuchCustomer
from huoshui.desk.worklist import queries as tasks
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.plugs import Panel
from huoshui.kernel.texts import Language, Text

FEW = 3


def _of_task(actor: Actor, subject: str, language: Language) -> Mapping[str, Any]:
    task = tasks.task(actor=actor, task_id=int(subject.partition(":")[2]))
    kind, _sign, number = task.subject.partition(":")
    found: Any = []
    if task.open and kind == "customer" and number.isdecimal():
        try:
            found = queries.for_customer(actor=actor, customer_id=int(number), most=FEW)
        except NoSuchCustomer:
            found = []  # whom the reader does not see has no scripts either
    return {
        "scripts": found,
        "stages": queries.stages(),
        "segments": queries.segment_names() if any(one.segment for one in found) else {},
        "may_use": actor.may(Right.TASKS_WORK),
    }


OF_TASK = Panel(
    slug="scripts_of_task",
    label=Text("Scripts that fit", "适用话术"),
    page="task",
    width="wide",
    place=30,
    template="scripts/_of_task.html",
    context=_of_task,
    right=Right.CUSTOMERS_VIEW,
)

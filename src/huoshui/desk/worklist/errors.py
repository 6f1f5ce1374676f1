"""What the worklist refuses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.texts import Text

if TYPE_CHECKING:
    from huoshui.desk.worklist.queries import Step


class NoSuchTask(HuoshuiError):
    """There is no such task, or the actor may not see it."""

    code = "no_such_task"
    says = Text("There is no such task", "没有这项任务")


class NotATask(HuoshuiError):
    """A value that a task cannot have. ``field`` names it."""

    code = "not_a_task"

    def __init__(
        self, field: str, says: Text, *, received: str = "", valid: str = "", next_step: str = ""
    ) -> None:
        self.field = field
        self.words = says
        super().__init__(says.en, received=received, valid=valid, next_step=next_step)


class TaskNotOpen(HuoshuiError):
    """The verb works on open tasks, and this one is done or cancelled."""

    code = "task_not_open"
    says = Text("This task is no longer open", "这项任务已经结束")


class TaskIsOpen(HuoshuiError):
    """Only a task that is done or cancelled can be opened again."""

    code = "task_is_open"
    says = Text("This task is open", "这项任务仍在进行")


class ChangedMeanwhile(HuoshuiError):
    """Somebody else has changed the task since it was read. ``steps`` are the changes that were not seen."""

    code = "changed_meanwhile"
    says = Text(
        "Somebody else has changed this task meanwhile; nothing of yours was stored yet",
        "期间有人改过这项任务；你的改动还没有保存",
    )

    def __init__(self, steps: Sequence[Step], *, version: int) -> None:
        self.steps = steps
        self.version = version
        super().__init__(
            "Somebody else has changed this task meanwhile",
            valid=f"version {version}",
            next_step="Look at what changed, then save again",
        )


class NothingToTakeBack(HuoshuiError):
    """The act that was to be taken back is no longer the last one."""

    code = "nothing_to_take_back"
    says = Text(
        "The task has changed since, so this can no longer be taken back",
        "任务之后又有改动，已不能撤销这一步",
    )

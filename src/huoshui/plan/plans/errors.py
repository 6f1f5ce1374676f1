"""What is refused of plans."""

from __future__ import annotations

from collections.abc import Sequence

from huoshui.desk.threads.differences import Change
from huoshui.kernel.errors import HuoshuiError, Said
from huoshui.kernel.texts import Text


class NoSuchPlan(HuoshuiError):
    """There is no such plan, or it was deleted."""

    code = "no_such_plan"
    says = Text("There is no such plan", "没有这个计划")


class PlanArchived(HuoshuiError):
    """An archived plan is kept as it is."""

    code = "plan_archived"
    says = Text("This plan is archived: bring it back before you change it", "计划已归档，请先恢复，再修改")


class NotAPlan(Said):
    """A plan, or a part or block of it, that cannot be. ``words`` say why, in both languages."""

    code = "not_a_plan"


class PlanChanged(HuoshuiError):
    """Somebody saved meanwhile: ``by`` whom (may be empty), as which ``version``, and what they ``changed``.

    Nothing is stored. ``version`` is the newest one of the row or document that was being edited.
    """

    code = "plan_changed"
    says = Text("Somebody has changed this meanwhile", "有同事在此期间做了修改")

    def __init__(self, *, by: str = "", version: int, changes: Sequence[Change] = ()) -> None:
        self.by, self.version, self.changes = by, version, tuple(changes)
        super().__init__(
            "Somebody has changed this meanwhile",
            received=f"changes to an older version than {version}",
            next_step="Look at what changed and save again",
        )

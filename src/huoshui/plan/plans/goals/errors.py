"""What is refused of goals."""

from __future__ import annotations

from huoshui.kernel.errors import HuoshuiError, Said
from huoshui.kernel.texts import Text


class NoSuchGoal(HuoshuiError):
    """There is no such goal in this plan, or it was deleted."""

    code = "no_such_goal"
    says = Text("There is no such goal in this plan", "计划中没有这个目标")


class NotAGoal(Said):
    """A goal, a target or a path that cannot be. ``words`` say why, ``field`` names what is wrong, or nothing."""

    code = "not_a_goal"

    def __init__(
        self, words: Text, *, field: str = "", received: str = "", valid: str = "", next_step: str = ""
    ) -> None:
        self.field = field
        super().__init__(words, received=received, valid=valid, next_step=next_step)


class CannotSplit(Said):
    """A goal that cannot be split so. ``words`` say why."""

    code = "cannot_split"

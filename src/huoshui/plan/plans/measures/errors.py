"""What is refused of measures."""

from __future__ import annotations

from huoshui.kernel.errors import HuoshuiError, Said
from huoshui.kernel.texts import Text


class NoSuchMeasure(HuoshuiError):
    """There is no such measure in this plan, or it was removed."""

    code = "no_such_measure"
    says = Text("There is no such measure in this plan", "计划中没有这项措施")


class NotAMeasure(Said):
    """A measure that cannot be. ``words`` say why, ``field`` names what is wrong, or nothing."""

    code = "not_a_measure"

    def __init__(
        self, words: Text, *, field: str = "", received: str = "", valid: str = "", next_step: str = ""
    ) -> None:
        self.field = field
        super().__init__(words, received=received, valid=valid, next_step=next_step)

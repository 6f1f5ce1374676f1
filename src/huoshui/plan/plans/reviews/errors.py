"""What is refused of reviews."""

from __future__ import annotations

from huoshui.kernel.errors import HuoshuiError, Said
from huoshui.kernel.texts import Text


class NoSuchReview(HuoshuiError):
    """There is no such review of this plan."""

    code = "no_such_review"
    says = Text("There is no such review of this plan", "计划中没有这次复盘")


class NotAReview(Said):
    """A rhythm, a day, a decision that cannot be. ``words`` say why, in both languages."""

    code = "not_a_review"


class ReviewClosed(HuoshuiError):
    """What was held or skipped stays as it is."""

    code = "review_closed"
    says = Text("This review was held or skipped already", "这次复盘已举行或已跳过")

"""What alerts refuse."""

from __future__ import annotations

from huoshui.kernel.errors import HuoshuiError, Said
from huoshui.kernel.texts import Text


class NotAnAlert(Said):
    """A line that a metric cannot leave, or that nobody could be told of."""

    code = "not_an_alert"


class NoSuchAlert(HuoshuiError):
    """There is no alert of this number."""

    code = "no_such_alert"
    says = Text("There is no such alert", "没有这个预警")


class NotYourAlert(HuoshuiError):
    """An alert that somebody else asked for."""

    code = "not_your_alert"
    says = Text("Somebody else asked for this alert", "这个预警由其他同事设置")

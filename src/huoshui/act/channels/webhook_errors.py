"""What webhooks refuse."""

from __future__ import annotations

from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.texts import Text


class NoSuchEndpoint(HuoshuiError):
    """There is no webhook of this number."""

    code = "no_such_webhook"
    says = Text("There is no such webhook", "没有这个 webhook")


class NoSuchDelivery(HuoshuiError):
    """There is no delivery of this number that could be sent again."""

    code = "no_such_delivery"
    says = Text("There is no such delivery to send again", "没有这条可重发的投递")


class NotAnEndpoint(HuoshuiError):
    """A value that a webhook cannot have. ``field`` names it."""

    code = "not_a_webhook"

    def __init__(self, field: str, says: Text, *, received: str = "", valid: str = "") -> None:
        self.field = field
        self.words = says
        super().__init__(says.en, received=received, valid=valid)

"""Why something about channels is refused."""

from __future__ import annotations

from huoshui.kernel.errors import HuoshuiError, Said
from huoshui.kernel.texts import Text


class NoSuchSender(HuoshuiError):
    """Nobody of this name may be sent as."""

    code = "no_such_sender"
    says = Text("There is no such sender", "没有这个发件人")


class NotASender(Said):
    """What was typed makes no sender of e-mail."""

    code = "not_a_sender"


class NotAMailSetting(Said):
    """What was typed cannot be how e-mail is sent."""

    code = "not_a_mail_setting"


class NotAnAddress(HuoshuiError):
    """This is no e-mail address."""

    code = "not_an_address"
    says = Text("This is no e-mail address", "这不是电子邮箱地址")


class NoSuchUnreachable(HuoshuiError):
    """No address of this number is kept from getting e-mail."""

    code = "no_such_unreachable"
    says = Text("This address is not kept from getting e-mail", "这个地址没有被停发")

"""What the verbs of colleagues refuse."""

from __future__ import annotations

from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.texts import Text


class NoSuchUser(HuoshuiError):
    """Nobody (active) has this id."""

    code = "no_such_user"
    says = Text("There is no such colleague", "没有这位同事")


class NoSuchTeam(HuoshuiError):
    """No team has this id."""

    code = "no_such_team"
    says = Text("There is no such team", "没有这个团队")


class NotAnEmail(HuoshuiError):
    """A text that is no e-mail address."""

    code = "not_an_email"
    says = Text("This is not an e-mail address", "这不是邮箱地址")


class NameMissing(HuoshuiError):
    """A colleague or team needs a name that others can read."""

    code = "name_missing"
    says = Text("A name is needed", "需要填写名称")


class EmailTaken(HuoshuiError):
    """Another colleague signs in with this address."""

    code = "email_taken"
    says = Text("A colleague with this address is here already", "已有同事使用这个邮箱")


class NotARole(HuoshuiError):
    """There is no such role, scope, language or right."""

    code = "not_a_role"
    says = Text("This cannot be chosen here", "这里没有这个选项")


class LastAdministrator(HuoshuiError):
    """The house would be left without an administrator."""

    code = "last_administrator"
    says = Text("This is the last administrator of the house", "这是最后一位管理员")


class WrongLink(HuoshuiError):
    """A link that was altered, used before, taken back, or is too old."""

    code = "wrong_link"
    says = Text(
        "This link does not work any more: it was used, is too old, or was not copied whole",
        "这个链接已失效：可能已用过、已过期，或没有复制完整",
    )


class WeakPassword(HuoshuiError):
    """A password that others guess. ``problems`` says why, in the language of the reader."""

    code = "weak_password"
    says = Text("This password is too easy to guess", "这个密码太容易被猜到")

    def __init__(self, problems: list[str]) -> None:
        super().__init__("This password cannot be used", valid="12 to 128 characters that nobody guesses")
        self.problems = problems


class WrongPassword(HuoshuiError):
    """E-mail and password, or the code, do not belong together. Which of them is wrong is not said."""

    code = "wrong_password"
    says = Text("This is not right. Check what you typed and try again", "不正确。请检查后重试")


class TooManyTries(HuoshuiError):
    """Something was tried too often in a short time; ``seconds`` says how long to wait."""

    code = "too_many_tries"
    says = Text("Too many tries in a short time", "短时间内尝试太多次")

    def __init__(self, seconds: int) -> None:
        super().__init__("Too many tries in a short time", next_step=f"Try again in {seconds} seconds")
        self.seconds = seconds


class WrongToken(HuoshuiError):
    """A token of the API that is unknown, expired, revoked, or whose owner is no longer active."""

    code = "wrong_token"
    says = Text("This token is not valid", "这个令牌无效")


class NotYourself(HuoshuiError):
    """Something that one cannot do to oneself."""

    code = "not_yourself"
    says = Text("You cannot do this to yourself", "不能对自己这样做")

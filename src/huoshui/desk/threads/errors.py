"""What is refused of comments, files, versions and sign-offs."""

from __future__ import annotations

from huoshui.kernel.errors import HuoshuiError, NotAllowed
from huoshui.kernel.texts import Text


class NoSuchComment(HuoshuiError):
    """There is no such comment, or the actor may not see what it is about."""

    code = "no_such_comment"
    says = Text("There is no such comment", "没有这条评论")


class NoSuchMention(HuoshuiError):
    """There is no such mention of the actor."""

    code = "no_such_mention"
    says = Text("There is no such mention of you", "没有这条提到你的记录")


class NotAComment(HuoshuiError):
    """A text that cannot be a comment."""

    code = "not_a_comment"
    says = Text("A comment needs words, and has at most 5,000 characters", "评论不能为空，最多 5,000 字")


class NotYours(NotAllowed):
    """Only who wrote something may change it."""

    code = "not_yours"
    says = Text("Only who wrote this may change it", "只有本人可以修改")


class CommentChanged(HuoshuiError):
    """The comment is no longer what the editor saw."""

    code = "comment_changed"
    says = Text("This comment has changed since you opened it", "打开之后这条评论已被修改")


class NoSuchFile(HuoshuiError):
    """There is no such file, or the actor may not see what it belongs to."""

    code = "no_such_file"
    says = Text("There is no such file", "没有这个文件")


class NotAFile(HuoshuiError):
    """A file that is not taken. ``words`` say why, in both languages."""

    code = "not_a_file"

    def __init__(self, words: Text, *, received: str = "", valid: str = "") -> None:
        self.words = words
        super().__init__(words.en, received=received, valid=valid)


class NoSuchVersion(HuoshuiError):
    """There is no such version of this."""

    code = "no_such_version"
    says = Text("There is no such version", "没有这个版本")


class NotAContent(HuoshuiError):
    """Something that cannot be kept as a version."""

    code = "not_a_content"


class NoSuchSignOff(HuoshuiError):
    """There is no such request for a sign-off."""

    code = "no_such_sign_off"
    says = Text("There is no such request", "没有这个审批请求")


class NotASignOff(HuoshuiError):
    """A request or answer that cannot be. ``words`` say why, in both languages."""

    code = "not_a_sign_off"

    def __init__(self, words: Text, *, received: str = "", next_step: str = "") -> None:
        self.words = words
        super().__init__(words.en, received=received, next_step=next_step)

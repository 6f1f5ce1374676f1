"""What is refused of boards."""

from __future__ import annotations

from collections.abc import Sequence

from huoshui.desk.threads.differences import Change
from huoshui.kernel.errors import HuoshuiError, NotAllowed
from huoshui.kernel.texts import Text


class NoSuchBoard(HuoshuiError):
    """There is no such board, or the actor may not see it."""

    code = "no_such_board"
    says = Text("There is no such board", "没有这个看板")


class NotYourBoard(NotAllowed):
    """Only the owner of a board, or who manages the house, may do this with it."""

    code = "not_your_board"
    says = Text("Only the owner of a board may do this", "只有看板的所有者可以这样做")


class NotABoard(HuoshuiError):
    """A board that cannot be. ``words`` say why, in both languages."""

    code = "not_a_board"

    def __init__(self, words: Text, *, received: str = "") -> None:
        self.words = words
        super().__init__(words.en, received=received)


class BoardChanged(HuoshuiError):
    """Somebody saved the board meanwhile: ``by`` whom, as which ``version``, and what they ``changed``."""

    code = "board_changed"
    says = Text("Somebody has saved this board meanwhile", "有同事在此期间保存了这个看板")

    def __init__(self, *, by: str, version: int, changes: Sequence[Change]) -> None:
        self.by, self.version, self.changes = by, version, changes
        super().__init__(
            "Somebody has saved this board meanwhile",
            received=f"changes to an older version than {version}",
            next_step="Look at what changed and save again",
        )


class NotASubscription(HuoshuiError):
    """A subscription that cannot be."""

    code = "not_a_subscription"
    says = Text("A board cannot be sent so", "看板不能这样发送")


class NoSuchSubscription(HuoshuiError):
    """The link of a letter is of no subscription; maybe it was ended already."""

    code = "no_such_subscription"
    says = Text("This subscription has already been ended", "这项订阅已经取消")

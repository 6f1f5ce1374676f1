"""What the room of segments refuses."""

from __future__ import annotations

from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.texts import Text


class BadRule(HuoshuiError):
    """A rule, or a clause of one, means nothing. ``path`` says which: ``all[1].any[0]``; empty for the whole rule."""

    code = "bad_rule"
    says = Text("This rule cannot be understood", "这条规则无法理解")

    def __init__(self, problem: str, *, path: str = "", received: str = "", valid: str = "") -> None:
        super().__init__(
            f"{problem} (clause {path})" if path else problem,
            received=received,
            valid=valid,
            next_step="Correct the clause; nothing was changed",
        )
        self.path = path


class NoSuchSegment(HuoshuiError):
    """A segment that nobody made."""

    code = "no_such_segment"
    says = Text("There is no such segment", "没有这个分群")


class SegmentNameTaken(HuoshuiError):
    """A segment of this name is there already."""

    code = "segment_name_taken"
    says = Text("A segment of this name is there already", "已有同名的分群")


class SegmentInUse(HuoshuiError):
    """Other segments speak of this one."""

    code = "segment_in_use"
    says = Text("Other segments build on this one", "其他分群还在使用它")


class SegmentChanged(HuoshuiError):
    """Somebody else changed the segment since it was opened."""

    code = "segment_changed"
    says = Text("Somebody changed this segment in the meantime", "期间有人修改过这个分群")

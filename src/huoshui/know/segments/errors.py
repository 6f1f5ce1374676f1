"""What the room of segments refuses."""

from __future__ import annotations

import re

from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.texts import Text

PROBLEMS = {
    "A clause is an object": "条件应是一个对象",
    "A clause says one thing": "一个条件只说一件事，请选择条件对象",
    "A condition names a property": "属性条件要写明属性",
    "A group has at least one clause": "条件组至少要有一个条件",
    "A time is first or last": "时间只能是首次或最近一次",
    "A window has days or hours": "时间窗口只能用天或小时之一",
    "Between takes two values, the lower one first": "“在…之间”需要两个值，小的在前",
    "Conditions are a list": "属性条件应是一个列表",
    "Consent is granted or withdrawn": "同意只能是已同意或已撤回",
    "It cannot be compared so": "不能这样比较，请选择比较方式",
    "It is not said what to compare with": "没有写明与什么比较",
    "It is not said within how many days": "没有写明在多少天或小时之内",
    "Nothing is compared with empty": "“没有值”不与任何值比较",
    "Only days have parts that can be compared": "只有日期可以比较其中一部分",
    "Segments lead in a circle": "分群相互引用成了循环",
    "The clause says something that is not understood": "条件中有无法理解的内容",
    "The clauses are nested too deep": "条件嵌套过深",
    "The condition says too much": "属性条件中有多余的内容",
    "The rule has too many clauses": "规则的条件过多",
    "There is no such attribute": "没有这个属性",
    "There is no such list": "没有这份名单",
    "There is no such property": "没有这个事实属性",
    "There is no such segment": "没有这个分群",
    "There is no such trait": "没有这个特征",
    "There is no such value": "没有这个取值",
    "This cannot be measured": "不能统计这个量",
    "This cannot be said together with then": "先后发生的条件不能再带这些内容",
    "This is longer than the form takes": "内容超出了表单的上限，请改用程序或文件",
    "This is neither true nor false": "只能填是或否",
    "This is no event": "没有填写事件",
    "This is no list": "这不是名单编号",
    "This is no list of values": "这不是一组值",
    "This is no name": "没有填写名称",
    "This is no name of a segment": "这不能作为分群名称",
    "This is no number of days": "这不是天数",
    "This is no number of hours": "这不是小时数",
    "This is no purpose": "没有这个用途",
    "This is no text to compare with": "没有填写要比较的文本",
    "This is not a day": "这不是日期",
    "This is not a number": "这不是数字",
    "This number is too large or too long": "这个数字过大或位数过多",
}
"""What is wrong with a clause → the same in Chinese."""

VALID = (
    (
        r"1 to (\d+) letters; op empty finds those without a value",
        r"1 到 \1 个字；没有值的客户用“没有值”比较",
    ),
    (r"1 to (\d+) letters", r"1 到 \1 个字"),
    (r"1 to (\d+) values", r"1 到 \1 个值"),
    (r"1 to (\d+)", r"1 到 \1"),
    (r"at most (\d+) digits before the point and (\d+) behind it", r"小数点前至多 \1 位、后至多 \2 位"),
    (r"at most (\d+) levels", r"至多 \1 层"),
    (r"at most (\d+)", r"至多 \1 个"),
    (r"a number such as (.+)", r"数字，例如 \1"),
    (r"a day such as (.+)", r"日期，例如 \1"),
    (r"of days: (.+)", r"仅日期可用：\1"),
    (r"the name of an event", "事件名称"),
    (r"the number of a list", "名单编号"),
    (r"a text", "文本"),
)
"""What would be valid → the same in Chinese, where it is not a list of codes."""
LONGEST_VALID = 300


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

    @property
    def words(self) -> Text:
        """What is wrong and what would be valid, without the clause."""
        problem, valid = self._plain, self.valid[:LONGEST_VALID]
        zh = next((re.sub(en, zh, valid) for en, zh in VALID if re.fullmatch(en, valid)), valid)
        return Text(f"{problem.en}: {valid}", f"{problem.zh}：{zh}") if valid else problem

    @property
    def named(self) -> Text:
        """What is wrong with which clause."""
        return Text(self.problem, f"{self._plain.zh}（条件 {self.path}）" if self.path else self._plain.zh)

    @property
    def _plain(self) -> Text:
        problem = self.problem.removesuffix(f" (clause {self.path})")
        return Text(problem, PROBLEMS.get(problem, f"{self.says.zh}（{problem}）"))


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


class NotAMove(HuoshuiError):
    """A group of those who entered or left that means nothing."""

    code = "not_a_move"
    says = Text("Nobody entered or left a segment so", "没有这样的进入或离开分群")


class SegmentBuiltIn(HuoshuiError):
    """Segments that ship with the house cannot be changed or put away."""

    code = "segment_built_in"
    says = Text("This segment ships with the house and stays as it is", "这是内置分群，不能修改")

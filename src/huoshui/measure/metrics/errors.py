"""What the evaluator refuses."""

from __future__ import annotations

from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.texts import Text


class UnknownMetric(HuoshuiError):
    """A metric that nobody declared."""

    code = "unknown_metric"
    says = Text("There is no such metric", "没有这个指标")


class UnknownDimension(HuoshuiError):
    """A dimension that does not exist, or that a metric cannot be split by."""

    code = "unknown_dimension"
    says = Text("Figures cannot be split or cut by this", "数字不能按这一项拆分或筛选")


class UnknownValue(HuoshuiError):
    """A value that a dimension cannot have."""

    code = "unknown_value"
    says = Text("This dimension has no such value", "这一项没有这个取值")


class EmptyPeriod(HuoshuiError):
    """A period that ends before it starts."""

    code = "empty_period"
    says = Text("This period has no days", "这段时间里没有一天")

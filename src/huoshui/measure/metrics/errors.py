"""What the evaluator refuses."""

from __future__ import annotations

from huoshui.kernel.errors import HuoshuiError, Said
from huoshui.kernel.texts import Text


class UnknownMetric(HuoshuiError):
    """A metric that nobody declared."""

    code = "no_such_metric"
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


class NotACell(HuoshuiError):
    """An address of a figure that cannot be read."""

    code = "not_a_figure"
    says = Text("This is not a figure", "这不是一个数字")


class TooManyPeriods(HuoshuiError):
    """More points than a page can show."""

    code = "too_many_periods"
    says = Text("These days have too many such periods", "这段时间里这样的周期太多了")


class UnknownGrain(HuoshuiError):
    """A length of periods that there is not."""

    code = "unknown_grain"
    says = Text("There is no such length of periods", "没有这样的时间粒度")


class TooManyDimensions(HuoshuiError):
    """More dimensions than a table can be split by."""

    code = "too_many_dimensions"
    says = Text("A table is split by two dimensions at most", "一张表最多按两个维度拆分")


class NotADefinition(Said):
    """A definition of a metric that says nothing that can be computed."""

    code = "not_a_definition"


class BrokenMetric(Said):
    """A metric somebody defined that needs what is no longer there."""

    code = "broken_metric"


class NotAMetric(Said):
    """A name, label or the like that a metric cannot have."""

    code = "not_a_metric"


class MetricChanged(Said):
    """Somebody else has saved the metric since it was opened."""

    code = "metric_changed"


class NoSuchDefinition(UnknownMetric):
    """A metric that nobody defined, or that the house brings along and nobody can change."""

    says = Text("Nobody has defined this metric", "没有人定义过这个指标")


class NotAnEntry(Said):
    """A value that cannot be entered."""

    code = "not_an_entry"


class NoSuchEntry(HuoshuiError):
    """A value that nobody entered, or that is withdrawn already."""

    code = "no_such_entry"
    says = Text("There is no such value", "没有这个录入值")

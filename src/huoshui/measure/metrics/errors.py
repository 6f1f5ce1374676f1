"""What the evaluator refuses."""

from __future__ import annotations

from huoshui.kernel.errors import HuoshuiError


class UnknownMetric(HuoshuiError):
    """A metric that nobody declared."""

    code = "unknown_metric"


class UnknownDimension(HuoshuiError):
    """A dimension that does not exist, or that a metric cannot be split by."""

    code = "unknown_dimension"


class UnknownValue(HuoshuiError):
    """A value that a dimension cannot have."""

    code = "unknown_value"


class EmptyPeriod(HuoshuiError):
    """A period that ends before it starts."""

    code = "empty_period"

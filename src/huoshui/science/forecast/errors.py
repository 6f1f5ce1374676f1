"""What forecasting refuses."""

from __future__ import annotations

from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.texts import Text


class NotASeries(HuoshuiError):
    """Values that are no equally spaced series of numbers."""

    code = "not_a_series"
    says = Text("A forecast needs a number for every period", "预测要求每个周期都有数值")


class TooFewValues(HuoshuiError):
    """A series too short to say anything of what comes."""

    code = "too_few_values"
    says = Text("There are too few periods for a forecast", "周期太少，无法预测")

"""What the models of customer value refuse."""

from __future__ import annotations

from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.texts import Text


class NotASummary(HuoshuiError):
    """Purchase histories that cannot have happened: a last purchase after the end, a negative number of them."""

    code = "not_a_purchase_summary"
    says = Text("These purchase histories cannot be right", "这些购买记录不可能成立")


class NotEnoughPurchases(HuoshuiError):
    """Too little has been bought to learn anything from."""

    code = "not_enough_purchases"
    says = Text("There are not enough purchases to learn from", "购买记录太少，无法得出结论")


class NotFitted(HuoshuiError):
    """A model was asked before it had parameters."""

    code = "not_fitted"
    says = Text("This model has not been trained yet", "该模型尚未训练")

"""What the reading of experiments refuses."""

from __future__ import annotations

from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.texts import Text


class NotASample(HuoshuiError):
    """Outcomes that cannot be read: missing values, shares outside 0 to 1, arms that do not fit their covariate."""

    code = "not_a_sample"
    says = Text("These outcomes cannot be read", "这些结果无法读取")


class NotEnoughPeople(HuoshuiError):
    """Too few people, or too few of them did anything, to say how sure a difference is."""

    code = "not_enough_people"
    says = Text("It cannot be known yet: too few people", "人数太少，暂时无法判断")

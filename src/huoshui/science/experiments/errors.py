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


class TooFew(NotEnoughPeople):
    """Most people of an arm have nothing, too few something, and losses outweigh gains: no interval is known to hold.

    ``treated`` and ``control`` are how many have something, ``needed`` how many it takes in each arm.
    """

    says = Text("It cannot be known yet: too few people have anything", "有数值的人太少，暂时无法判断")

    def __init__(self, *, treated: int, control: int, needed: int) -> None:
        self.treated, self.control, self.needed = treated, control, needed
        super().__init__(
            f"Too few people have anything for a mean that can be believed: it takes {needed} in each arm",
            received=f"{treated} treated, {control} in the control group",
            next_step="Read the share of people instead, or wait until more have bought",
        )

"""What the room of experiments refuses."""

from __future__ import annotations

from huoshui.kernel.errors import HuoshuiError, Said
from huoshui.kernel.texts import Text


class NotAResult(Said):
    """A table or a choice of its columns that no experiment can be read from."""

    code = "not_a_result"


class NoSuchExperiment(HuoshuiError):
    """A number that no experiment has."""

    code = "no_such_experiment"
    says = Text("There is no such experiment", "没有这个实验")


class NoSuchTotal(HuoshuiError):
    """Nobody is left out of everything: what everything together added is known no other way."""

    code = "no_such_total"
    says = Text(
        "There is no global control group, so nobody can say what everything together added",
        "还没有全局对照组，无法得知全部触达合计带来的增量",
    )

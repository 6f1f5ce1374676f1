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

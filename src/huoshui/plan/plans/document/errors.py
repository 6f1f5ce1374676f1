"""What is refused of the document of a plan."""

from __future__ import annotations

from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.texts import Text


class NoSuchBlock(HuoshuiError):
    """There is no such block in this plan; maybe a colleague removed it."""

    code = "no_such_block"
    says = Text("There is no such block in this plan any more", "计划里已没有这个区块")


class NoSuchPart(HuoshuiError):
    """There is no such part in this plan."""

    code = "no_such_part"
    says = Text("There is no such part in this plan any more", "计划里已没有这一部分")


class NoSuchTemplate(HuoshuiError):
    """There is no such template to begin a plan from."""

    code = "no_such_template"
    says = Text("There is no such template", "没有这个模板")

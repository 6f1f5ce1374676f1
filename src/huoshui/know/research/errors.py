"""What is refused of research."""

from __future__ import annotations

from huoshui.kernel.errors import HuoshuiError, Said
from huoshui.kernel.texts import Text


class NotResearch(Said):
    """Something without name or source, or with values that mean nothing. ``words`` say why."""

    code = "not_research"


class NoSuchResearch(HuoshuiError):
    """There is nothing of this number."""

    code = "no_such_research"
    says = Text("There is no such entry", "没有这条研究记录")


class ResearchChanged(HuoshuiError):
    """Somebody else has saved it since it was opened."""

    code = "research_changed"
    says = Text(
        "Somebody else has saved this meanwhile. Nothing of yours is stored yet: compare, and save again.",
        "其他人在你编辑期间保存了这条记录。你写的内容尚未保存：请核对后再次保存。",
    )

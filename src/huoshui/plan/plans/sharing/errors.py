"""What is refused of links to plans."""

from __future__ import annotations

from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.texts import Text


class NoSuchLink(HuoshuiError):
    """There is no such link, it has expired, it was ended, or its plan was deleted: the reader is not told which."""

    code = "no_such_link"
    says = Text("This link is not valid, or no longer", "这个链接无效或已失效")

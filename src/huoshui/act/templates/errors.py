"""What the room of templates refuses."""

from __future__ import annotations

from collections.abc import Sequence

from huoshui.desk.threads.differences import Change
from huoshui.kernel.errors import HuoshuiError, Said
from huoshui.kernel.texts import Text


class NotATemplate(Said):
    """Words that cannot be sent as they stand: a field that there is not, a link to nowhere, nothing at all."""

    code = "not_a_template"


class NoSuchTemplate(HuoshuiError):
    """There is no template of this number."""

    code = "no_such_template"
    says = Text("There is no such template", "没有这个模板")


class TemplateChanged(HuoshuiError):
    """Somebody else has saved the template since it was opened; ``changes`` are theirs."""

    code = "template_changed"
    says = Text(
        "Somebody else has saved this template meanwhile. Nothing of yours is lost and nothing is stored yet.",
        "其他人在你编辑期间保存了这个模板。你写的内容都在，尚未保存。",
    )

    def __init__(self, *, by: str, version: int, changes: Sequence[Change]) -> None:
        self.by, self.version, self.changes = by, version, changes
        super().__init__(
            "The template was saved by somebody else",
            received=f"version {version} by {by}",
            next_step="Look at what changed, take over what is right, and save again",
        )


class NoSuchLink(HuoshuiError):
    """An address that this house never made, or one that it has forgotten."""

    code = "no_such_link"
    says = Text("This link leads nowhere", "这个链接无效")

"""What the script library refuses."""

from __future__ import annotations

from huoshui.kernel.errors import HuoshuiError, Said
from huoshui.kernel.texts import Text


class NotAScript(Said):
    """A script without words, or for a stage or a segment that there is not."""

    code = "not_a_script"


class NoSuchScript(HuoshuiError):
    """There is no script of this number."""

    code = "no_such_script"
    says = Text("There is no such script", "没有这条话术")


class ScriptChanged(HuoshuiError):
    """Somebody else has saved the script since it was opened."""

    code = "script_changed"
    says = Text(
        "Somebody else has saved this script meanwhile. Nothing of yours is stored yet: compare, and save again.",
        "其他人在你编辑期间保存了这条话术。你写的内容尚未保存：请核对后再次保存。",
    )

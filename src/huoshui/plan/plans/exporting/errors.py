"""What is refused of snapshots and exports."""

from __future__ import annotations

from huoshui.kernel.errors import HuoshuiError, Said
from huoshui.kernel.texts import Text


class NoSuchSnapshot(HuoshuiError):
    """The plan has no snapshot of this number."""

    code = "no_such_snapshot"
    says = Text("There is no such snapshot", "没有这个快照")


class NotAnExport(Said):
    """A plan is not exported in this way: another kind of file, or another language."""

    code = "not_an_export"

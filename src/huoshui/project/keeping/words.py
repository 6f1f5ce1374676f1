"""How people are told that a house is fenced."""

from __future__ import annotations

from huoshui.kernel.texts import Text

FENCES = {
    "restored": Text(
        "this house was restored from a backup: it shows data and sends nothing until you run huoshui unfence",
        "此组织由备份恢复：只显示数据，不发送任何消息；确认后请运行 huoshui unfence",
    ),
    "copied": Text(
        "this house is a copy: it shows data and sends nothing until you run huoshui unfence",
        "此组织是一份副本：只显示数据，不发送任何消息；确认后请运行 huoshui unfence",
    ),
}
"""By why: see `huoshui.desk.organisation.queries.Fence`."""

"""The states of jobs in words, with their tones."""

from __future__ import annotations

from huoshui.kernel.texts import Text
from huoshui.web.lists import Tone

STATES: dict[str, tuple[Text, Tone]] = {
    "waiting": (Text("waiting", "等待中"), "info"),
    "running": (Text("running", "进行中"), "info"),
    "done": (Text("done", "已完成"), "good"),
    "failed": (Text("failed", "失败"), "bad"),
    "cancelled": (Text("cancelled", "已取消"), ""),
}

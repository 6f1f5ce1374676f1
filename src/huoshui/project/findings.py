"""What looking an installation over tells; damage of the lake in words: what it is, which days, what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from huoshui.kernel.texts import Text

if TYPE_CHECKING:  # its models need Django, which is looked at first
    from huoshui.lake.examining import Damage, Kind

LAKE = Text("lake", "数据湖")
RESTORE = Text(
    "Bring the house back from a backup made before: huoshui restore",
    "请用之前的备份恢复：huoshui restore",
)
REFRESH = Text(
    "Nothing is lost: huoshui refresh computes this table anew",
    "数据并未丢失：运行 huoshui refresh 即可重新计算此表",
)
POINTER = Text(
    "Nothing is lost: remove this file; it only points to a checkpoint, and tables are read without it",
    "数据并未丢失：删除此文件即可；它只指向一个检查点，没有它也能读取",
)
COPY_BACK = Text(
    "Put these files back from a backup (under one name a file of the lake never changes, so any backup that has them "
    "will do), or bring the whole house back: huoshui restore",
    "请从备份中取回这些文件（数据湖中同名文件的内容从不改变，任一含有它们的备份均可），或恢复整个组织：huoshui restore",
)

WORDS: dict[Kind, Text] = {
    "log unreadable": Text("the log of {table} cannot be read", "表 {table} 的日志无法读取"),
    "log changed": Text(
        "{n} files of the log of {table} are not as they were written",
        "表 {table} 的日志中有 {n} 个文件与写入时不一致",
    ),
    "commits lost": Text(
        "the newest changes of {table} are gone from its log", "表 {table} 的最新变更已从日志中丢失"
    ),
    "missing": Text("{n} files of {table} are missing", "表 {table} 缺少 {n} 个文件"),
    "cut short": Text("{n} files of {table} do not have their size", "表 {table} 有 {n} 个文件大小不符"),
    "changed": Text(
        "{n} files of {table} are not as they were written", "表 {table} 有 {n} 个文件与写入时不一致"
    ),
    "unreadable": Text("{n} files of {table} cannot be read", "表 {table} 有 {n} 个文件无法读取"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. There is no ``next_step`` where all is in order."""

    slug: str
    title: Text
    in_order: bool
    text: Text
    next_step: Text | None = None


def explain(damage: Damage) -> Finding:
    """``damage`` in words."""
    words = WORDS[damage.kind]
    en = words.en.format(n=len(damage.files), table=damage.table)
    zh = words.zh.format(n=len(damage.files), table=damage.table)
    if damage.files:
        en, zh = en + f", the first is {damage.files[0]}", zh + f"，第一个是 {damage.files[0]}"
    if damage.days:
        first, last = damage.days
        en, zh = en + f"; days concerned: {first} to {last}", zh + f"；涉及日期：{first} 至 {last}"
    elif damage.kind in ("log unreadable", "commits lost"):
        en, zh = en + "; days concerned: any", zh + "；涉及日期：可能是任何一天"
    if damage.came_with:
        listed = "; ".join(damage.came_with[:5])
        en, zh = en + f"; written by: {listed}", zh + f"；写入自：{listed}"
    if damage.detail and damage.kind in ("log unreadable", "unreadable"):
        en, zh = en + f" ({damage.detail})", zh + f"（{damage.detail}）"
    return Finding("lake", LAKE, False, Text(en, zh), next_step(damage))


def next_step(damage: Damage) -> Text:
    """What to do about ``damage``."""
    if damage.files and all(name.endswith("/_last_checkpoint") for name in damage.files):
        return POINTER
    if damage.table == "traits" and damage.kind not in ("log unreadable", "log changed", "commits lost"):
        return REFRESH
    return RESTORE if damage.kind == "commits lost" else COPY_BACK

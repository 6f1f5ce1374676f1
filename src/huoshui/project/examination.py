"""Looking an installation over: each finding says whether it is in order and, where not, what to do next.

Looks only: nothing is set up, migrated or repaired on the way.
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from huoshui import __version__
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.texts import Text
from huoshui.project import desk_findings, setting_up
from huoshui.project.findings import LAKE, RESTORE, Finding, explain
from huoshui.project.keeping.words import FENCES

LEAST_SPACE = 1024**3
RIGHT_TO_WRITE = Text("Give this user the right to write there", "请给予当前用户在此处写入的权限")
OLDEST_PYTHON = (3, 11)


def examine(*, deep: bool = False) -> Iterator[Finding]:
    """All findings, from the ground up; stops where what comes next cannot be looked at.

    ``deep``: reads every byte of both stores, which takes as long as the disk needs for that.
    """
    yield _python()
    try:
        setting_up.prepare_django()
    except HuoshuiError as error:
        yield _refused("settings", Text("settings", "设置"), error)
        return
    yield _home()
    yield _space()
    for look in (_database, _house):
        finding = look(deep)
        yield finding
        if not finding.in_order:
            return
    found = list(_lake(deep))
    yield from found
    yield _loads()
    yield _search()
    yield from desk_findings.examine(deep=deep)
    if deep and all(finding.in_order for finding in found):
        yield _people()


def _python() -> Finding:
    engines = ", ".join(
        f"{name} {version(name)}" for name in ("django", "ibis-framework", "duckdb", "deltalake")
    )
    text = _same(f"huoshui {__version__}, Python {platform.python_version()}, {engines}")
    old = sys.version_info[:2] < OLDEST_PYTHON
    newer = Text("Install Python 3.11 or newer", "请安装 Python 3.11 或更新版本")
    return Finding("versions", Text("versions", "版本"), not old, text, newer if old else None)


def _home() -> Finding:
    home = _home_folder()
    title = Text("home", "主目录")
    if not home.is_dir():
        return Finding(
            "home",
            title,
            False,
            Text(f"{home} is not there", f"{home} 不存在"),
            Text(
                "Set the house up with huoshui init, or set HUOSHUI_HOME",
                "请用 huoshui init 创建，或设置 HUOSHUI_HOME",
            ),
        )
    if not os.access(home, os.W_OK | os.X_OK):
        return Finding(
            "home", title, False, Text(f"{home} cannot be written", f"{home} 不可写"), RIGHT_TO_WRITE
        )
    return Finding("home", title, True, _same(str(home)))


def _space() -> Finding:
    folder = next(f for f in (_home_folder(), *_home_folder().absolute().parents) if f.exists())
    free = shutil.disk_usage(folder).free
    enough = free >= LEAST_SPACE
    size = f"{free / 1024**3:,.1f} GiB"
    more = Text("Make space before loading more", "请先腾出空间，再继续导入")
    return Finding(
        "space",
        Text("disk space", "磁盘空间"),
        enough,
        Text(f"{size} free", f"剩余 {size}"),
        None if enough else more,
    )


def _database(deep: bool) -> Finding:
    from django.db import DatabaseError, connection

    title = Text("database", "数据库")
    file = setting_up.sqlite_file()
    if not setting_up.database_exists():
        return Finding(
            "database",
            title,
            False,
            Text(f"{file} is not there", f"{file} 不存在"),
            Text(
                "Set the house up with huoshui init, or bring a backup back with huoshui restore",
                "请用 huoshui init 创建，或用 huoshui restore 恢复备份",
            ),
        )
    try:
        pending = setting_up.pending_changes()
        damage = _damage_of(file) if deep and file is not None else ""
    except HuoshuiError as error:
        return _refused("database", title, error)
    except DatabaseError as error:
        said = _first_line(error)
        return Finding(
            "database",
            title,
            False,
            Text(f"it does not answer: {said}", f"无法使用：{said}"),
            Text(
                "Start the database server and check HUOSHUI_DATABASE_URL",
                "请启动数据库服务，并检查 HUOSHUI_DATABASE_URL",
            )
            if file is None
            else Text(
                f"Check that {file} is a database of Huoshui and can be read and written; if it is damaged, "
                "bring a backup back with huoshui restore",
                f"请检查 {file} 是活水的数据库且可读写；如已损坏，请用 huoshui restore 恢复备份",
            ),
        )
    if damage:
        return Finding(
            "database",
            title,
            False,
            Text(f"{file} is damaged: {damage}", f"{file} 已损坏：{damage}"),
            RESTORE,
        )
    kind = f"{connection.vendor} {'.'.join(map(str, connection.get_database_version()))}"
    if pending:
        return Finding(
            "database",
            title,
            False,
            Text(f"{kind}; {len(pending)} changes are pending", f"{kind}；有 {len(pending)} 项更新待执行"),
            Text(
                "Any other command applies them: huoshui imports", "运行任一其他命令即会执行：huoshui imports"
            ),
        )
    return Finding("database", title, True, Text(f"{kind}, up to date", f"{kind}，已是最新"))


def _damage_of(file: Path) -> str:
    """What SQLite finds wrong in its own file; empty where nothing is."""
    from django.db import connection

    with connection.cursor() as cursor:
        [answer] = cursor.execute("PRAGMA integrity_check(1)").fetchone()
        if answer == "ok" and (broken := cursor.execute("PRAGMA foreign_key_check").fetchone()):
            answer = f"a row of {broken[0]} points at nothing in {broken[2]}"
    return "" if answer == "ok" else str(answer)


def _house(_deep: bool) -> Finding:
    from huoshui.desk.organisation import queries

    title = Text("house", "组织")
    try:
        house = queries.current()
    except HuoshuiError as error:
        return _refused("house", title, error)
    what = f"{house.currency}", f"{house.time_zone}"
    text = Text(
        f"{'demo house' if house.demo else 'house'} with currency {what[0]} and time zone {what[1]}",
        f"{'演示组织' if house.demo else '组织'}，币种 {what[0]}，时区 {what[1]}",
    )
    if fence := queries.fence():
        because = FENCES[fence.because]
        text = Text(f"{text.en}; {because.en}", f"{text.zh}；{because.zh}")
    return Finding("house", title, True, text)


def _lake(deep: bool) -> Iterator[Finding]:
    from django.conf import settings

    from huoshui.lake import last_writer, open_lake
    from huoshui.lake.examining import find_damage

    root = Path(settings.HUOSHUI_LAKE)
    local = "://" not in str(settings.HUOSHUI_LAKE)
    if local and root.exists() and not (root.is_dir() and os.access(root, os.W_OK | os.X_OK)):
        text = Text(f"{root} is no folder that can be written", f"{root} 不是可写的目录")
        yield Finding("lake", LAKE, False, text, RIGHT_TO_WRITE)
        return
    try:
        purpose, lives = last_writer()
        lake = open_lake()
        lake.storage.tables()  # a house without data would ask its storage for nothing
        damage = find_damage(lake, deep=deep)
        if damage:
            yield from (explain(found) for found in damage)
            return
        states = lake.state()
        version = lake.snapshot().version
    except HuoshuiError as error:
        yield _refused("lake", LAKE, error)
        return
    rows, size = sum(s.rows for s in states), sum(s.size for s in states) / 1024**2
    tables = sum(1 for s in states if s.files)
    en = f"version {version}, {tables} tables with {rows:,} rows in {size:,.1f} MiB"
    zh = f"版本 {version}，{tables} 张表，{rows:,} 行，{size:,.1f} MiB"
    if deep:
        en, zh = en + "; every file is as it was written", zh + "；所有文件与写入时一致"
    if purpose and lives:
        en, zh = en + f"; being written now: {purpose}", zh + f"；正在写入：{purpose}"
    elif purpose:
        en += f"; a process was killed in the middle of: {purpose}. The next command settles it, nobody reads any of it"
        zh += f"；有进程中途被终止：{purpose}。下一条命令会自动处理，读取不受影响"
    yield Finding("lake", LAKE, True, Text(en, zh))


def _loads() -> Finding:
    from huoshui.data.connectors import queries
    from huoshui.lake import last_writer

    loads = queries.loads(actor=CONSOLE)
    counted = sum(1 for load in loads if load.state == "loaded")
    en, zh = f"{counted} loaded", f"已导入 {counted} 次"
    half = [load for load in loads if load.state in ("loading", "undoing")]
    if half:
        named = f"{half[0].load_id} ({half[0].file_name})"
        back = half[0].state == "loading"
        if last_writer()[1]:
            en += f"; load {named} is being {'loaded' if back else 'taken back'}"
            zh += f"；第 {named} 次导入正在{'载入' if back else '撤回'}"
        else:
            en += (
                f"; load {named} was interrupted while it was being "
                + ("loaded: the next command takes it back, then import the file again" if back else "")
                + ("" if back else "taken back: the next command finishes that")
            )
            zh += f"；第 {named} 次导入在{'载入' if back else '撤回'}时中断，下一条命令会" + (
                "将其撤回，之后请重新导入该文件" if back else "完成撤回"
            )
    return Finding("loads", Text("loads", "导入"), True, Text(en, zh))


def _people() -> Finding:
    """Whether both stores speak of the same people."""
    from huoshui.data.customers import queries
    from huoshui.lake import open_lake

    title = Text("customers", "客户")
    lake = open_lake()
    snapshot = lake.snapshot().embedded()
    in_lake = set(snapshot.table("customers").select("customer_id").to_pyarrow()["customer_id"].to_pylist())
    brought, all_known = queries.ids_for_lake()
    alone = len(brought - in_lake) + len(in_lake - all_known)
    if not alone:
        text = Text(f"{len(in_lake):,}, the same in both stores", f"{len(in_lake):,} 位，两处存储一致")
        return Finding("customers", title, True, text)
    return Finding(
        "customers",
        title,
        False,
        Text(f"{alone:,} are in one store only", f"{alone:,} 位只存在于一处存储"),
        Text(
            "Database and lake are not of the same moment: bring both back together with huoshui restore",
            "数据库与数据湖不属于同一时刻：请用 huoshui restore 将两者一起恢复",
        ),
    )


def _search() -> Finding:
    """Whether customers are found as they are now."""
    from huoshui.data.customers import queries

    waiting, wrong = queries.unfindable()
    title = Text("search", "搜索")
    if wrong:
        return Finding(
            "search",
            title,
            False,
            Text(
                f"{wrong} of 200 customers looked at have other words",
                f"抽查 200 位客户，其中 {wrong} 位的搜索词不符",
            ),
            Text("Make the search anew: huoshui search-again", "请重建搜索：huoshui search-again"),
        )
    waits = Text(f"{waiting:,} customers wait for a worker", f"{waiting:,} 位客户等待后台更新")
    return Finding("search", title, True, waits if waiting else Text("up to date", "已是最新"))


def _refused(slug: str, title: Text, error: HuoshuiError) -> Finding:
    text = error.problem if not error.received else f"{error.problem}: {error.received}"
    step = " ".join(
        part.rstrip(".") for part in (error.valid and f"Valid: {error.valid}.", error.next_step) if part
    )
    # Refusals are written in English; what was refused is told in both languages.
    return Finding(
        slug,
        title,
        False,
        Text(text, f"{title.zh}不可用：{text}"),
        Text(
            step or "Correct it and run huoshui doctor again",
            f"请处理后再运行 huoshui doctor。{step}",
        ),
    )


def _same(text: str) -> Text:
    """What reads alike in both languages."""
    return Text(text, text)


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__


def _home_folder() -> Path:
    from django.conf import settings

    return Path(settings.HUOSHUI_HOME)

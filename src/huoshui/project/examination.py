"""Looking an installation over: each finding says whether it is in order and, where not, what to do next.

Looks only: nothing is set up, migrated or repaired on the way.
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from huoshui import __version__
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.texts import Text
from huoshui.project import setting_up

LEAST_SPACE = 1024**3
OLDEST_PYTHON = (3, 11)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. ``next_step`` is empty where all is in order."""

    slug: str
    title: Text
    in_order: bool
    text: str
    next_step: str = ""


def examine() -> Iterator[Finding]:
    """All findings, from the ground up; stops where what comes next cannot be looked at."""
    yield _python()
    try:
        setting_up.prepare_django()
    except HuoshuiError as error:
        yield _refused("settings", Text("settings", "设置"), error)
        return
    yield _home()
    yield _space()
    for look in (_database, _house, _lake, _loads):
        finding = look()
        yield finding
        if not finding.in_order:
            return


def _python() -> Finding:
    engines = ", ".join(
        f"{name} {version(name)}" for name in ("django", "ibis-framework", "duckdb", "deltalake")
    )
    text = f"huoshui {__version__}, Python {platform.python_version()}, {engines}"
    old = sys.version_info[:2] < OLDEST_PYTHON
    return Finding(
        "versions", Text("versions", "版本"), not old, text, "Install Python 3.11 or newer" if old else ""
    )


def _home() -> Finding:
    home = _home_folder()
    title = Text("home", "主目录")
    if not home.is_dir():
        return Finding(
            "home",
            title,
            False,
            f"{home} is not there",
            "Set the house up with huoshui init, or set HUOSHUI_HOME",
        )
    if not os.access(home, os.W_OK | os.X_OK):
        return Finding(
            "home", title, False, f"{home} cannot be written", "Give this user the right to write there"
        )
    return Finding("home", title, True, str(home))


def _space() -> Finding:
    folder = next(f for f in (_home_folder(), *_home_folder().absolute().parents) if f.exists())
    free = shutil.disk_usage(folder).free
    enough = free >= LEAST_SPACE
    text = f"{free / 1024**3:,.1f} GiB free"
    return Finding(
        "space",
        Text("disk space", "磁盘空间"),
        enough,
        text,
        "" if enough else "Make space before loading more",
    )


def _database() -> Finding:
    from django.db import DatabaseError, connection

    title = Text("database", "数据库")
    file = setting_up.sqlite_file()
    if not setting_up.database_exists():
        return Finding("database", title, False, f"{file} is not there", "Set the house up with huoshui init")
    try:
        pending = setting_up.pending_changes()
    except HuoshuiError as error:
        return _refused("database", title, error)
    except DatabaseError as error:
        return Finding(
            "database",
            title,
            False,
            f"it does not answer: {_first_line(error)}",
            "Start the database server and check HUOSHUI_DATABASE_URL"
            if file is None
            else f"Check that {file} is a database of Huoshui and can be read and written",
        )
    kind = f"{connection.vendor} {'.'.join(map(str, connection.get_database_version()))}"
    if pending:
        return Finding(
            "database",
            title,
            False,
            f"{kind}; {len(pending)} changes are pending",
            "Any other command applies them: huoshui imports",
        )
    return Finding("database", title, True, f"{kind}, up to date")


def _house() -> Finding:
    from huoshui.desk.organisation import queries

    title = Text("house", "组织")
    try:
        house = queries.current()
    except HuoshuiError as error:
        return _refused("house", title, error)
    kind = "demo house" if house.demo else "house"
    return Finding(
        "house", title, True, f"{kind} with currency {house.currency} and time zone {house.time_zone}"
    )


def _lake() -> Finding:
    from django.conf import settings

    from huoshui.lake import open_lake
    from huoshui.lake.errors import LakeDamaged

    title = Text("lake", "数据湖")
    root = Path(settings.HUOSHUI_LAKE)
    if root.exists() and not (root.is_dir() and os.access(root, os.W_OK | os.X_OK)):
        return Finding(
            "lake",
            title,
            False,
            f"{root} is no folder that can be written",
            "Give this user the right to write there",
        )
    try:
        lake = open_lake()
        if missing := lake.missing_files():
            text = f"{len(missing)} files are missing, the first is {missing[0]}"
            return Finding("lake", title, False, text, "Restore the folder of the lake from a backup")
        states = lake.state()
        snapshot = lake.snapshot()
        unsettled = [
            folder.parent.name
            for folder in sorted(root.glob("*/_delta_log"))
            if lake.folder(folder.parent.name).version() > snapshot.versions.get(folder.parent.name, 0)
        ]
    except LakeDamaged as error:
        return Finding("lake", title, False, error.problem, "Restore the folder of the lake from a backup")
    except HuoshuiError as error:
        return _refused("lake", title, error)
    rows, size = sum(s.rows for s in states), sum(s.size for s in states)
    tables = sum(1 for s in states if s.files)
    text = f"version {snapshot.version}, {tables} tables with {rows:,} rows in {size / 1024**2:,.1f} MiB"
    if unsettled:
        # A writer at work looks the same; readers are not affected either way.
        text += (
            f"; being written, or left by a killed writer and settled by the next one: {', '.join(unsettled)}"
        )
    return Finding("lake", title, True, text)


def _loads() -> Finding:
    from huoshui.data.connectors import queries

    loads = queries.loads(actor=CONSOLE)
    counted = sum(1 for load in loads if load.state == "loaded")
    text = f"{counted} loaded"
    if unfinished := [load for load in loads if load.state in ("loading", "undoing")]:
        text += f"; running, or interrupted and settled by the next import: load {unfinished[0].load_id}"
    return Finding("loads", Text("loads", "导入"), True, text)


def _refused(slug: str, title: Text, error: HuoshuiError) -> Finding:
    text = error.problem if not error.received else f"{error.problem}: {error.received}"
    next_step = " ".join(
        part.rstrip(".") for part in (error.valid and f"Valid: {error.valid}.", error.next_step) if part
    )
    return Finding(slug, title, False, text, next_step or "Correct it and run huoshui doctor again")


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__


def _home_folder() -> Path:
    from django.conf import settings

    return Path(settings.HUOSHUI_HOME)

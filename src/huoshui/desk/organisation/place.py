"""Where the house lies, as far as a machine can tell a house from its copy.

A folder or a file that is moved on its disk keeps its number there (inode); what copies it makes another one. Of a
database server it is the number of the database, which restoring a dump makes anew.
"""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import connection

MACHINE_ID = Path("/etc/machine-id")
"""Made once by the installation of the system. Containers have none; their name would change with every start."""


def here() -> str:
    """The place of this house: the same as long as neither its folder nor its database has been copied."""
    parts = {"home": _number_of(Path(settings.HUOSHUI_HOME)), "database": _database(), "machine": _machine()}
    return " ".join(f"{name}:{value}" for name, value in parts.items())


def _database() -> int:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT oid FROM pg_database WHERE datname = current_database()")
            return int(cursor.fetchone()[0])
    return _number_of(Path(str(connection.settings_dict["NAME"])))


def _number_of(path: Path) -> int:
    try:
        return path.stat().st_ino
    except OSError:  # a database in memory, or a home that is not there yet
        return 0


def _machine() -> str:
    try:
        return MACHINE_ID.read_text(encoding="ascii").strip()[:40]
    except (OSError, UnicodeDecodeError):
        return ""

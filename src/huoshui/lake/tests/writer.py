"""A process that writes to the lake of a test: ``python -m huoshui.lake.tests.writer DATABASE LAKE VERB FIRST COUNT``.

``append`` publishes COUNT orders one by one, with transaction numbers; ``plain`` does it without; ``die`` is killed
between commit and publication; ``abort`` publishes and then ends as a library does that fails while Python shuts down;
``compact`` merges all files COUNT times. Each number is printed when its order is published.
"""

from __future__ import annotations

import os
import signal
import sys
import warnings
from pathlib import Path

import django
from django.conf import settings


def configure(database: str | Path) -> None:
    """Django with the lake's models in ``database``, and the facts declared."""
    warnings.simplefilter("ignore", DeprecationWarning)
    settings.configure(
        INSTALLED_APPS=["huoshui.lake", "huoshui.data.facts"],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": database,
                "OPTIONS": {"timeout": 20},
            }
        },
        USE_TZ=True,
    )
    django.setup()


def main(database: str, root: str, verb: str, first: int, count: int) -> None:
    """Write the orders ``first`` and following."""
    configure(database)
    from huoshui.lake import care
    from huoshui.lake.house import Lake
    from huoshui.lake.storage import LocalFolder
    from huoshui.lake.tests.shop import engine_settings, orders

    temporary = Path(root).parent / f"tmp {os.getpid()}"
    lake = Lake(LocalFolder(Path(root)), engine_settings(temporary))
    for number in range(first, first + count):
        if verb == "compact":
            care.compact(lake, everything=True)
            continue
        with lake.write(f"order {number}", on_crash="forward") as tx:
            mark = None if verb == "plain" else ("spool", number)
            tx.append("orders", orders({f"o{number}": number}), transaction=mark)
            if verb == "die":
                os.kill(os.getpid(), signal.SIGKILL)
        print(number, flush=True)
    if verb == "abort":
        os.abort()
    lake.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))

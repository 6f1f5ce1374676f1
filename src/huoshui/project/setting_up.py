"""Setting up: from an empty folder to a house that can be used.

Everything here may be done again at any time; what stands already stays as it is.
"""

from __future__ import annotations

import atexit
import fcntl
import gc
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from huoshui.kernel import clock
from huoshui.kernel.actors import Actor
from huoshui.kernel.errors import HuoshuiError

if TYPE_CHECKING:
    from huoshui.desk.organisation.queries import Organisation

Say = Callable[[str], None]


class HomeNotWritable(HuoshuiError):
    """The folder of the house cannot be made or written."""

    code = "home_not_writable"


class MadeByNewerVersion(HuoshuiError):
    """The database has changes that this version does not know."""

    code = "made_by_newer_version"


@dataclass(frozen=True, slots=True)
class OpenHouse:
    """A house ready for use; ``fresh`` says that it was founded just now."""

    organisation: Organisation
    fresh: bool


def prepare_django(*, make_home: bool = False) -> None:
    """Load the settings and the apps. With ``make_home`` the home is made first, where the signing key will live.

    Raises `BadSetting` and `HomeNotWritable`.
    """
    import django
    from django.conf import settings

    if not settings.configured:
        from huoshui.project import configuration

        home = configuration.read(os.environ, Path.cwd()).home
        if make_home:
            make_folder(home)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huoshui.project.settings")
    from django.apps import apps

    if not apps.ready:
        # All that is loaded here stays; looking through it for garbage again and again would be a seventh of the
        # work of a short command.
        gc.disable()
        django.setup()
        gc.freeze()
        atexit.register(gc.unfreeze)  # the engine says at the end of the process what nobody let go of
        gc.enable()
    if make_home:
        make_folder(Path(settings.HUOSHUI_HOME))


def open_house(
    *, actor: Actor, now: datetime, say: Say, found: bool = False, demo: bool = False, name: str = ""
) -> OpenHouse:
    """Make the house of the settings ready: bring its database up to date and, with ``found``, found it if need be.

    ``say`` is told, in one sentence each, what was set up. Raises `NotFounded` where there is no house and ``found``
    is not asked for, `SettingDiffers`, `AlreadyFounded`, `BadSetting`, `HomeNotWritable`, `MadeByNewerVersion`.
    """
    prepare_django(make_home=found)
    from django.conf import settings

    from huoshui.desk.organisation import queries, services

    home = Path(settings.HUOSHUI_HOME)
    if not found and not database_exists():
        # Looking would make an empty database file.
        raise queries.NotFounded(
            "There is no house here yet",
            received=str(home),
            next_step="Set it up with huoshui init, or name its folder with HUOSHUI_HOME",
        )
    with one_at_a_time(home):
        bring_up_to_date(say)
    if queries.is_founded():
        services.settle_in()
        settle_interrupted(actor, say)
        return OpenHouse(organisation=queries.current(), fresh=False)
    if not found:
        return OpenHouse(organisation=queries.current(), fresh=False)  # raises NotFounded
    organisation = services.found(
        actor=actor,
        currency=settings.HUOSHUI_CURRENCY,
        time_zone=settings.HUOSHUI_TIME_ZONE,
        now=now,
        demo=demo,
        name=name,
    )
    kind = "demo house" if demo else "house"
    say(
        f"founded a {kind} in {home}, with currency {organisation.currency} and time zone {organisation.time_zone}"
    )
    return OpenHouse(organisation=organisation, fresh=True)


def make_folder(folder: Path) -> None:
    """Make ``folder`` (for its owner only) and see that it can be written. Raises `HomeNotWritable`."""
    next_step = "Choose another folder with HUOSHUI_HOME, or give this user the right to write there"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise HomeNotWritable(
            f"The folder of the house cannot be made: {error.strerror}",
            received=str(folder),
            next_step=next_step,
        ) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise HomeNotWritable(
            "The folder of the house cannot be written", received=str(folder), next_step=next_step
        )


def sqlite_file() -> Path | None:
    """The file of the database; nothing for a database server."""
    from django.conf import settings

    database = settings.DATABASES["default"]
    return Path(database["NAME"]) if database["ENGINE"].endswith("sqlite3") else None


def database_exists() -> bool:
    """Whether there is something to connect to, as far as can be told without connecting."""
    from django.db import connection

    file = sqlite_file()
    return file is None or file.exists() or connection.connection is not None


def pending_changes() -> list[str]:
    """The database's changes of this version that have not been applied, in their order.

    Raises `MadeByNewerVersion` when the database knows changes of these apps that this version does not.
    """
    from django.apps import apps
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    ours = {config.label for config in apps.get_app_configs()}
    unknown = [
        f"{app}.{name}"
        for app, name in executor.loader.applied_migrations
        if app in ours and (app, name) not in executor.loader.disk_migrations
    ]
    if unknown:
        raise MadeByNewerVersion(
            "This house was made by a newer version of Huoshui",
            received=", ".join(sorted(unknown)[:3]),
            next_step="Update Huoshui and run the command again; nothing was changed",
        )
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]


def bring_up_to_date(say: Say) -> None:
    """Apply what is pending and say so. Raises `MadeByNewerVersion`."""
    from django.core.management import call_command
    from django.db import connection, transaction

    pending = pending_changes()
    if not pending:
        return
    fresh = not connection.introspection.table_names()
    # All of it or nothing: Django notes a change as done only after it has committed it, and a process killed in
    # between could never bring the database up to date. SQLite wants its foreign keys off before, and Django checks
    # them itself.
    connection.disable_constraint_checking()
    try:
        with transaction.atomic():
            call_command("migrate", verbosity=0, interactive=False)
    finally:
        connection.enable_constraint_checking()
    changes = "1 change" if len(pending) == 1 else f"{len(pending)} changes"
    say("set up the database" if fresh else f"brought the database up to date ({changes})")


def settle_interrupted(actor: Actor, say: Say) -> None:
    """Roll forward or back what a killed command left in the middle, and say so; nothing where a command is at work."""
    from huoshui.data.connectors import queries
    from huoshui.data.facts import queue
    from huoshui.lake import last_writer, open_lake
    from huoshui.lake.errors import LakeBusy, LakeNotWritable

    purpose, lives = last_writer()
    work = purpose or queries.interrupted() or ("facts in the queue" if queue.waiting().facts else "")
    if lives or not work:
        return
    from huoshui.data.connectors import services

    try:
        services.settle(actor=actor, lake=open_lake())
        queue.drain(lake=open_lake(), now=clock.now(), wait=0)
    except (LakeBusy, LakeNotWritable):
        return  # a command is at work, or the house can only be read, which stays possible
    say(f"settled what an interrupted command had left: {work}")


@contextmanager
def one_at_a_time(home: Path) -> Iterator[None]:
    """Two commands that start together must not change the database's tables at the same time."""
    try:
        file = (home / ".setting-up.lock").open("a")
    except OSError:  # a home that can only be read: there is nothing to set up in it
        yield
        return
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield

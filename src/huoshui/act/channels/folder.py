"""The folder to which a mail server brings what it could not deliver, in Maildir form; and the jobs of reports."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from huoshui.act.channels import hearing, reports
from huoshui.desk.jobs.kinds import KINDS, PERIODIC, JobContext, JobKind, Periodic
from huoshui.kernel.texts import Text

MOST = 500
"""Messages that are read at a time; the rest waits a minute."""


def collect(folder: Path, *, now: datetime) -> int:
    """Read what is new in a Maildir, and mark it as seen; returns how many.

    A message is moved to ``cur`` only when it was taken in, so that none is lost, and one read twice counts once.
    Raises ``OSError`` where the folder cannot be read or written.
    """
    done = folder / "cur"
    taken = 0
    for path in sorted((folder / "new").iterdir())[:MOST]:
        if path.name.startswith(".") or not path.is_file():
            continue
        with path.open("rb") as message:
            hearing.receive(message.read(reports.LARGEST), now=now)
        path.rename(done / f"{path.name.partition(':')[0]}:2,S")
        taken += 1
    return taken


def declare() -> None:
    """The job that looks into the folder, and the one that forgets old reports."""
    label = Text("Mail that came back", "退信处理")
    KINDS.declare(JobKind(slug="bounces.collect", label=label, run=_collect, quick=True, hidden=True))
    KINDS.declare(JobKind(slug="bounces.forget", label=label, run=_forget, quick=True, hidden=True))
    PERIODIC.declare(
        Periodic(slug="bounces.forget", label=label, kind="bounces.forget", every=timedelta(days=1))
    )
    if settings.HUOSHUI_BOUNCES is not None:
        PERIODIC.declare(
            Periodic(slug="bounces.collect", label=label, kind="bounces.collect", every=timedelta(minutes=1))
        )


def _collect(job: JobContext) -> None:
    if settings.HUOSHUI_BOUNCES is not None:
        collect(settings.HUOSHUI_BOUNCES, now=job.now)


def _forget(job: JobContext) -> None:
    hearing.forget(now=job.now)

"""Reading an experiment from a table of results, putting it away, bringing it back."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import transaction

from huoshui.desk.audit import services as audit
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.texts import Text
from huoshui.measure.experiments import results
from huoshui.measure.experiments.errors import NoSuchExperiment, NotAResult
from huoshui.measure.experiments.models import Experiment
from huoshui.measure.experiments.results import Asked

LONGEST_NAME, LONGEST_NOTE = 120, 500


def read(
    *, actor: Actor, name: str, path: Path, asked: Asked, note: str = "", file_name: str = "", now: datetime
) -> int:
    """Read the experiment whose results stand in the file ``path``, one row per person; its number.

    Kept are sums of each arm, never a person. Raises `NotAResult`, `FileRefused`, `NotAllowed`; then nothing is kept.
    """
    actor.require(Right.EXPERIMENTS_EDIT)
    name, note = name.strip(), note.strip()
    require_name(name)
    if len(note) > LONGEST_NOTE:
        raise NotAResult(
            Text(f"A note has at most {LONGEST_NOTE} characters", f"说明最多 {LONGEST_NOTE} 个字")
        )
    with TemporaryDirectory() as workspace:
        found = results.read(results.table_of(path, workspace=Path(workspace)), asked)
    with transaction.atomic():
        kept = Experiment.objects.create(
            name=name,
            note=note,
            file_name=(file_name or path.name)[:255],
            found=found.as_json(),
            by=actor.name[:200],
            made_at=now,
        )
        audit.record(
            actor=actor,
            act="experiment.added",
            subject=f"experiment:{kept.pk}",
            detail={"rows": sum(found.people.values())},
            now=now,
        )
    return int(kept.pk)


def retire(*, actor: Actor, number: int, now: datetime) -> None:
    """Put an experiment away. Raises `NoSuchExperiment`, `NotAllowed`."""
    _retire(actor, number, now, retired_at=now, act="experiment.retired")


def bring_back(*, actor: Actor, number: int, now: datetime) -> None:
    """Bring it back. Raises `NoSuchExperiment`, `NotAllowed`."""
    _retire(actor, number, now, retired_at=None, act="experiment.brought_back")


def require_name(name: str) -> None:
    """Raise `NotAResult` unless an experiment can have this name."""
    if not 0 < len(name.strip()) <= LONGEST_NAME or not name.strip().isprintable():
        raise NotAResult(
            Text("An experiment needs a name", "实验需要名称"),
            received=repr(name[:60]),
            valid=f"1 to {LONGEST_NAME} characters in one line",
        )


def _retire(actor: Actor, number: int, now: datetime, *, retired_at: datetime | None, act: str) -> None:
    actor.require(Right.EXPERIMENTS_EDIT)
    with transaction.atomic():
        if not Experiment.objects.filter(pk=number).update(retired_at=retired_at):
            raise NoSuchExperiment("There is no such experiment", received=str(number))
        audit.record(actor=actor, act=act, subject=f"experiment:{number}", now=now)

"""Lists as files: what a room declares in `kernel.sheets.EXPORTS` is written here, at once or in the background."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings

from huoshui.desk.audit import services as audit
from huoshui.desk.jobs.kinds import JobContext, JobResult
from huoshui.desk.organisation import queries as organisation
from huoshui.documents import sheets
from huoshui.kernel.actors import Actor
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.sheets import EXPORTS, Export, Sheet
from huoshui.kernel.texts import Language, Text

AT_ONCE = 5_000
"""For as many rows a page waits; more are written in the background."""

Said = Mapping[str, Sequence[str]]


class NoSuchList(HuoshuiError):
    """No room offers such a list for taking away."""

    code = "no_such_list"
    says = Text("There is no such list to export", "没有这个可导出的列表")


def export_named(actor: Actor, slug: str) -> Export:
    """The list that a room declares. Raises `NoSuchList`, `NotAllowed`."""
    if slug not in EXPORTS:
        raise NoSuchList("There is no such list", received=repr(slug[:40]), valid=", ".join(EXPORTS.slugs()))
    found = EXPORTS[slug]
    if found.right is not None:
        actor.require(found.right)
    return found


def sheet_of(*, actor: Actor, slug: str, said: Said, language: Language) -> Sheet:
    """What the list ``slug`` shows to ``actor`` for ``said``.

    Raises what the list raises, and `NoSuchList`, `NotAllowed`.
    """
    return export_named(actor, slug).sheet(actor, said, language)


def write(
    *, actor: Actor, slug: str, sheet: Sheet, kind: str, file: Path, language: Language, now: datetime
) -> int:
    """Write the list to ``file``; returns how many rows. The audit log says who took what.

    Raises `NotAFileKind`, `TooManyForWorkbook`, `NoSuchList`, `NotAllowed`; then there is no file.
    """
    label = export_named(actor, slug).label
    count = sheets.write(
        sheet,
        file,
        kind=kind,
        language=language,
        zone=organisation.current().zone,
        name=label.in_(language),
    )
    audit.record(
        actor=actor, act="list.exported", detail={"list": slug, "rows": count, "format": kind}, now=now
    )
    return count


def run(job: JobContext, *, slug: str, said: Said, kind: str, language: Language) -> JobResult:
    """The job: write the list to a file that expires."""
    sheet = sheet_of(actor=job.actor, slug=slug, said=said, language=language)
    done = 0

    def told() -> Iterator[object]:
        nonlocal done
        for page in sheet.pages:
            yield page
            done += len(page)
            job.progress(done, sheet.total)

    file = job.folder() / file_name(slug, kind)
    counted = Sheet(fields=sheet.fields, total=sheet.total, pages=told())
    count = write(
        actor=job.actor, slug=slug, sheet=counted, kind=kind, file=file, language=language, now=job.now
    )
    return JobResult(text=Text(f"{count:,} rows", f"{count:,} 行"), file=file)


def file_name(slug: str, kind: str) -> str:
    """``tasks.csv``. Raises `NotAFileKind`."""
    return f"{slug}.{sheets.kind_named(kind).suffix}"


@contextmanager
def passing_file(name: str) -> Iterator[Path]:
    """A place for a file that is answered at once and kept nowhere."""
    home = Path(settings.HUOSHUI_HOME) / "tmp"
    home.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="export-", dir=home) as folder:
        yield Path(folder) / name

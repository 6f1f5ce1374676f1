"""Files that people upload: kept for a day, read the way they say, tried, loaded as a job, removed."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from huoshui.data.connectors import looking
from huoshui.data.connectors.errors import FileRefused, NoSuchUpload, UploadRefused
from huoshui.data.connectors.models import Upload
from huoshui.data.connectors.options import ImportOptions
from huoshui.data.connectors.reports import ImportReport
from huoshui.data.connectors.services.importing import import_file
from huoshui.data.connectors.services.saving import check_name, save_mapping
from huoshui.desk.audit import services as audit
from huoshui.desk.jobs import queries as jobs
from huoshui.desk.jobs import services as job_services
from huoshui.desk.jobs.kinds import NoSuchJob
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.texts import Language
from huoshui.lake.house import Lake

LARGEST = 1024 * 1024 * 1024
KEPT = timedelta(hours=24)
MOST_AT_ONCE = 20
"""Files that one person may have uploaded and not loaded."""
LONGEST_NAME = 120
IN_THE_PAGE = 1024 * 1024
"""Files up to this size are tried while the page waits; larger ones by a job."""
LOAD, CHECK = "imports.load", "imports.check"


def largest() -> int:
    """The largest file that is taken, in bytes."""
    return int(getattr(settings, "HUOSHUI_LARGEST_UPLOAD", LARGEST))


def folder_of(token: str) -> Path:
    """Where the file of an upload lies, with what is made of it."""
    return Path(settings.HUOSHUI_HOME) / "files" / "uploads" / token


def new_folder() -> str:
    """A folder for a file to come; answers its token, which cannot be guessed."""
    token = secrets.token_hex(16)
    folder_of(token).mkdir(mode=0o700, parents=True)
    return token


def remove_folder(token: str) -> None:
    """Remove the file of an upload and what was made of it."""
    shutil.rmtree(folder_of(token), ignore_errors=True)


def path_of(token: str, name: str) -> Path:
    """Where the file lies; ``name`` is one that `shown_name` has made."""
    return folder_of(token) / name


def shown_name(name: str) -> str:
    """The name of a file as its sender calls it, made harmless: no folders, no signs that cannot be seen."""
    base = name.replace("\\", "/").rsplit("/", 1)[-1]
    seen = "".join(c for c in base if c.isprintable()).strip().lstrip(".")
    stem, dot, ending = seen.rpartition(".")
    if not dot or len(ending) > 10:
        stem, dot, ending = seen, "", ""
    while len(stem.encode()) > LONGEST_NAME:
        stem = stem[:-1]
    return f"{stem or 'file'}{dot}{ending}"


def too_large(most: int) -> UploadRefused:
    """The refusal of a file that is too large."""
    return UploadRefused(
        "This file is too large for the browser",
        valid=f"at most {most // 1024**2} MiB",
        next_step="Divide it, or load it on the machine of the house with huoshui import",
    )


def no_space(error: OSError) -> UploadRefused:
    """The refusal of a file that cannot be written."""
    return UploadRefused(
        "The file could not be stored on the server",
        received=error.strerror or "",
        next_step="Tell your administrator, then try again",
    )


def must_have_room(*, actor: Actor) -> None:
    """Raise `UploadRefused` when the actor has uploaded too many files and loaded none of them."""
    actor.require(Right.IMPORTS_RUN)
    if Upload.objects.filter(user_id=actor.user_id, load_id=None).count() >= MOST_AT_ONCE:
        raise UploadRefused(
            "Too many of your files wait to be loaded",
            received=str(MOST_AT_ONCE),
            next_step="Load or remove some of them first",
        )


def add(*, actor: Actor, token: str, name: str, size: int, now: datetime) -> Upload:
    """Keep the file that arrived in the folder of ``token``, as it is recognised by what is in it.

    Raises `NotAllowed`, `FileRefused` and `UploadRefused`; then the file is gone again. One whose encoding cannot be
    told is kept: that can be said.
    """
    try:
        actor.require(Right.IMPORTS_RUN)
        kind = looking.probable_kind(path_of(token, name), folder_of(token))
    except FileRefused as error:
        if "encoding" not in error.problem:
            remove_folder(token)
            raise
        kind = looking.USUAL_KIND
    except BaseException:
        remove_folder(token)
        raise
    with transaction.atomic():
        upload = Upload.objects.create(
            token=token,
            file_name=name[:255],
            size=size,
            kind=kind,
            actor=actor.name[:200],
            user_id=actor.user_id,
            created_at=now,
        )
        audit.record(
            actor=actor, act="file.added", subject=f"upload:{token[:8]}", detail={"bytes": size}, now=now
        )
    return upload


def upload_of(*, actor: Actor, token: str) -> Upload:
    """The actor's own upload. Raises `NoSuchUpload` also for those of others."""
    actor.require(Right.IMPORTS_RUN)
    found = Upload.objects.filter(pk=token, user_id=actor.user_id).first()
    if found is None:
        raise NoSuchUpload("There is no such file", next_step="Upload it again")
    return found


def uploads_of(*, actor: Actor) -> list[Upload]:
    """The actor's own files that are not loaded yet, newest first."""
    actor.require(Right.IMPORTS_RUN)
    return list(Upload.objects.filter(user_id=actor.user_id, load_id=None).order_by("-created_at"))


def options_of(upload: Upload, *, language: Language = "en", dry_run: bool = False) -> ImportOptions:
    """What was said about the file."""
    return ImportOptions(**upload.options, language=language, dry_run=dry_run)


def say(*, actor: Actor, upload: Upload, kind: str, options: Mapping[str, Any]) -> None:
    """Keep what is said about a file; a dry run made before counts no longer where that changes."""
    actor.require(Right.IMPORTS_RUN)
    if (kind, dict(options)) != (upload.kind, upload.options):
        upload.kind, upload.options, upload.checked = kind, dict(options), {}
        upload.save(update_fields=["kind", "options", "checked"])


def save(*, actor: Actor, upload: Upload, name: str, now: datetime) -> None:
    """Save how the file is read under ``name``. Raises `NameTaken` and what `looking.understood` raises."""
    check_name(name)
    save_mapping(
        actor=actor, name=name, understood=looking.understood(upload, folder_of(upload.token)), now=now
    )


def running(*, actor: Actor, upload: Upload) -> jobs.Work | None:
    """The last job of the file, if it has one."""
    if upload.job_id is None:
        return None
    try:
        return jobs.job(actor=actor, job_id=upload.job_id)
    except NoSuchJob:
        return None


def start(*, actor: Actor, upload: Upload, slug: str, language: Language, now: datetime) -> None:
    """Start the job `LOAD` or `CHECK` for a file, unless one is at work on it already."""
    with transaction.atomic():
        upload = Upload.objects.select_for_update().get(pk=upload.pk)
        work = running(actor=actor, upload=upload)
        if work is not None and not work.ended:
            return
        arguments = {"token": upload.token, "language": language}
        upload.job_id = job_services.start(actor=actor, slug=slug, arguments=arguments, now=now)
        upload.save(update_fields=["job_id"])
        if slug == LOAD:
            told = {"kind": upload.kind, "job": upload.job_id}
            audit.record(
                actor=actor, act="load.started", subject=f"upload:{upload.token[:8]}", detail=told, now=now
            )


def check(
    *,
    actor: Actor,
    lake: Lake,
    upload: Upload,
    language: Language,
    now: datetime,
    tell: Callable[[str, float], None] = lambda _step, _share: None,
) -> None:
    """Try the load and keep the report, or the refusal, with the file. Nothing is loaded."""
    options = options_of(upload, language=language, dry_run=True)
    path = path_of(upload.token, upload.file_name)
    try:
        report = import_file(
            actor=actor, lake=lake, path=path, kind=upload.kind, options=options, now=now, tell=tell
        )
        checked: dict[str, Any] = {"report": report.as_dict()}
    except HuoshuiError as error:
        if error.code == "cancelled":
            raise
        checked = {"refusal": error.as_dict()}
    upload.checked = checked
    upload.save(update_fields=["checked"])


def load(
    *,
    actor: Actor,
    lake: Lake,
    upload: Upload,
    language: Language,
    now: datetime,
    tell: Callable[[str, float], None] = lambda _step, _share: None,
) -> ImportReport:
    """Load the file; then it is removed. Raises what `import_file` raises, and keeps the refusal with the file."""
    path = path_of(upload.token, upload.file_name)
    if not path.is_file():
        raise NoSuchUpload("The file is not there any more", next_step="Upload it again")
    options = options_of(upload, language=language)
    try:
        report = import_file(
            actor=actor, lake=lake, path=path, kind=upload.kind, options=options, now=now, tell=tell
        )
    except HuoshuiError as error:
        upload.checked = {**upload.checked, "refusal": error.as_dict()}
        upload.save(update_fields=["checked"])
        raise
    upload.load_id = report.load_id if report.load_id is not None else report.already
    upload.save(update_fields=["load_id"])
    remove_folder(upload.token)
    return report


def remove(*, actor: Actor, upload: Upload, now: datetime) -> None:
    """Remove a file that is not to be loaded, and stop what is at work on it."""
    actor.require(Right.IMPORTS_RUN)
    work = running(actor=actor, upload=upload)
    if work is not None and not work.ended:
        job_services.cancel(actor=actor, job_id=work.id, now=now)
    remove_folder(upload.token)
    upload.delete()


def tidy(*, now: datetime) -> int:
    """Remove files that were uploaded a day ago, and folders that no upload names; returns how many files went."""
    old = Upload.objects.filter(created_at__lt=now - KEPT)
    gone = old.filter(load_id=None).count()
    old.delete()
    here = Path(settings.HUOSHUI_HOME) / "files" / "uploads"
    known = set(Upload.objects.filter(load_id=None).values_list("token", flat=True))
    for folder in here.iterdir() if here.is_dir() else ():
        # One that is arriving has no row yet; it has a day as well.
        if folder.name not in known and folder.stat().st_mtime < (now - KEPT).timestamp():
            shutil.rmtree(folder, ignore_errors=True)
    return gone

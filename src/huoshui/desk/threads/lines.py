"""Comments and files as pages show them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from huoshui.desk.threads import bodies
from huoshui.desk.threads.queries import FileSeen, Note
from huoshui.desk.users import queries as users
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.texts import Language

ICONS = {"png": "eye", "jpg": "eye", "webp": "eye", "csv": "table", "xlsx": "table"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A comment in pieces; what the reader may do with it."""

    note: Note
    pieces: Sequence[bodies.Piece]
    mine: bool
    may_delete: bool


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A file in a list."""

    file: FileSeen
    size: str
    icon: str
    may_delete: bool


def shown(actor: Actor, notes: Sequence[Note]) -> list[Shown]:
    """The comments for a page; names of colleagues are asked once."""
    names = list(users.names().values()) if any("@" in note.body for note in notes) else []
    writes = actor.may(Right.COMMENTS_WRITE)
    manages = actor.may(Right.USERS_MANAGE)
    return [
        Shown(
            note=note,
            pieces=bodies.pieces(note.body, names),
            mine=writes and note.by_id == actor.user_id,
            may_delete=writes and (manages or note.by_id == actor.user_id),
        )
        for note in notes
    ]


def shown_files(actor: Actor, files: Sequence[FileSeen], language: Language) -> list[ShownFile]:
    """The files for a page."""
    writes = actor.may(Right.COMMENTS_WRITE)
    return [
        ShownFile(
            file=file,
            size=size(file.size),
            icon=ICONS.get(file.kind, "clipboard-text"),
            may_delete=writes
            and (actor.may(Right.USERS_MANAGE) or (file.by_id is not None and file.by_id == actor.user_id)),
        )
        for file in files
    ]


def size(number: int) -> str:
    """Bytes as people read them: 12 kB, 3.4 MB."""
    if number < 1000:
        return f"{number} B"
    return f"{number / 1000:.0f} kB" if number < 1_000_000 else f"{number / 1_000_000:.1f} MB"

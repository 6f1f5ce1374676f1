"""How documents of the house look: its colours, its logo, and a Word template of its own.

What is put in is checked by its content and written anew, so that what stands in the database is what was checked.
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max

from huoshui.desk.organisation.models import HouseLook, Organisation
from huoshui.documents.looks import ACCENT, MARKS, PRIMARY, TEXT, Look, contrast, dark_enough
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.errors import HuoshuiError, Said
from huoshui.kernel.texts import Text

if TYPE_CHECKING:
    from PIL import Image

LARGEST_LOGO, LARGEST_TEMPLATE = 2_000_000, 5_000_000
"""Bytes of the files that are taken."""
MOST_DOTS, WIDEST = 40_000_000, 1600
_COLOUR = re.compile(r"#[0-9A-F]{6}")


class NotALook(Said):
    """A colour, a logo or a template that documents cannot have."""

    code = "not_a_look"


class NoSuchLook(HuoshuiError):
    """A snapshot names a look that is not there."""

    code = "no_such_look"
    says = Text("There is no such look", "没有这个文档外观")


@dataclass(frozen=True, slots=True, kw_only=True)
class LookSeen:
    """The look of now. ``text_colour`` and ``mark_colour`` are what stands in documents, dark enough on white."""

    number: int
    colour: str
    accent: str
    text_colour: str
    mark_colour: str
    contrast: float
    accent_contrast: float
    has_logo: bool
    template_name: str
    may_undo: bool


def look_number() -> int:
    """The number of the look of now; 0 is the look of Huoshui."""
    return _numbers()[0]


def look(number: int) -> Look:
    """The look of a number, as documents want it. Raises `NoSuchLook`."""
    if number == 0:
        return Look()
    row = _row(number)
    return Look(
        colour=row.colour,
        accent=row.accent,
        logo=base64.b64decode(row.logo),
        template=base64.b64decode(row.template),
    )


def seen(*, actor: Actor) -> LookSeen:
    """The look of now and what it comes to. Raises `NotAllowed`."""
    actor.require(Right.HOUSE_MANAGE)
    number, before = _numbers()
    row = _row(number) if number else None
    colour, accent = (row.colour, row.accent) if row else (PRIMARY, ACCENT)
    return LookSeen(
        number=number,
        colour=colour,
        accent=accent,
        text_colour=dark_enough(colour, least=TEXT),
        mark_colour=dark_enough(accent, least=MARKS),
        contrast=contrast(colour),
        accent_contrast=contrast(accent),
        has_logo=bool(row and row.logo),
        template_name=row.template_name if row else "",
        may_undo=number != before,
    )


def logo(*, actor: Actor) -> bytes:
    """The logo of now as PNG, empty for none. Raises `NotAllowed`."""
    actor.require(Right.HOUSE_MANAGE)
    return look(look_number()).logo


def set_look(
    *,
    actor: Actor,
    colour: str | None = None,
    accent: str | None = None,
    logo: bytes | None = None,
    template: bytes | None = None,
    template_name: str = "",
    now: datetime,
) -> int:
    """Give documents another look, and return its number; what is None stays, empty bytes take away.

    Files of snapshots that stand keep the look they have. Raises `NotALook`, `NotAllowed`.
    """
    actor.require(Right.HOUSE_MANAGE)
    logo = checked_logo(logo) if logo else logo
    if template:
        checked_template(template)
    with transaction.atomic():
        held = Organisation.objects.select_for_update().get()
        was = look(held.look)
        row = HouseLook.objects.filter(number=held.look).first()
        kept_name = row.template_name if row else ""
        wanted = Look(
            colour=_checked(was.colour if colour is None else colour),
            accent=_checked(was.accent if accent is None else accent),
            logo=was.logo if logo is None else logo,
            template=was.template if template is None else template,
        )
        name = kept_name if template is None else " ".join(template_name.split())[:200] if template else ""
        number = _number(wanted, name, actor=actor, now=now)
        _take(number, was=held.look)
    return number


def undo_look(*, actor: Actor) -> int:
    """Go back to the look before, and return its number; again, and it is taken back.

    Raises `NotALook` where there is none, `NotAllowed`.
    """
    actor.require(Right.HOUSE_MANAGE)
    with transaction.atomic():
        held = Organisation.objects.select_for_update().get()
        if held.look == held.look_before:
            raise NotALook(Text("There is no look to go back to", "没有可恢复的外观"))
        _take(held.look_before, was=held.look)
    return held.look_before


def remove_look(*, actor: Actor) -> None:
    """Give documents the look of Huoshui again; looks of snapshots stay. Raises `NotAllowed`."""
    actor.require(Right.HOUSE_MANAGE)
    with transaction.atomic():
        _take(0, was=Organisation.objects.select_for_update().get().look)


def checked_logo(data: bytes) -> bytes:
    """The picture written anew as PNG without anything hidden in it, at most `WIDEST` dots wide. Raises `NotALook`."""
    from PIL import Image, UnidentifiedImageError

    valid = "a PNG or JPEG of at most 2 MB"
    if len(data) > LARGEST_LOGO:
        raise NotALook(
            Text("The logo is too large", "标志文件过大"), received=f"{len(data):,} bytes", valid=valid
        )
    wrong = Text("The logo is no PNG or JPEG that can be read", "标志不是可读取的 PNG 或 JPEG 图片")
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as opened:
            if opened.width * opened.height > MOST_DOTS:
                raise NotALook(
                    Text("The logo has too many dots", "标志的像素过多"),
                    received=f"{opened.width} × {opened.height}",
                    valid=f"at most {MOST_DOTS:,} dots",
                )
            picture = opened.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise NotALook(wrong, received=f"{len(data):,} bytes", valid=valid) from error
    if min(picture.size) < 16:
        raise NotALook(
            Text("The logo is too small to be printed", "标志尺寸过小，无法清晰打印"),
            received=f"{picture.width} × {picture.height}",
            valid="at least 16 × 16; 600 dots wide are good",
        )
    return _png(picture)


def _png(picture: Image.Image) -> bytes:
    picture.thumbnail((WIDEST, WIDEST))
    # Only its dots: no profile, no words, nothing that was hidden behind them.
    out = io.BytesIO()
    picture.info.clear()
    picture.save(out, format="PNG", optimize=True)
    return out.getvalue()


def checked_template(data: bytes) -> None:
    """Raise `NotALook` for what is no Word document without macros, or lacks styles that a plan needs."""
    from huoshui.documents import word_templates

    if len(data) > LARGEST_TEMPLATE:
        raise NotALook(
            Text("The template is too large", "模板文件过大"),
            received=f"{len(data):,} bytes",
            valid="at most 5 MB",
        )
    try:
        missing = word_templates.missing_styles(data)
    except word_templates.Refused as refusal:
        raise NotALook(refusal.words, valid="a DOCX without macros") from refusal
    if missing:
        raise NotALook(
            Text(
                f"The template lacks styles that a plan needs: {', '.join(missing)}",
                f"模板缺少计划所需的样式：{'、'.join(missing)}",
            ),
            received="a DOCX without them",
            valid=", ".join(word_templates.NEEDED),
            next_step="Use each of them once in Word, save, and upload the file again",
        )


def _checked(colour: str) -> str:
    colour = colour.strip().upper()
    if not _COLOUR.fullmatch(colour):
        raise NotALook(
            Text(
                "A colour is written with a # and six digits or letters A to F",
                "颜色写作 # 加六位数字或字母 A–F",
            ),
            received=colour[:20],
            valid=PRIMARY,
        )
    return colour


def _number(wanted: Look, name: str, *, actor: Actor, now: datetime) -> int:
    if wanted == Look():
        return 0
    parts = (wanted.colour.encode(), wanted.accent.encode(), wanted.logo, wanted.template, name.encode())
    digest = hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()
    there = HouseLook.objects.filter(digest=digest).only("number").first()
    if there is not None:
        return there.number
    number = (HouseLook.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    HouseLook.objects.create(
        number=number,
        colour=wanted.colour,
        accent=wanted.accent,
        logo=base64.b64encode(wanted.logo).decode(),
        template=base64.b64encode(wanted.template).decode(),
        template_name=name,
        digest=digest,
        made_by=actor.name[:200],
        made_at=now,
    )
    return number


def _row(number: int) -> HouseLook:
    row = HouseLook.objects.filter(number=number).first()
    if row is None:
        raise NoSuchLook("There is no such look", received=str(number))
    return row


def _numbers() -> tuple[int, int]:
    """The look of now and the one before; both 0 where there is no house yet."""
    return Organisation.objects.values_list("look", "look_before").first() or (0, 0)


def _take(number: int, *, was: int) -> None:
    if number != was:
        Organisation.objects.update(look=number, look_before=was)

"""What files are taken, told by their content, and in what form they are kept.

Pictures are decoded and written anew, so that nothing but the picture remains: no place where it was taken, no comment,
nothing behind its end. What browsers would run (HTML, SVG, scripts) and what office programs would (macros) is refused.
"""

from __future__ import annotations

import io
import re
import unicodedata
import warnings
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath

from PIL import Image, ImageOps

from huoshui.desk.threads.errors import NotAFile
from huoshui.desk.threads.models import LONGEST_NAME
from huoshui.kernel.texts import Text

LARGEST = 20 * 1024 * 1024
MOST_PIXELS = 40_000_000
LARGEST_UNPACKED = 300 * 1024 * 1024
MOST_PARTS = 10_000

TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "webp": "image/webp",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "csv": "text/csv; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
}
SUFFIXES = {**{kind: kind for kind in TYPES}, "jpeg": "jpg"}
TAKEN = ", ".join(TYPES)
_PICTURES = {"png": "PNG", "jpg": "JPEG", "webp": "WEBP"}
_OFFICE = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx", "ppt/presentation.xml": "pptx"}
# What would run if a server or a careless click took the part in the middle of a name for its type.
_DANGEROUS = re.compile(
    r"\.(html?|xhtml|shtml|svgz?|xml|js|mjs|vbs|wsf|hta|exe|com|scr|bat|cmd|ps1|sh|php\d?|phtml|jsp|asp|aspx|cgi|py|pl|jar|msi|lnk|app|dll)\s*(?=\.)",
    re.IGNORECASE,
)
_MARKUP = re.compile(
    rb"<\s*(!doctype|html|head|body|script|svg|iframe|img|\?xml|\?php)|%!ps|mz\x90", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it is kept. ``kind`` is a key of `TYPES`."""

    name: str
    kind: str
    content: bytes


def examined(name: str, content: bytes) -> Upload:
    """The file as it may be kept. Raises `NotAFile` with the reason."""
    called = _name(name)
    if not content:
        raise _refused("The file is empty", "文件是空的", called)
    if len(content) > LARGEST:
        raise _refused("The file is larger than 20 MB", "文件超过 20 MB", called)
    suffix = SUFFIXES.get(PurePosixPath(called).suffix.removeprefix(".").lower(), "")
    if not suffix:
        raise _refused("Files of this type are not taken", "不接受这类文件", called)
    if _DANGEROUS.search(called):
        raise _refused("The name hides another type of file", "文件名里藏有另一种类型", called)
    kind = _kind(content, suffix)
    if kind != suffix:
        raise _refused("The content is not what the name says", "文件内容与扩展名不符", called)
    if kind in _PICTURES:
        content = _picture(content, kind, called)
    elif kind in _OFFICE.values():
        _require_harmless(content, called)
    return Upload(called, kind, content)


def _name(name: str) -> str:
    """The last part of a path, without what cannot be seen or turns the direction of writing."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    seen = "".join(c for c in last if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    seen = " ".join(seen.split()).strip(". ")
    if not seen or seen.startswith("."):
        raise _refused("The file has no name", "文件没有名称", name)
    stem, dot, end = seen.rpartition(".")
    return seen if len(seen) <= LONGEST_NAME else f"{stem[: LONGEST_NAME - len(end) - 1]}{dot}{end}"


def _kind(content: bytes, suffix: str) -> str:
    """The type that the content shows; ``suffix`` only tells CSV from plain text."""
    if content.startswith(b"%PDF-"):
        return "pdf" if b"%%EOF" in content[-2048:] else ""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    if content.startswith(b"PK\x03\x04"):
        return _office(content)
    return suffix if suffix in ("csv", "txt") and _is_text(content) else ""


def _office(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            names = set(packed.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return ""
    if "[Content_Types].xml" not in names:
        return ""
    return next((kind for part, kind in _OFFICE.items() if part in names), "")


def _require_harmless(content: bytes, name: str) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        parts = packed.infolist()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
        raise _refused("The file unpacks to too much", "文件解压后过大", name)
    if any(part.flag_bits & 1 for part in parts):
        raise _refused("The file is locked with a password", "文件有密码", name)
    # Printer settings are binary in every second sheet, and harmless.
    names = [part.filename.lower() for part in parts if "printersettings" not in part.filename.lower()]
    if any("vbaproject" in one or "activex" in one or one.endswith(".bin") for one in names):
        raise _refused("The file contains macros or programs", "文件含有宏或程序", name)


def _is_text(content: bytes) -> bool:
    """Whether this is text, in UTF-8, UTF-16 with its mark or GB 18030, and nothing that a browser would run."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    else:
        if b"\0" in content:
            return False
        encoding = "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")
        except UnicodeDecodeError:
            return False
    return not _MARKUP.match(text.lstrip().encode()[:200])


def _picture(content: bytes, kind: str, name: str) -> bytes:
    """The picture alone, upright, with its colours. Its size is looked at before anything is unpacked."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            with Image.open(io.BytesIO(content), formats=[_PICTURES[kind]]) as picture:
                frames = getattr(picture, "n_frames", 1)
                if picture.width * picture.height > MOST_PIXELS or frames > 1:
                    raise _refused(
                        "The picture has more than 40 million pixels, or moves",
                        "图片超过 4000 万像素，或为动图",
                        name,
                    )
                profile = picture.info.get("icc_profile")
                upright = ImageOps.exif_transpose(picture)
                if upright.mode == "CMYK":
                    upright, profile = upright.convert("RGB"), None
                elif upright.mode in ("P", "PA") or "transparency" in upright.info:
                    upright = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
                bare = Image.frombytes(upright.mode, upright.size, upright.tobytes())
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            raise _refused("The picture is damaged", "图片已损坏", name) from error
    written = io.BytesIO()
    quality = {"jpg": {"quality": 90}, "webp": {"quality": 90}, "png": {"optimize": False}}[kind]
    bare.save(written, _PICTURES[kind], icc_profile=profile, **quality)  # type: ignore[arg-type]
    return written.getvalue()


def _refused(en: str, zh: str, name: str) -> NotAFile:
    return NotAFile(Text(en, zh), received=repr(name[:80]), valid=f"{TAKEN}, up to 20 MB")

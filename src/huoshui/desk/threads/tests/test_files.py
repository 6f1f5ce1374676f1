"""Files: what is taken, in what form it is kept, and who gets it."""

from __future__ import annotations

import io
import os
import zipfile
from datetime import timedelta

import pytest
from PIL import Image

from huoshui.desk.threads import queries, services, store, uploads
from huoshui.desk.threads.errors import NoSuchFile, NotAFile, NotYours
from huoshui.desk.worklist.tests.people import NOW, colleague
from huoshui.kernel.actors import Role, Scope
from huoshui.kernel.errors import NotAllowed
from huoshui.web.subjects import NoSuchSubject

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


def picture(format_: str = "JPEG", size: tuple[int, int] = (40, 20), **saved) -> bytes:
    """A picture that is red on the left and blue on the right."""
    image = Image.new("RGB", size, "red")
    image.paste("blue", (size[0] // 2, 0, size[0], size[1]))
    out = io.BytesIO()
    image.save(out, format_, **saved)
    return out.getvalue()


def photo() -> bytes:
    """A photograph lying on its side, with the place where it was taken and a comment."""
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees
    exif[0x010E] = "CANARY-DESCRIPTION"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (31.0, 14.0, 0.0)
    return picture(exif=exif, comment=b"CANARY-COMMENT") + b"CANARY-BEHIND-THE-END"


def red(image: Image.Image, x: int, y: int) -> float:
    """How red a point is, 0 to 255."""
    value = image.convert("RGB").getchannel("R").getpixel((x, y))
    assert not isinstance(value, tuple)
    assert value is not None
    return value


def office(*parts: str, fill: bytes = b"<x/>") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for part in ("[Content_Types].xml", *parts):
            packed.writestr(part, fill)
    return out.getvalue()


def bomb() -> bytes:
    """A PNG of a few kilobytes that unpacks to 10,000 × 10,000 pixels."""
    out = io.BytesIO()
    Image.new("1", (10_000, 10_000)).save(out, "PNG")
    return out.getvalue()


def moving() -> bytes:
    """Two pictures, one after the other."""
    out = io.BytesIO()
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "blue")]
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:])
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("报价单.pdf", PDF, "pdf"),
        ("a.PNG", picture("PNG"), "png"),
        ("a.jpeg", picture(), "jpg"),
        ("a.webp", picture("WEBP"), "webp"),
        ("a.docx", office("word/document.xml"), "docx"),
        ("a.xlsx", office("xl/workbook.xml", "xl/printerSettings/printerSettings1.bin"), "xlsx"),
        ("a.pptx", office("ppt/presentation.xml"), "pptx"),
        ("2024.11.客户.csv", "姓名,城市\n王芳,杭州\n".encode(), "csv"),
        ("a.txt", "中文".encode("gb18030"), "txt"),
        ("a.txt", "x".encode("utf-16"), "txt"),
    ],
)
def test_what_is_taken_is_told_by_its_content(name, content, kind):
    assert uploads.examined(name, content).kind == kind


REFUSED = {
    "empty": ("a.pdf", b""),
    "svg": ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>"),
    "svg as png": ("a.png", b"<svg onload='x()'/>"),
    "html": ("a.html", b"<html><script>x()</script>"),
    "html as txt": ("a.txt", b"\xef\xbb\xbf \n<!DOCTYPE html><script>x()</script>"),
    "html as csv": ("a.csv", b"<script>x()</script>"),
    "html as utf-16": ("a.txt", "<html>".encode("utf-16")),
    "xml as txt": ("a.txt", b"<?xml version='1.0'?><svg/>"),
    "php as txt": ("a.txt", b"<?php system($_GET[0]);"),
    "js": ("a.js", b"alert(1)"),
    "exe": ("a.exe", b"MZ\x90\0"),
    "exe as pdf": ("a.pdf", b"MZ\x90\0"),
    "no end": ("a.pdf", b"%PDF-1.7\n"),
    "html as pdf": ("a.pdf", b"<html>%PDF-1.7 %%EOF"),
    "pdf as png": ("a.png", PDF),
    "two endings": ("a.html.png", picture("PNG")),
    "two endings with a space": ("a.svg .jpg.png", picture("PNG")),
    "program first": ("rechnung.exe.pdf", PDF),
    "ending hidden by a turn": ("a\u202egnp.exe", b"MZ"),
    "no ending": ("a", PDF),
    "no name": (".pdf", PDF),
    "dots": ("../..", PDF),
    "zip": ("a.zip", office("a.txt")),
    "zip as docx": ("a.docx", office("a.txt")),
    "macros": ("a.docx", office("word/document.xml", "word/vbaProject.bin")),
    "old macros": ("a.xlsm", office("xl/workbook.xml", "xl/vbaProject.bin")),
    "damaged zip": ("a.docx", office("word/document.xml")[:60]),
    "damaged picture": ("a.png", picture("PNG")[:60]),
    "picture of nothing": ("a.jpg", b"\xff\xd8\xff\xe0"),
    "bomb of 100 million pixels": ("a.png", bomb()),
    "moving": ("a.webp", moving()),
    "bytes as text": ("a.txt", bytes(range(256))),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_taken_is_refused(case):
    name, content = REFUSED[case]
    with pytest.raises(NotAFile) as refused:
        uploads.examined(name, content)
    assert refused.value.words.zh


def test_a_file_that_unpacks_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr(uploads, "LARGEST_UNPACKED", 1000)
    with pytest.raises(NotAFile, match="too much"):
        uploads.examined("a.docx", office("word/document.xml", fill=b" " * 2000))


def test_a_file_of_more_than_20_mb_is_refused():
    with pytest.raises(NotAFile, match="20 MB"):
        uploads.examined("a.txt", b"x" * (uploads.LARGEST + 1))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\temp\\a.txt", "a.txt"),
        ("a\r\nX-Evil: 1.txt", "aX-Evil: 1.txt"),
        ("a\0b\u200b.txt", "ab.txt"),
        ("x" * 300 + ".txt", "x" * 196 + ".txt"),
        ('"><img src=x>.txt', '"><img src=x>.txt'),
    ],
)
def test_a_name_is_a_name_and_no_way_to_anywhere(given, kept):
    assert uploads.examined(given, b"x").name == kept


def test_a_photograph_is_kept_upright_without_where_it_was_taken():
    kept = uploads.examined("a.jpg", photo()).content
    assert b"CANARY" not in kept
    with Image.open(io.BytesIO(kept)) as image:
        assert not image.getexif()
        assert image.size == (20, 40)
        assert red(image, 10, 2) > 200  # what was left is on top


@pytest.mark.parametrize("format_", ["PNG", "WEBP"])
def test_other_pictures_lose_what_is_written_in_them(format_):
    exif = Image.Exif()
    exif[0x010E] = "CANARY"
    kept = uploads.examined(f"a.{format_.lower()}", picture(format_, exif=exif)).content
    assert b"CANARY" not in kept


def test_a_picture_keeps_its_transparent_parts_and_its_palette():
    image = Image.new("RGBA", (4, 4), (255, 0, 0, 0))
    out = io.BytesIO()
    image.quantize(8).save(out, "PNG", transparency=0)
    kept = uploads.examined("a.png", out.getvalue()).content
    with Image.open(io.BytesIO(kept)) as again:
        assert again.convert("RGBA").getchannel("A").getextrema() == (0, 0)


@pytest.mark.django_db
def test_a_file_lies_under_a_random_name_and_comes_back_as_it_was(about, home):
    mei = colleague("Mei")
    subject = about(mei)
    file_id = services.attach(actor=mei, subject=subject, name="合同.pdf", content=PDF, now=NOW)
    (path,) = (p for p in (home / "files").rglob("*") if p.is_file())
    assert "合同" not in str(path)
    assert path.stat().st_mode & 0o077 == 0
    assert queries.content(actor=mei, file_id=file_id) == PDF
    (file,) = queries.files(actor=mei, subject=subject)
    assert (file.name, file.size, file.by) == ("合同.pdf", len(PDF), "Mei")


@pytest.mark.django_db
def test_a_refused_file_leaves_nothing(about, home):
    mei, vera = colleague("Mei"), colleague("Vera", role=Role.VIEWER)
    subject = about(mei)
    with pytest.raises(NotAFile):
        services.attach(actor=mei, subject=subject, name="a.svg", content=b"<svg/>", now=NOW)
    with pytest.raises(NotAllowed):
        services.attach(actor=vera, subject=subject, name="a.pdf", content=PDF, now=NOW)
    assert not (home / "files").exists()


@pytest.mark.django_db
def test_nobody_gets_files_of_what_they_may_not_see(about, home):
    mei, bo = colleague("Mei"), colleague("Bo", scope=Scope.OWN)
    subject = about(mei)
    file_id = services.attach(actor=mei, subject=subject, name="a.pdf", content=PDF, now=NOW)
    for refused, attempt in (
        (NoSuchFile, lambda: queries.file(actor=bo, file_id=file_id)),
        (NoSuchFile, lambda: queries.content(actor=bo, file_id=file_id)),
        (NoSuchFile, lambda: services.detach(actor=bo, file_id=file_id, now=NOW)),
        (NoSuchFile, lambda: queries.file(actor=mei, file_id=2**70)),
        (NoSuchSubject, lambda: queries.files(actor=bo, subject=subject)),
        (
            NoSuchSubject,
            lambda: services.attach(actor=bo, subject=subject, name="a.pdf", content=PDF, now=NOW),
        ),
    ):
        with pytest.raises(refused):
            attempt()


@pytest.mark.usefixtures("database")
def test_a_deleted_file_comes_back_for_thirty_days_and_then_is_gone_from_the_disk(about):
    mei, bo = colleague("Mei"), colleague("Bo")
    subject = about(mei)
    file_id = services.attach(actor=mei, subject=subject, name="a.pdf", content=PDF, now=NOW)
    with pytest.raises(NotYours):
        services.detach(actor=bo, file_id=file_id, now=NOW)
    services.detach(actor=mei, file_id=file_id, now=NOW)
    with pytest.raises(NoSuchFile):
        queries.content(actor=mei, file_id=file_id)
    assert services.sweep(now=NOW + timedelta(days=29)) == 0
    services.bring_back(actor=mei, file_id=file_id, now=NOW)
    assert queries.content(actor=mei, file_id=file_id) == PDF
    services.detach(actor=mei, file_id=file_id, now=NOW)
    assert services.sweep(now=NOW + timedelta(days=31)) == 1
    assert [p for p in store.folder().rglob("*") if p.is_file()] == []
    with pytest.raises(NoSuchFile):
        services.bring_back(actor=mei, file_id=file_id, now=NOW)


@pytest.mark.django_db
def test_a_file_whose_row_was_never_written_is_swept_when_it_is_old(about):
    mei = colleague("Mei")
    kept = services.attach(actor=mei, subject=about(mei), name="a.pdf", content=PDF, now=NOW)
    lost = store.put(b"x")
    written = NOW.timestamp()
    os.utime(store.path_of(lost), (written, written))
    assert services.sweep(now=NOW + timedelta(minutes=59)) == 0
    assert services.sweep(now=NOW + timedelta(minutes=61)) == 1
    assert queries.content(actor=mei, file_id=kept) == PDF


@pytest.mark.django_db
def test_a_file_that_is_gone_from_the_disk_is_said_to_be_gone(about):
    mei = colleague("Mei")
    file_id = services.attach(actor=mei, subject=about(mei), name="a.pdf", content=PDF, now=NOW)
    for path in list(store.folder().rglob("*")):
        if path.is_file():
            path.unlink()
    with pytest.raises(NoSuchFile, match="gone"):
        queries.content(actor=mei, file_id=file_id)

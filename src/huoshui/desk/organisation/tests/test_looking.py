"""The look of documents: what is taken, what is refused and in which words, and the way back."""

from __future__ import annotations

import io
import zipfile

import pytest
from docx import Document
from PIL import Image

from huoshui.desk.organisation import looking, services
from huoshui.documents.looks import ACCENT, PRIMARY, Look
from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE, Actor
from huoshui.kernel.errors import NotAllowed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _founded():
    services.found(actor=CONSOLE, currency="GBP", time_zone="Europe/London", now=clock.now())


def picture(kind="PNG", size=(300, 90), **named) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, "#1F3A8A").save(file, format=kind, **named)
    return file.getvalue()


def template(*, without=(), also=None) -> bytes:
    document = Document()
    for name in without:
        document.styles[name].element.getparent().remove(document.styles[name].element)
    file = io.BytesIO()
    document.save(file)
    if also:
        with zipfile.ZipFile(file, "a") as packed:
            packed.writestr(*also)
    return file.getvalue()


def change(**named):
    return looking.set_look(actor=CONSOLE, now=clock.now(), **named)


def test_a_look_is_kept_as_it_was_and_the_same_look_has_one_number():
    blue = change(colour="#1f3a8a", accent="#d97706", logo=picture())
    red = change(colour="#8A1F1F")
    assert (looking.look(blue).colour, looking.look(red).colour) == ("#1F3A8A", "#8A1F1F")
    assert looking.look(red).logo == looking.look(blue).logo != b""
    assert change(colour="#1F3A8A") == blue
    assert looking.look(0) == Look()


def test_what_was_changed_or_taken_away_comes_back():
    blue = change(colour="#1F3A8A", template=template(), template_name="letter.docx")
    change(template=b"")
    assert looking.seen(actor=CONSOLE).template_name == ""
    assert looking.undo_look(actor=CONSOLE) == blue
    looking.remove_look(actor=CONSOLE)
    assert looking.seen(actor=CONSOLE).colour == PRIMARY
    looking.undo_look(actor=CONSOLE)
    assert looking.seen(actor=CONSOLE).template_name == "letter.docx"


def test_there_is_nothing_to_go_back_to_in_a_house_that_never_had_a_look():
    with pytest.raises(looking.NotALook):
        looking.undo_look(actor=CONSOLE)


def test_a_pale_colour_is_kept_and_written_in_a_darker_one():
    change(colour="#FFE066", accent="#FFFFFF")
    seen = looking.seen(actor=CONSOLE)
    assert seen.colour == "#FFE066"
    assert seen.contrast < 4.5
    assert seen.text_colour not in ("#FFE066", ACCENT)
    assert seen.mark_colour != "#FFFFFF"


@pytest.mark.parametrize("colour", ["", "red", "#12345", "#12345G", "url(x)", "#1234567"])
def test_what_is_no_colour_is_refused(colour):
    with pytest.raises(looking.NotALook) as refusal:
        change(colour=colour)
    assert refusal.value.valid == PRIMARY


def test_a_logo_is_written_anew_without_what_was_hidden_in_it():
    hidden = picture("JPEG", comment=b"taken at home")
    assert b"taken at home" in hidden
    kept = looking.look(change(logo=hidden)).logo
    assert kept.startswith(b"\x89PNG")
    assert b"taken at home" not in kept


@pytest.mark.parametrize(
    "data",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a",
        b"\x89PNG\r\n\x1a\n",
        picture("BMP"),
        picture(size=(8, 8)),
    ],
)
def test_what_is_no_logo_is_refused(data):
    with pytest.raises(looking.NotALook):
        change(logo=data)


def test_a_logo_of_many_megabytes_is_refused():
    with pytest.raises(looking.NotALook, match="too large"):
        change(logo=b"\x89PNG" + bytes(looking.LARGEST_LOGO))


def test_a_template_that_lacks_styles_is_refused_by_their_names():
    with pytest.raises(looking.NotALook) as refusal:
        change(template=template(without=("Heading 2", "Title")))
    assert "Title, Heading 2" in refusal.value.words.en
    assert "Heading 3" not in refusal.value.words.en
    assert "缺少" in refusal.value.words.zh


def test_styles_with_chinese_names_are_those_that_are_needed():
    document = Document()
    names = {"Title": "标题", "Heading 1": "标题 1", "Heading 2": "标题2", "Heading 3": "标题 3"}
    for name, chinese in names.items():
        document.styles[name].element.find(
            "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}name"
        ).set("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}val", chinese)
    file = io.BytesIO()
    document.save(file)
    assert change(template=file.getvalue(), template_name="公司模板.docx")


@pytest.mark.parametrize(
    "data",
    [
        b"PK nothing",
        picture(),
        template(also=("word/vbaProject.bin", b"macro")),
        template(
            also=(
                "word/_rels/settings.xml.rels",
                '<Relationships><Relationship Type="x/attachedTemplate" Target="http://x" '
                'TargetMode="External"/></Relationships>',
            )
        ),
    ],
)
def test_what_is_no_plain_word_document_is_no_template(data):
    with pytest.raises(looking.NotALook):
        change(template=data)
    assert looking.look_number() == 0


def test_who_does_not_manage_the_house_changes_no_look():
    nobody = Actor(name="nobody", rights=frozenset())
    for act in (
        lambda: looking.set_look(actor=nobody, colour="#000000", now=clock.now()),
        lambda: looking.undo_look(actor=nobody),
        lambda: looking.remove_look(actor=nobody),
        lambda: looking.seen(actor=nobody),
    ):
        with pytest.raises(NotAllowed):
            act()

"""PDF and slides: what stands in them for who reads and presents, their bytes, and texts that mean harm."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pptx import Presentation
from pptx.util import Inches

from huoshui.documents import pdf, slides, slides_tables
from huoshui.documents import slides_parts as parts
from huoshui.documents.looks import Look
from huoshui.documents.tests import sample
from huoshui.kernel import papers


@pytest.fixture(scope="module", params=["zh", "en"])
def shown(request):
    return Presentation(io.BytesIO(slides.render(sample.order(request.param))))


def test_every_slide_has_a_title_for_the_outline(shown):
    titles = [slide.shapes.title.text_frame.text for slide in shown.slides]
    assert all(titles)
    assert len(titles) > 8


def test_long_tables_go_on_over_several_slides_and_lose_no_row(shown):
    tables = [shape.table for slide in shown.slides for shape in slide.shapes if shape.has_table]
    assert max(len(table.rows) for table in tables) <= slides.MOST_ROWS + 1
    assert sum(len(table.rows) - 1 for table in tables) >= 46


def test_each_picture_on_a_slide_says_in_words_what_it_shows(shown):
    pictures = [shape for slide in shown.slides for shape in slide.shapes if shape.shape_type == 13]
    assert len(pictures) >= 3
    assert all(shape._element.nvPicPr.cNvPr.get("descr") for shape in pictures)


@pytest.mark.parametrize("render", [pdf.render, slides.render])
def test_the_same_order_gives_the_same_bytes(render):
    assert render(sample.order("zh")) == render(sample.order("zh"))


def test_a_pdf_is_made_in_both_languages_whatever_people_wrote():
    for language in ("zh", "en"):
        made = pdf.render(sample.order(language))
        assert made.startswith(b"%PDF-")
        assert len(made) > 50_000


def test_nothing_on_a_slide_leaves_it_or_lies_on_its_foot(shown):
    wide, foot = shown.slide_width, Inches(7.05)
    for slide in shown.slides:
        for shape in slide.shapes:
            assert shape.left >= 0
            assert shape.left + shape.width <= wide
            if shape.top < foot and shape.height < shown.slide_height:
                assert shape.top + shape.height <= foot + Inches(0.02), (slide.shapes.title.text, shape.name)


def test_text_is_given_as_much_room_as_it_takes(shown):
    for slide in shown.slides:
        for shape in slide.shapes:
            if not shape.has_text_frame or not shape.text_frame.text.strip():
                continue
            taken = sum(
                parts.lines_of(
                    "".join(run.text for run in line.runs),
                    max((run.font.size.pt for run in line.runs if run.font.size), default=10),
                    shape.width / 914400,
                )
                * max((run.font.size.pt for run in line.runs if run.font.size), default=10)
                * 1.15
                / 72
                for line in shape.text_frame.paragraphs
            )
            assert taken <= shape.height / 914400 + 0.12, shape.text_frame.text[:60]


def line(text: str) -> papers.Paragraph:
    return papers.Paragraph(words=(papers.Run(text=text),))


def table(title: str, rows: int, text: str = "x") -> papers.Grid:
    return papers.Grid(title=title, head=("Measure", "Cost"), rows=((text, "¥10"),) * rows, numeric=(1,))


def of(*elements: papers.Element) -> papers.Part:
    return papers.Part(slug="p", title="Part", blocks=(papers.Block(key="k", elements=elements),))


def grids_of(found: list[parts.Idea]) -> list[papers.Grid]:
    return [piece for idea in found for piece in idea.pieces if isinstance(piece, papers.Grid)]


def test_what_somebody_said_is_not_left_alone_on_the_next_slide():
    facts = papers.Facts(facts=(papers.Fact(label="Customers", value="1,396", note="as of today"),) * 5)
    cell = "Does not know whether the door is shut\nFalse alarms at night\nWorries who else sees the pictures of home"
    cards = papers.Grid(
        title="", head=("Pains", "Expectations", "Behaviour"), rows=((cell, cell, "Buys often"),)
    )
    quote = papers.Quote(words=line("A customer wrote a bad review. " * 6).words, by="a real case")
    told = line("42, sales manager in Chengdu, away ten days a month. " * 3)
    part = of(papers.Heading(text="Mr Zhao", level=2), told, line("Segment: safe"), facts, cards, quote)
    _opening, [idea] = slides_tables.ideas(part, "en")
    assert [type(piece).__name__ for piece in idea.pieces] == ["Told", "Facts", "Columns", "Quote"]
    assert sum(parts.height(piece, idea.sizes) for piece in idea.pieces) <= parts.ROOM


@given(st.integers(1, 60), st.integers(1, 4))
def test_a_table_goes_on_with_about_as_many_rows_and_loses_none(rows, lines):
    grid = table("Goals", rows, "far behind\n" * (lines - 1) + "x")
    _opening, found = slides_tables.ideas(of(grid), "en")
    grids = grids_of(found)
    counts = [len(one.rows) for one in grids]
    assert sum(counts) == rows
    assert max(counts) <= parts.MOST_ROWS
    assert len(counts) == 1 or min(counts) > 1 or rows <= 2 * len(counts)
    for one in grids:
        high = parts.heights(one)
        assert sum(high) - parts.SQUEEZED * len(high) <= parts.ROOM


def test_small_tables_of_one_head_are_groups_of_one_slide():
    _opening, found = slides_tables.ideas(of(table("Brand", 1), table("Service", 2), table("Sales", 9)), "en")
    grids = grids_of(found)
    assert [idea.title for idea in found] == ["Part", "Sales"]
    assert [len(one.rows) for one in grids] == [5, 9]
    assert [row[0] for row in grids[0].rows] == ["Brand", "x", "Service", "x", "x"]
    _opening, alone = slides_tables.ideas(of(table("Brand", 1)), "en")
    assert [idea.title for idea in alone] == ["Brand"]


def test_the_look_of_the_organisation_reaches_slides_and_pdf():
    look = Look(colour="#8A1F1F", accent="#1F3A8A")
    packed = zipfile.ZipFile(io.BytesIO(slides.render(sample.order("en", look=look))))
    words = b"".join(packed.read(name) for name in packed.namelist() if name.startswith("ppt/slides/slide"))
    assert b"8A1F1F" in words
    assert b"1F3A8A" in words
    assert b"0B7285" not in words

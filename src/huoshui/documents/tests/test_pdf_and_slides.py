"""PDF and slides: what stands in them for who reads and presents, their bytes, and texts that mean harm."""

from __future__ import annotations

import io

import pytest
from pptx import Presentation

from huoshui.documents import pdf, slides
from huoshui.documents.tests import sample


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

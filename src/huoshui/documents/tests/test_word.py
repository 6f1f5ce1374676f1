"""A Word document: what stands in it for who goes on writing, its bytes, and texts that mean harm."""

from __future__ import annotations

import io
import zipfile

import pytest
from docx import Document
from docx.oxml.ns import qn

from huoshui.documents import frozen, word
from huoshui.documents.looks import Look, dark_enough, link
from huoshui.documents.tests import sample


@pytest.fixture(scope="module")
def made() -> bytes:
    return word.render(sample.order("zh"))


def test_headings_are_headings_and_the_contents_name_them(made):
    document = Document(io.BytesIO(made))
    heads = [line.text for line in document.paragraphs if line.style and line.style.name == "Heading 1"]
    assert heads == ["概述", "市场调研", "目标与 KPI", "执行计划", "来源"]
    frame = document.element.body.find(qn("w:sdt"))
    told = "".join(element.text or "" for element in frame.iter(qn("w:t"), qn("w:instrText")))
    assert 'TOC \\o "1-2"' in told
    [first] = [sign for sign in frame.iter(qn("w:fldChar")) if sign.get(qn("w:fldCharType")) == "begin"]
    assert first.get(qn("w:dirty")) == "true"
    assert all(head in told for head in heads)


def test_tables_repeat_their_heads_and_keep_every_cell(made):
    document = Document(io.BytesIO(made))
    budget = document.tables[-1]
    assert len(budget.rows) == 47
    assert list(budget.rows[0]._tr.iter(qn("w:tblHeader")))
    assert budget.rows[46].cells[1].text == "搜索"
    assert budget.rows[46].cells[3].text == "¥44,895"


def test_each_picture_says_in_words_what_it_shows(made):
    document = Document(io.BytesIO(made))
    told = [shape._inline.docPr.get("descr") for shape in document.inline_shapes]
    assert len(told) == 3
    assert all(told)


def test_the_same_order_gives_the_same_bytes(made):
    assert word.render(sample.order("zh")) == made


@pytest.mark.filterwarnings("ignore:Glyph .* missing from font")
def test_hostile_text_stands_there_as_it_was_written():
    document = Document(io.BytesIO(word.render(sample.order("en", hostile=True))))
    written = "\n".join(line.text for line in document.paragraphs)
    assert "$x^2$ `raw` *a* _b_ // c \\ @ref abc{{ 1 }} =cmd|" in written
    assert "<b>&amp;" in written


def test_a_template_of_the_organisation_keeps_its_styles_and_loses_its_words():
    own = Document()
    own.add_paragraph("confidential sample text")
    own.styles["Heading 1"].font.name = "Georgia"
    file = io.BytesIO()
    own.save(file)
    document = Document(io.BytesIO(word.render(sample.order("en", look=Look(template=file.getvalue())))))
    assert document.styles["Heading 1"].font.name == "Georgia"
    assert all("confidential" not in line.text for line in document.paragraphs)


def test_what_is_no_document_is_no_template():
    with pytest.raises(word.NotATemplate):
        word.opened(b"PK\x03\x04 nothing")
    empty = io.BytesIO()
    with zipfile.ZipFile(empty, "w"):
        pass
    with pytest.raises(word.NotATemplate):
        word.opened(empty.getvalue())


def test_a_paper_is_kept_and_comes_back_exactly():
    for language in ("en", "zh"):
        paper = sample.paper(language, hostile=True)
        text = frozen.freeze(paper)
        assert frozen.thaw(text) == paper
        assert frozen.freeze(frozen.thaw(text)) == text


@pytest.mark.parametrize("text", ["", "{}", "[]", "3", '{"made":["Paper",{}]}', '{"made":["Actor",{}]}'])
def test_what_is_no_paper_does_not_thaw(text):
    with pytest.raises(frozen.NotAPaper):
        frozen.thaw(text)


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "file:///etc/passwd", "http://", "a b", "https://[", ""]
)
def test_a_document_leads_to_the_web_and_to_mail_only(address):
    assert link(address) == ""


def test_a_pale_colour_is_darkened_until_it_can_be_read():
    assert dark_enough("#0B7285") == "#0B7285"
    assert dark_enough("#FFE066") != "#FFE066"

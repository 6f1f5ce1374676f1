"""A Word document: what stands in it for who goes on writing, its bytes, and texts that mean harm."""

from __future__ import annotations

import io
import zipfile

import pytest
from docx import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st

from huoshui.documents import frozen, word, word_pages
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
    first, *_pages = (
        sign for sign in frame.iter(qn("w:fldChar")) if sign.get(qn("w:fldCharType")) == "begin"
    )
    assert first.get(qn("w:dirty")) == "true"
    assert all(head in told for head in heads)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_contents_say_the_pages_that_libreoffice_finds(language):
    """As `soffice --convert-to pdf` laid the sample out. Word counts anew."""
    document = Document(io.BytesIO(word.render(sample.order(language))))
    frame = document.element.body.find(qn("w:sdt"))
    lines = [
        "".join(
            ("\t" if one.tag == qn("w:tab") else one.text or "") for one in line.iter(qn("w:t"), qn("w:tab"))
        )
        for line in frame.iter(qn("w:p"))
    ][1:]
    assert [line.rpartition("\t")[2] for line in lines] == ["2", "2", "3", "3", "4", "5", "5", "7"]
    links = [one.text.split()[1] for one in frame.iter(qn("w:instrText")) if "PAGEREF" in one.text]
    marks = {one.get(qn("w:name")) for one in document.element.body.iter(qn("w:bookmarkStart"))}
    assert len(links) == len(lines)
    assert set(links) <= marks


def paged(*texts: str) -> dict[str, int]:
    """The pages of a document with a heading of its own page before each text."""
    document = Document()
    document.add_section()
    for place, text in enumerate(texts):
        head = document.add_paragraph(f"Part {place}", style="Heading 1")
        head.paragraph_format.page_break_before = True
        mark = OxmlElement("w:bookmarkStart")
        mark.set(qn("w:name"), f"m{place}")
        head._p.append(mark)
        document.add_paragraph(text)
    return word_pages.pages(document, room=700, width=460)


@settings(max_examples=8, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=1, max_size=5), st.integers(0, 4))
def test_longer_texts_never_bring_what_follows_forward(counts, more):
    short, long = (paged(*("word " * (extra + 200 * n) for n in counts)) for extra in (0, 200 * more))
    numbers = [short[f"m{place}"] for place in range(len(counts))]
    assert numbers == sorted(set(numbers)), "each begins on a page of its own"
    assert all(long[mark] >= page for mark, page in short.items())


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

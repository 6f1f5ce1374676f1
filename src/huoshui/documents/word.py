"""Writes a paper as a Word document (DOCX) that people can go on writing in.

Headings are headings, the table of contents is a field that is filled already, tables are tables, lists are lists, and
each picture says in words what it shows. An organisation's own template keeps its styles, page and header. The same
order gives the same bytes.
"""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from typing import Any

import docx
from docx.document import Document
from docx.enum.section import WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK, WD_TAB_ALIGNMENT
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.section import Section
from docx.shared import Cm, Emu, Pt, RGBColor
from docx.text.paragraph import Paragraph as Line
from docx.text.run import Run as WordRun

from huoshui.documents import pictures, timelines, word_pages, word_tables
from huoshui.documents.looks import (
    CONTENTS,
    INK,
    SOURCES,
    TONES,
    Order,
    clean,
    dark_enough,
    in_order,
    link,
    mixed,
    said,
    title_size,
)
from huoshui.documents.word_contents import Contents
from huoshui.documents.word_pages import EMU
from huoshui.documents.word_styles import LOCALES, Lists, dress, number, put_border, put_ground, speak, style
from huoshui.kernel import papers
from huoshui.kernel.papers import Words

MARGIN = Cm(2.3)
LARGEST_HEIGHT = Cm(20)


def render(order: Order) -> bytes:
    """The paper as DOCX. Raises ``NotATemplate`` for a template that Word could not open either."""
    return in_order(_Writer(order).written())


class NotATemplate(ValueError):
    """The template is no DOCX that can be read."""


def opened(template: bytes) -> Document:
    """The template as a document without its words; its styles, page, header and footer stay. Raises `NotATemplate`."""
    try:
        document = docx.Document(io.BytesIO(template))
        _ = document.core_properties.title, len(document.styles), document.sections[-1].page_width
    except (KeyError, ValueError, AttributeError, IndexError, SyntaxError, zipfile.BadZipFile) as error:
        raise NotATemplate("this is no Word document that can be read") from error
    body = document.element.body
    for element in list(body):
        if element.tag != qn("w:sectPr"):
            body.remove(element)
    return document


class _Writer:
    def __init__(self, order: Order) -> None:
        self.paper, self.look, self.writing = order.paper, order.look, order.writing
        self.own = bool(order.look.template)
        self.document = opened(order.look.template) if self.own else docx.Document()
        self.colour = dark_enough(order.look.colour)
        self.language = order.paper.language
        if not self.own:
            dress(self.document, self.colour, self.language)
        speak(self.document, self.language)
        self.lists = Lists(self.document, self.colour)
        self.contents = Contents(self.document)
        if not self.own:
            heading = style(self.document, "Heading 1").element.get_or_add_pPr()
            number(heading, self.lists.chapters())
        self._describe(order.made_at)

    def written(self) -> bytes:
        if self.own:
            self._plain_cover()
        else:
            self._cover()
        section = self.document.sections[-1]
        self.width = int((section.page_width or 0) - (section.left_margin or 0) - (section.right_margin or 0))
        self.contents.put(CONTENTS.in_(self.language))
        for part in said(self.paper):
            self._part(part)
        self._sources()
        self.contents.fill(numbered=not self.own)
        if not self.own:  # of another template's fonts and sections nothing is known: Word counts
            high = (section.page_height or 0) - (section.top_margin or 0) - (section.bottom_margin or 0)
            self.contents.number(word_pages.pages(self.document, room=high / EMU, width=self.width / EMU))
        file = io.BytesIO()
        self.document.save(file)
        return file.getvalue()

    def _describe(self, made_at: datetime) -> None:
        about = self.document.core_properties
        about.title, about.subject = clean(self.paper.title)[:255], clean(self.paper.subtitle)[:255]
        about.author = about.last_modified_by = clean(self.paper.organisation)[:255]
        about.comments = about.keywords = about.category = ""
        about.language = LOCALES[self.language]
        about.created = about.modified = made_at.replace(microsecond=0)
        about.revision = 1

    # The cover.

    def _cover(self) -> None:
        section = self.document.sections[0]
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = section.top_margin = Cm(0)
        section.bottom_margin = Cm(1.5)
        section.header_distance = section.footer_distance = Cm(0)
        band = self.document.add_table(rows=1, cols=1)
        band.autofit = False
        properties = band._tbl.tblPr
        properties.append(parse_xml(f'<w:tblInd {nsdecls("w")} w:w="-60" w:type="dxa"/>'))
        row = band.rows[0]
        row.height = Cm(16.5)
        cell = row.cells[0]
        cell.width = band.columns[0].width = Cm(21.3)
        edge = round(MARGIN.twips)
        cell._tc.get_or_add_tcPr().append(
            parse_xml(f'<w:shd {nsdecls("w")} w:val="clear" w:color="auto" w:fill="{self.colour[1:]}"/>')
        )
        cell._tc.get_or_add_tcPr().append(
            parse_xml(
                f'<w:tcMar {nsdecls("w")}><w:top w:w="1000" w:type="dxa"/><w:left w:w="{edge}" w:type="dxa"/>'
                f'<w:bottom w:w="900" w:type="dxa"/><w:right w:w="{edge}" w:type="dxa"/></w:tcMar>'
            )
        )
        cell._tc.get_or_add_tcPr().append(parse_xml(f'<w:vAlign {nsdecls("w")} w:val="bottom"/>'))
        name = cell.paragraphs[0]
        name.paragraph_format.space_after = Pt(150)
        self._white(name, self.paper.organisation, 12)
        title = cell.add_paragraph(style=style(self.document, "Title"))
        self._white(title, self.paper.title, title_size(self.paper.title, largest=34, wide=455))
        subtitle = cell.add_paragraph(style=style(self.document, "Subtitle"))
        subtitle.paragraph_format.space_after = Pt(0)
        self._white(subtitle, self.paper.subtitle, 15, mixed(self.colour, 0.18))
        inside = Cm(21) - 2 * MARGIN
        below = self.document.add_paragraph()
        below.paragraph_format.space_before = Pt(16)
        below.paragraph_format.left_indent = MARGIN
        if self.look.logo:
            self._picture(
                below, self.look.logo, alternative=self.paper.organisation, high=Cm(1.5), wide=Cm(6)
            )
        word_tables.pairs(self.document, self.paper.facts, width=inside)
        table = self.document.tables[-1]
        table._tbl.tblPr.append(parse_xml(f'<w:tblInd {nsdecls("w")} w:w="{edge - 100}" w:type="dxa"/>'))
        _sorted_table(table._tbl.tblPr)
        _sorted_table(properties)
        inner = self.document.add_section(WD_SECTION.NEW_PAGE)
        inner.left_margin = inner.right_margin = MARGIN
        inner.top_margin, inner.bottom_margin = Cm(2.6), Cm(2.2)
        inner.header_distance, inner.footer_distance = Cm(1.2), Cm(1.1)
        self._around(inner)

    def _white(self, line: Line, text: str, size: float, colour: str = "#FFFFFF") -> None:
        run = line.add_run(clean(text))
        run.font.size = Pt(size)
        run.font.color.rgb = RGBColor.from_string(colour[1:])

    def _plain_cover(self) -> None:
        if self.look.logo:
            self._picture(
                self.document.add_paragraph(),
                self.look.logo,
                alternative=self.paper.organisation,
                high=Cm(1.6),
                wide=Cm(6),
            )
        for name, text in (("Title", self.paper.title), ("Subtitle", self.paper.subtitle)):
            self.document.add_paragraph(clean(text), style=style(self.document, name))
        section = self.document.sections[-1]
        width = (section.page_width or 0) - (section.left_margin or 0) - (section.right_margin or 0)
        word_tables.pairs(self.document, self.paper.facts, width=int(width))
        self.document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)

    def _around(self, section: Section) -> None:
        """Header and footer of all pages behind the cover, which count from 1."""
        section.header.is_linked_to_previous = section.footer.is_linked_to_previous = False
        width = int((section.page_width or 0) - 2 * MARGIN)
        for line, left in (
            (section.header.paragraphs[0], self.paper.title),
            (section.footer.paragraphs[0], self.paper.organisation),
        ):
            line.paragraph_format.tab_stops.add_tab_stop(Emu(width), WD_TAB_ALIGNMENT.RIGHT)
            line.add_run(" ".join(clean(left).split())[:70])
        head, foot = section.header.paragraphs[0], section.footer.paragraphs[0]
        for name in ("Header", "Footer"):
            tabs = style(self.document, name).element.get_or_add_pPr().find(qn("w:tabs"))
            if tabs is not None:
                tabs.getparent().remove(tabs)
        put_border(head._p.get_or_add_pPr(), "bottom", "#D5DDE1", size=4, space=5)
        head.add_run("\t" + (clean(self.paper.facts[0][1])[:40] if self.paper.facts else ""))
        foot.add_run("\t")
        _field(foot, "PAGE", "1")
        pages = OxmlElement("w:pgNumType")
        pages.set(qn("w:start"), "1")
        old = section._sectPr.find(qn("w:cols"))
        if old is not None:
            old.addprevious(pages)
        else:
            section._sectPr.append(pages)

    # Parts.

    def _part(self, part: papers.Part) -> None:
        self._heading(part.title, 1)
        for block in part.blocks:
            for element in block.elements:
                self._element(element)

    def _element(self, element: papers.Element) -> None:
        match element:
            case papers.Heading():
                self._heading(element.text, element.level)
            case papers.Paragraph():
                self._words(self._line("Normal"), element.words)
            case papers.Points():
                numbering = self.lists.numbers() if element.numbered else self.lists.points
                for item in element.items:
                    line = self._line("List Number" if element.numbered else "List Bullet")
                    number(line._p.get_or_add_pPr(), numbering)
                    self._words(line, item)
            case papers.Quote():
                line = self._line("Quote")
                self._words(line, element.words)
                if element.by:
                    line.add_run().add_break()
                    by = line.add_run(f"— {clean(element.by)}")
                    by.font.size, by.font.color.rgb = Pt(9), RGBColor.from_string(TONES["muted"][0][1:])
            case papers.Grid():
                self._caption(element.title)
                word_tables.grid(self.document, element, width=self.width, colour=self.colour)
                self._note(element.note)
            case papers.Drawing():
                self._drawing(element)
            case papers.Facts():
                word_tables.facts(self.document, element.facts, width=self.width, colour=self.colour)
            case papers.Schedule():
                self._schedule(element)
            case papers.Notice():
                self._notice(element)

    def _heading(self, text: str, level: int) -> None:
        line = self._line(f"Heading {level}")
        text = " ".join(clean(text).split())
        self.contents.add(line, text, level)

    def _drawing(self, element: papers.Drawing) -> None:
        chart = element.chart
        self._caption(chart.title.in_(self.language))
        picture = pictures.png(
            chart,
            self.language,
            places=[clean(self.writing.place(place, chart, self.language)) for place in chart.places],
            write=lambda value: self.writing.number(value, chart, self.language),
            colours=self.look.of_charts(),
        )
        self._centred(picture, element.alternative)
        self._note(element.note)

    def _schedule(self, element: papers.Schedule) -> None:
        self._caption(element.title)
        for piece in timelines.pages(element):
            self._centred(timelines.png(piece, self.language, colour=self.colour), element.alternative)
        self._note("")

    def _centred(self, picture: bytes, alternative: str) -> None:
        line = self._line("Normal")
        line.paragraph_format.keep_with_next = True
        line.paragraph_format.space_after = Pt(0)
        line.alignment = WD_ALIGN_PARAGRAPH.CENTER
        self._picture(line, picture, alternative=alternative, wide=Emu(self.width), high=LARGEST_HEIGHT)

    def _picture(self, line: Line, picture: bytes, *, alternative: str, wide: int, high: int) -> None:
        shape = line.add_run().add_picture(io.BytesIO(picture))
        scale = min(wide / shape.width, high / shape.height)
        shape.width, shape.height = Emu(round(shape.width * scale)), Emu(round(shape.height * scale))
        shape._inline.docPr.set("descr", " ".join(clean(alternative).split()))
        shape._inline.docPr.set("name", f"Picture {shape._inline.docPr.id}")

    def _notice(self, element: papers.Notice) -> None:
        ink, ground = TONES[element.tone]
        line = self._line("Notice")
        properties = line._p.get_or_add_pPr()
        put_border(properties, "left", ink, size=24, space=8)
        put_ground(properties, ground)
        line.paragraph_format.left_indent = Pt(11)
        line.add_run(clean(element.text)).font.color.rgb = RGBColor.from_string(
            (ink if element.tone else INK)[1:]
        )

    def _caption(self, text: str) -> None:
        if text.strip():
            self._line("Caption").add_run(clean(text))

    def _note(self, text: str) -> None:
        """What stands below a table or picture; without words a little room."""
        self._line("Note").add_run(clean(text))

    def _sources(self) -> None:
        if not self.paper.sources:
            return
        self._heading(SOURCES.in_(self.language), 1)
        self.document.paragraphs[-1].paragraph_format.page_break_before = False
        self.document.paragraphs[-1].paragraph_format.space_before = Pt(28)
        for place, text in enumerate(self.paper.sources, 1):
            line = self._line("Source")
            line.paragraph_format.left_indent, line.paragraph_format.first_line_indent = Pt(26), Pt(-26)
            line.paragraph_format.tab_stops.add_tab_stop(Pt(26))
            line.add_run(f"[{place}]\t")
            line.add_run(clean(text))

    # Words.

    def _line(self, name: str) -> Line:
        return self.document.add_paragraph(style=style(self.document, name))

    def _words(self, line: Line, words: Words) -> None:
        for run in words:
            address = link(run.link) if run.link else ""
            made = self._linked(line, address) if address else line.add_run()
            made.text = clean(run.text)
            made.bold, made.italic = run.bold or None, run.italic or None
            if address:
                made.font.color.rgb, made.font.underline = RGBColor.from_string(self.colour[1:]), True

    def _linked(self, line: Line, address: str) -> WordRun:
        element = OxmlElement("w:hyperlink")
        element.set(
            qn("r:id"), self.document.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        )
        inner: Any = OxmlElement("w:r")
        element.append(inner)
        line._p.append(element)
        return WordRun(inner, line)


def _field(line: Line, instruction: str, shown: str) -> None:
    """A field that Word works out, with what it shows until then."""
    for kind in ("begin", "instruction", "separate", "shown", "end"):
        run = line.add_run()
        if kind == "instruction":
            text = OxmlElement("w:instrText")
            text.set(qn("xml:space"), "preserve")
            text.text = f" {instruction} "
            run._r.append(text)
        elif kind == "shown":
            run.text = shown
        else:
            sign = OxmlElement("w:fldChar")
            sign.set(qn("w:fldCharType"), kind)
            run._r.append(sign)


_TABLE_ORDER = (
    *(
        "tblStyle",
        "tblpPr",
        "tblOverlap",
        "bidiVisual",
        "tblStyleRowBandSize",
        "tblStyleColBandSize",
        "tblW",
        "jc",
    ),
    *("tblCellSpacing", "tblInd", "tblBorders", "shd", "tblLayout", "tblCellMar", "tblLook", "tblCaption"),
)


def _sorted_table(properties: Any) -> None:
    """Put the properties of a table into the order that the schema wants."""
    place = {qn(f"w:{name}"): at for at, name in enumerate(_TABLE_ORDER)}
    for element in sorted(properties, key=lambda one: place.get(one.tag, 99)):
        properties.append(element)

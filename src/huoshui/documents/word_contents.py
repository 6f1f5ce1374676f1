"""The table of contents of a Word document: a field, filled already, whose lines lead to their headings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from docx.document import Document
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.text.paragraph import Paragraph as Line
from docx.text.run import Run

from huoshui.documents.word_styles import style

DEPTH = 2


class Contents:
    """Headings as they are written, and the table made of them in the end."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._entries: list[tuple[str, str, int]] = []
        self._inside: Any = None
        self._anchors: dict[str, Any] = {}

    def add(self, line: Line, text: str, level: int) -> None:
        """Write the words of a heading, and note it."""
        if level > DEPTH:
            line.add_run(text)
            return
        place = len(self._entries) + 1
        mark = f"_Toc{place:08d}"
        begin, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
        for element in (begin, end):
            element.set(qn("w:id"), str(10_000 + place))
        begin.set(qn("w:name"), mark)
        line._p.append(begin)
        line.add_run(text)
        line._p.append(end)
        self._entries.append((text, mark, level))

    def put(self, title: str) -> None:
        """Make room for the table here."""
        heading = style(self._document, "TOC Heading")
        frame = parse_xml(
            f'<w:sdt {nsdecls("w")}><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/>'
            f"<w:docPartUnique/></w:docPartObj></w:sdtPr><w:sdtContent/></w:sdt>"
        )
        line = self._document.add_paragraph(title, style=heading)
        line._p.addprevious(frame)
        self._inside = frame.find(qn("w:sdtContent"))
        self._inside.append(line._p)

    def fill(self, *, numbered: bool) -> None:
        """Write the lines, so that they are right before anybody updates the field; `number` adds the pages."""
        styles = [style(self._document, f"TOC {level}") for level in range(1, DEPTH + 1)]
        chapter = 0
        entries = self._entries or [("", "", 1)]
        for place, (text, mark, level) in enumerate(entries):
            line = parse_xml(f"<w:p {nsdecls('w')}><w:pPr/></w:p>")
            self._inside.append(line)
            made = Line(line, self._document._body)
            made.style = styles[level - 1]
            if place == 0:
                _sign(made, "begin")
                # Word counts the pages anew when it opens the document.
                made.runs[-1]._r[-1].set(qn("w:dirty"), "true")
                instruction = OxmlElement("w:instrText")
                instruction.set(qn("xml:space"), "preserve")
                instruction.text = f' TOC \\o "1-{DEPTH}" \\h \\z \\u '
                made.add_run()._r.append(instruction)
                _sign(made, "separate")
            if level == 1:
                chapter += 1
            shown = f"{chapter}\t{text}" if level == 1 and numbered else text
            if mark:
                self._anchors[mark] = line
                anchor: Any = OxmlElement("w:hyperlink")
                anchor.set(qn("w:anchor"), mark)
                anchor.set(qn("w:history"), "1")
                line.append(anchor)
                anchor.append(made.add_run(shown)._r)
            if place == len(entries) - 1:
                _sign(made, "end")

    def number(self, pages: Mapping[str, int]) -> None:
        """Write the pages behind the lines, as fields that lead there."""
        for mark, line in self._anchors.items():
            if mark not in pages:
                continue
            anchor, made = line.find(qn("w:hyperlink")), Line(line, self._document._body)
            tab, instruction = made.add_run("\t"), OxmlElement("w:instrText")
            instruction.set(qn("xml:space"), "preserve")
            instruction.text = f" PAGEREF {mark} \\h "
            signs = [made.add_run() for _ in range(4)]
            for run, kind in ((signs[0], "begin"), (signs[2], "separate")):
                _put_sign(run, kind)
            signs[1]._r.append(instruction)
            shown, last = signs[3], made.add_run()
            shown.text = str(pages[mark])
            _put_sign(last, "end")
            for run in (tab, *signs, last):
                anchor.append(run._r)


def _sign(line: Line, kind: str) -> None:
    _put_sign(line.add_run(), kind)


def _put_sign(run: Run, kind: str) -> None:
    sign = OxmlElement("w:fldChar")
    sign.set(qn("w:fldCharType"), kind)
    run._r.append(sign)

"""Styles of a Word document: those of the house, or what is missing in an organisation's own template.

Latin and Chinese fonts are named apart (``w:eastAsia``), so that Word, WPS and LibreOffice each
take one that they have.
"""

from __future__ import annotations

from typing import Any

from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_LINE_SPACING, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.parts.numbering import NumberingPart
from docx.shared import Cm, Pt, RGBColor
from docx.styles.style import ParagraphStyle

from huoshui.documents.looks import INK, INK_2, INK_3, mixed
from huoshui.kernel.texts import Language

LATIN, CHINESE = "Arial", "Microsoft YaHei"
LOCALES: dict[Language, str] = {"en": "en-GB", "zh": "zh-CN"}

# What each style is, as (size, colour, bold, before, after, line); sizes and spaces in points.
_LOOKS: dict[str, tuple[float, str, bool, float, float, float]] = {
    "Normal": (10.5, INK, False, 0, 6, 1.5),
    "Heading 1": (20, "", True, 0, 14, 1.2),
    "Heading 2": (14, INK, True, 16, 6, 1.25),
    "Heading 3": (11.5, INK, True, 12, 4, 1.25),
    "Title": (32, INK, True, 0, 10, 1.15),
    "Subtitle": (15, INK_2, False, 0, 24, 1.3),
    "Caption": (10.5, INK, True, 12, 4, 1.25),
    "Quote": (11, INK_2, False, 8, 8, 1.5),
    "List Bullet": (10.5, INK, False, 0, 4, 1.45),
    "List Number": (10.5, INK, False, 0, 4, 1.45),
    "Header": (8.5, INK_3, False, 0, 0, 1.2),
    "Footer": (8.5, INK_3, False, 0, 0, 1.2),
    "TOC Heading": (20, "", True, 0, 14, 1.2),
    "TOC 1": (12, INK, True, 12, 3, 1.3),
    "TOC 2": (10.5, INK_2, False, 0, 2, 1.3),
    "Table Text": (9.5, INK, False, 2, 2, 1.2),
    "Table Head": (9, INK_2, True, 3, 3, 1.2),
    "Note": (8.5, INK_3, False, 3, 10, 1.3),
    "Figure": (20, INK, True, 0, 0, 1.1),
    "Figure Label": (9, INK_2, False, 4, 0, 1.2),
    "Notice": (10, INK, False, 8, 10, 1.4),
    "Source": (9.5, INK, False, 0, 4, 1.35),
}
KEPT_WITH_NEXT = {"Heading 1", "Heading 2", "Heading 3", "Caption", "TOC Heading", "Figure Label"}


CHINESE_NAMES = {
    "Normal": "正文",
    "Title": "标题",
    "Subtitle": "副标题",
    "Heading 1": "标题 1",
    "Heading 2": "标题 2",
    "Heading 3": "标题 3",
    "Caption": "题注",
    "Quote": "引用",
    "List Bullet": "列表项目符号",
    "List Number": "列表编号",
}
"""How WPS and Chinese templates call a style, where they do not keep its own name."""


def found(document: Document, name: str) -> ParagraphStyle | None:
    """The paragraph style of this name, or of its Chinese one."""
    wanted = [name, CHINESE_NAMES.get(name, name)]
    there = {
        (one.name or "").replace("\u3000", " ").lower(): one
        for one in document.styles
        if isinstance(one, ParagraphStyle)
    }
    for each in wanted:
        one = there.get(each.lower()) or there.get(each.replace(" ", "").lower())
        if one is not None:
            return one
    return None


def style(document: Document, name: str) -> ParagraphStyle:
    """The paragraph style of this name, made where the document has none."""
    there = found(document, name)
    if there is not None:
        return there
    made: Any = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    return _dressed(made, name, INK, normal=document.styles["Normal"])


def dress(document: Document, colour: str, language: Language) -> None:
    """Give a document of the house its styles; ``colour`` is the organisation's."""
    defaults = document.styles.element.find(qn("w:docDefaults"))
    if defaults is not None:
        document.styles.element.remove(defaults)
    document.styles.element.insert(
        0,
        parse_xml(
            f"<w:docDefaults {nsdecls('w')}><w:rPrDefault><w:rPr>"
            f'<w:rFonts w:ascii="{LATIN}" w:hAnsi="{LATIN}" w:eastAsia="{CHINESE}" w:cs="{LATIN}"/>'
            f'<w:sz w:val="21"/><w:szCs w:val="21"/><w:lang w:val="en-GB" w:eastAsia="zh-CN" w:bidi="ar-SA"/>'
            f"</w:rPr></w:rPrDefault><w:pPrDefault/></w:docDefaults>"
        ),
    )
    for name in _LOOKS:
        _dressed(style(document, name), name, colour, normal=document.styles["Normal"])
    heading = style(document, "Heading 1")
    heading.paragraph_format.page_break_before = True
    _border(style(document, "Heading 1"), "bottom", colour, size=8, space=6)
    _border(style(document, "Quote"), "left", colour, size=18, space=12)
    style(document, "Quote").paragraph_format.left_indent = Pt(14)
    _border(style(document, "TOC Heading"), "bottom", colour, size=8, space=6)
    style(document, "TOC 2").paragraph_format.left_indent = Pt(24)
    style(document, "TOC 1").paragraph_format.tab_stops.add_tab_stop(Pt(24))
    for name in ("TOC 1", "TOC 2"):
        style(document, name).paragraph_format.tab_stops.add_tab_stop(
            Cm(16.4), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS
        )


def speak(document: Document, language: Language) -> None:
    """Say in which language the document is, for spelling and reading aloud."""
    for fonts in document.styles.element.iter(qn("w:lang")):
        fonts.set(qn("w:val"), LOCALES[language])
        fonts.set(qn("w:eastAsia"), "zh-CN")


def _dressed(one: ParagraphStyle, name: str, colour: str, *, normal: Any) -> ParagraphStyle:
    size, ink, bold, before, after, line = _LOOKS.get(name, _LOOKS["Normal"])
    one.font.size, one.font.bold, one.font.italic = Pt(size), bold, False
    one.font.color.rgb = RGBColor.from_string((ink or colour)[1:])
    fonts = one.element.get_or_add_rPr().get_or_add_rFonts()
    for attribute in list(fonts.attrib):
        del fonts.attrib[attribute]
    for attribute, face in (("ascii", LATIN), ("hAnsi", LATIN), ("eastAsia", CHINESE), ("cs", LATIN)):
        fonts.set(qn(f"w:{attribute}"), face)
    shape = one.paragraph_format
    shape.space_before, shape.space_after = Pt(before), Pt(after)
    shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.MULTIPLE, line
    shape.keep_with_next = name in KEPT_WITH_NEXT
    shape.widow_control = True
    properties = one.element.get_or_add_pPr()
    for old in properties.findall(qn("w:pBdr")):
        properties.remove(old)
    for old in properties.findall(qn("w:numPr")):
        properties.remove(old)
    if name not in ("Normal", "Header", "Footer"):
        # Else contents would count as a chapter: Word bases its heading on that of chapters.
        one.base_style = normal
    one.hidden, one.quick_style = False, True
    return one


def _border(one: ParagraphStyle, side: str, colour: str, *, size: int, space: int) -> None:
    put_border(one.element.get_or_add_pPr(), side, colour, size=size, space=space)


def put_border(properties: Any, side: str, colour: str, *, size: int, space: int) -> None:
    """A line at one side of a paragraph; ``size`` in eighths of a point."""
    borders = OxmlElement("w:pBdr")
    line = OxmlElement(f"w:{side}")
    for key, value in (("val", "single"), ("sz", str(size)), ("space", str(space)), ("color", colour[1:])):
        line.set(qn(f"w:{key}"), value)
    borders.append(line)
    _placed(properties, borders)


def put_ground(properties: Any, colour: str) -> None:
    """A colour behind a paragraph."""
    shade = OxmlElement("w:shd")
    for key, value in (("val", "clear"), ("color", "auto"), ("fill", colour[1:])):
        shade.set(qn(f"w:{key}"), value)
    _placed(properties, shade)


# The order that the schema wants in w:pPr, as far as these are set here.
_ORDER = [
    qn(f"w:{name}")
    for name in (
        *("pStyle", "keepNext", "keepLines", "pageBreakBefore", "framePr", "widowControl", "numPr"),
        *("suppressLineNumbers", "pBdr", "shd", "tabs", "suppressAutoHyphens", "kinsoku", "wordWrap"),
        *(
            "overflowPunct",
            "topLinePunct",
            "autoSpaceDE",
            "autoSpaceDN",
            "bidi",
            "adjustRightInd",
            "snapToGrid",
        ),
        *("spacing", "ind", "contextualSpacing", "mirrorIndents", "suppressOverlap", "jc", "textDirection"),
        *(
            "textAlignment",
            "textboxTightWrap",
            "outlineLvl",
            "divId",
            "cnfStyle",
            "rPr",
            "sectPr",
            "pPrChange",
        ),
    )
]


def _placed(properties: Any, element: Any) -> None:
    later = set(_ORDER[_ORDER.index(element.tag) + 1 :])
    for at, other in enumerate(properties):
        if other.tag in later:
            properties.insert(at, element)
            return
    properties.append(element)


class Lists:
    """The numberings of a document: points, and numbers that begin at 1 in each list."""

    def __init__(self, document: Document, colour: str) -> None:
        self._root = _numbering(document)
        self._next = 1 + max([0, *(int(e.get(qn("w:numId"), "0")) for e in self._root.findall(qn("w:num")))])
        taken = [int(e.get(qn("w:abstractNumId"), "0")) for e in self._root.findall(qn("w:abstractNum"))]
        self._kinds = max([0, *taken]) + 1
        marks = {
            0: ("bullet", "•", f'w:color w:val="{colour[1:]}"', 360, 300),
            1: ("decimal", "%1.", f'w:color w:val="{colour[1:]}"', 400, 400),
            2: ("decimal", "%1", f'w:color w:val="{mixed(colour, 0.55)[1:]}"', 567, 567),
        }
        first = self._root.find(qn("w:num"))
        for kind, (form, text, look, left, hanging) in marks.items():
            element = parse_xml(
                f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{self._kinds + kind}">'
                f'<w:multiLevelType w:val="singleLevel"/><w:lvl w:ilvl="0"><w:start w:val="1"/>'
                f'<w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/><w:lvlJc w:val="left"/>'
                f'<w:pPr><w:ind w:left="{left}" w:hanging="{hanging}"/></w:pPr>'
                f'<w:rPr><w:rFonts w:ascii="{LATIN}" w:hAnsi="{LATIN}" w:eastAsia="{CHINESE}" w:hint="default"/>'
                f"<{look}/></w:rPr></w:lvl></w:abstractNum>"
            )
            if first is not None:
                first.addprevious(element)
            else:
                self._root.append(element)
        self.points = self._made(0)

    def numbers(self) -> int:
        """A numbering of its own that begins at 1."""
        return self._made(1)

    def chapters(self) -> int:
        """The numbering of chapters."""
        return self._made(2)

    def _made(self, kind: int) -> int:
        number = self._next
        self._next += 1
        start = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>' if kind else ""
        self._root.append(
            parse_xml(
                f'<w:num {nsdecls("w")} w:numId="{number}">'
                f'<w:abstractNumId w:val="{self._kinds + kind}"/>{start}</w:num>'
            )
        )
        return number


def number(properties: Any, numbering: int) -> None:
    """Make the paragraph, or all of a style, members of a numbering."""
    old = properties.find(qn("w:numPr"))
    if old is not None:
        properties.remove(old)
    element = parse_xml(
        f'<w:numPr {nsdecls("w")}><w:ilvl w:val="0"/><w:numId w:val="{numbering}"/></w:numPr>'
    )
    _placed(properties, element)


def _numbering(document: Document) -> Any:
    part = document.part
    for relation in part.rels.values():
        if relation.reltype == RELATIONSHIP_TYPE.NUMBERING:
            return relation.target_part.element
    made = NumberingPart.load(
        PackURI("/word/numbering.xml"),
        CONTENT_TYPE.WML_NUMBERING,
        f"<w:numbering {nsdecls('w')}/>".encode(),
        part.package,
    )
    part.relate_to(made, RELATIONSHIP_TYPE.NUMBERING)
    return made.element

"""What the export page of a plan offers."""

from __future__ import annotations

from dataclasses import dataclass

from huoshui.kernel.texts import Language, Text

NOW = "now"
FORMATS = {
    "docx": (
        Text("Word document", "Word 文档"),
        Text("to go on writing in Word, WPS or LibreOffice", "可在 Word、WPS、LibreOffice 中继续编辑"),
    ),
    "pdf": (Text("PDF", "PDF"), Text("to read, print and send", "用于阅读、打印和发送")),
    "pptx": (Text("Slides", "幻灯片"), Text("to present, one idea a slide", "用于汇报，每页一个要点")),
}
LANGUAGES_OFFERED = {"zh": "中文", "en": "English"}
TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A kind of file to choose."""

    key: str
    label: str
    about: str
    chosen: bool


def formats(language: Language, *, chosen: str) -> list[Format]:
    """The kinds of files; the first where ``chosen`` is none of them."""
    chosen = chosen if chosen in FORMATS else next(iter(FORMATS))
    return [
        Format(key=key, label=label.in_(language), about=about.in_(language), chosen=key == chosen)
        for key, (label, about) in FORMATS.items()
    ]


def name_of(title: str, number: int, kind: str) -> str:
    """The name of the file, with nothing that a file system refuses."""
    kept = "".join(sign if sign.isalnum() or sign in " -_" else " " for sign in title)
    return f"{' '.join(kept.split())[:80].strip() or 'plan'} ({number}).{kind}"

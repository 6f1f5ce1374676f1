"""What a Word template must be before documents begin from it: a plain DOCX that brings the styles of headings."""

from __future__ import annotations

import io
import zipfile
import zlib

from huoshui.documents.word import NotATemplate, opened
from huoshui.documents.word_styles import found
from huoshui.kernel.texts import Text

NEEDED = ("Normal", "Title", "Heading 1", "Heading 2", "Heading 3")
"""Styles without which a document has no shape. All others are made where they are missing."""
MOST_PARTS, MOST_BYTES = 2000, 60_000_000
_MAIN = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_MACROS = (b"macroEnabled", b"vbaProject", b"activeX")


class Refused(ValueError):
    """The file is no template: ``words`` say why in both languages."""

    def __init__(self, words: Text) -> None:
        self.words = words
        super().__init__(words.en)


def missing_styles(data: bytes) -> list[str]:
    """The styles of `NEEDED` that the template lacks, under their own or their Chinese names. Raises `Refused`."""
    _plain(data)
    try:
        document = opened(data)
    except NotATemplate as error:
        raise Refused(_NO_DOCUMENT) from error
    return [name for name in NEEDED if found(document, name) is None]


_NO_DOCUMENT = Text("This is no Word document that can be read", "这不是可读取的 Word 文档")


def _plain(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            parts = packed.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_BYTES:
                raise Refused(Text("Unpacked, this document is too large", "文档解压后过大"))
            kinds = packed.read("[Content_Types].xml")
            names = [part.filename.lower() for part in parts]
            links = [packed.read(name) for name in packed.namelist() if name.endswith(".rels")]
    except (
        zipfile.BadZipFile,
        KeyError,
        RuntimeError,
        NotImplementedError,
        zlib.error,
        EOFError,
        OSError,
    ) as error:
        raise Refused(_NO_DOCUMENT) from error
    if any(sign in kinds for sign in _MACROS) or any("vbaproject" in name for name in names):
        raise Refused(
            Text("The document holds macros; save it as a plain DOCX", "文档含宏，请另存为普通 DOCX")
        )
    if _MAIN not in kinds:
        raise Refused(_NO_DOCUMENT)
    if any(b'"External"' in link and b"/hyperlink" not in link for link in links):
        raise Refused(
            Text(
                "The document fetches parts from elsewhere (a linked picture or template); put them in",
                "文档引用了外部内容（链接的图片或模板），请改为嵌入",
            )
        )

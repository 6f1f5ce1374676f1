"""Refusals of files as pages say them: in the reader's language, and without the words of the command line.

``…`` in a sentence stands for what differs from case to case. A sentence that is not known here is said as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from huoshui.kernel.texts import Language, Text


@dataclass(frozen=True, slots=True)
class Refusal:
    """What went wrong, what was received, what would be right, what to do. ``code`` is stable."""

    code: str
    problem: str
    received: str = ""
    valid: str = ""
    advice: str = ""


@dataclass(frozen=True)
class Sentence:
    """``given`` is what a verb says; ``text`` is what a page says instead."""

    given: str
    text: Text

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What a verb says, with anything for ``…``."""
        return re.compile(re.escape(self.given).replace("…", "(.+?)"), re.DOTALL)


def _s(given: str, zh: str, en: str = "") -> Sentence:
    return Sentence(given, Text(en or given, zh))


SENTENCES = (
    # what is wrong
    _s("… is empty", "… 是空文件"),
    _s("… has no header line", "… 没有表头"),
    _s("… has too many columns", "… 的列太多"),
    _s("… has a line that is longer than … MiB", "… 有一行超过 … MiB"),
    _s("… is a ZIP archive", "… 是 ZIP 压缩包"),
    _s("… is a gzip file", "… 是 gzip 压缩文件"),
    _s("… is a bzip2 file", "… 是 bzip2 压缩文件"),
    _s("… is an xz file", "… 是 xz 压缩文件"),
    _s("… is a 7z archive", "… 是 7z 压缩包"),
    _s("… is a RAR archive", "… 是 RAR 压缩包"),
    _s("… is a PDF document", "… 是 PDF 文档"),
    _s("… is a SQLite database", "… 是 SQLite 数据库"),
    _s("… is an encrypted Parquet file", "… 是加密的 Parquet 文件"),
    _s("… is a web page or XML, whatever its name", "… 其实是网页或 XML"),
    _s("… is named as a Parquet file but is none", "… 的名字像 Parquet 文件，内容却不是"),
    _s("… starts as a Parquet file but cannot be read: …", "… 是 Parquet 文件，但读不出来：…"),
    _s("… starts as an XLSX or ZIP file but cannot be read", "… 像 XLSX 或 ZIP 文件，但读不出来"),
    _s("… is not text: it contains zero bytes", "… 不是文本：含有空字节"),
    _s("… is not what a spreadsheet program writes", "… 不像是表格软件保存的文件"),
    _s("… cannot be read as a spreadsheet", "… 不能当作表格读取"),
    _s("… is too large for a spreadsheet", "… 作为表格太大"),
    _s("… is protected with a password", "… 有密码保护"),
    _s("… is damaged", "… 已损坏"),
    _s("… has no table", "… 里没有表格"),
    _s("The sheet … is empty", "工作表 … 是空的"),
    _s("… has no such sheet", "… 没有这张工作表"),
    _s("… cannot be read to its end: …", "… 读不到结尾：…"),
    _s("… cannot be read: …", "… 读不出来：…"),
    _s("The encoding of … cannot be told", "无法判断 … 的编码"),
    _s("… is in …, and in nothing else", "… 的编码是 …，不会是别的"),
    _s("… is in more than one encoding", "… 混用了几种编码"),
    _s("… is not … throughout", "… 并非通篇都是 … 编码"),
    _s("There is no such encoding", "没有这种编码"),
    _s("Cells cannot be separated by this", "单元格不能用它分隔"),
    _s("… is a workbook", "… 是电子表格"),
    _s("… is a text", "… 是文本文件"),
    _s("… is a Parquet file", "… 是 Parquet 文件"),
    _s(
        "Importing … needs a column for: …",
        "还有必需的字段没有对应的列：…",
        "A field that is needed has no column yet: …",
    ),
    _s("The file has no such column", "文件里没有这一列"),
    _s("This is no name of a source", "这不能作为来源的名称"),
    _s("There is no such profile", "没有这个档案"),
    _s("The profile … is for another kind of import", "档案 … 用于另一种导入"),
    _s("A mapping cannot be saved under this name", "不能用这个名称保存"),
    _s("This is not a currency", "没有这个币种"),
    _s("This is not a time zone", "没有这个时区"),
    _s("an IANA name such as Asia/Shanghai or Europe/London", "IANA 名称，例如 Asia/Shanghai、Europe/London"),
    _s(
        "The dates in column … can be read with the day or the month first",
        "… 列的日期分不清日在前还是月在前",
    ),
    _s(
        "The numbers in column … can be read with a decimal comma or a decimal point",
        "… 列的数字分不清小数点是逗号还是句点",
    ),
    _s("There is no exchange rate into … for …", "缺少折算成 … 的汇率：…"),
    _s("None of the … rows could be loaded", "… 行里没有一行可以导入"),
    _s("It was cancelled", "已取消"),
    _s("the process ended before the load was complete", "导入完成之前进程就结束了"),
    _s("There is no such load", "没有这次导入"),
    _s("This load is … already", "这次导入已经撤销了", "This load was taken back already"),
    _s("Another process is writing to the lake: …", "另有写入正在进行：…"),
    _s("Wait until it has finished and try again", "请等它结束后再试"),
    # what would be right
    _s("a file with a header line and rows", "有表头和数据行的文件"),
    _s("CSV text, XLSX or Parquet", "CSV 文本、XLSX 或 Parquet"),
    _s("a line with the names of the columns, then rows", "一行列名，然后是数据"),
    _s("at most …", "最多 …"),
    _s("one line per row", "一行数据占一行"),
    _s("a file that starts with b'PAR1'", "以 PAR1 开头的文件"),
    _s("a file in UTF-8, or the name of the encoding that reads right", "UTF-8 文件，或选择读起来正确的编码"),
    _s("a file that is … from beginning to end", "从头到尾都是 … 编码的文件"),
    _s("a file in one encoding", "只用一种编码的文件"),
    _s("XLSX of at most … MiB when unpacked", "展开后不超过 … MiB 的 XLSX"),
    _s("letters and digits", "文字和数字"),
    _s("comma, tab, semicolon, bar", "逗号、制表符、分号、竖线"),
    _s(
        "letters, digits, spaces, points and hyphens, at most 60, and not the name of a tool’s profile",
        "文字、数字、空格、点和连字符，最多 60 个，且不与工具档案同名",
    ),
    _s("an ISO 4217 code such as CNY, GBP or USD", "ISO 4217 代码，例如 CNY、GBP、USD"),
    _s(
        "--date-order dmy or --date-order mdy, or dates such as 2024-04-03",
        "选择日在前或月在前，或把日期写成 2024-04-03",
        "a choice of the order of dates, or dates such as 2024-04-03",
    ),
    _s(
        "numbers that are all written in one way, with decimals, such as 1234.50 or 1234,50",
        "写法一致、带小数的数字，例如 1234.50 或 1234,50",
    ),
    _s("a rate for every day and currency of the file", "文件中每天、每个币种都有汇率"),
    # what to do
    _s("Write the names of the columns above the rows", "请在数据上方写一行列名"),
    _s("Unpack it and import the content", "请解压后导入其中的文件"),
    _s("Unpack it and import the files in it", "请解压后逐个导入其中的文件"),
    _s("Export the data as CSV or XLSX", "请把数据导出为 CSV 或 XLSX"),
    _s("Export the table as CSV", "请把表导出为 CSV"),
    _s("Write it without encryption", "请导出为不加密的文件"),
    _s(
        "Open it in a spreadsheet program, save it as XLSX and import that",
        "请用表格软件打开，另存为 XLSX 再上传",
    ),
    _s(
        "If it is text, give it a name that ends in .csv; if it was cut short, export it again",
        "如果是文本，请把扩展名改为 .csv；如果不完整，请重新导出",
    ),
    _s("It was probably cut short; export or copy it again", "多半是不完整，请重新导出"),
    _s("It was probably cut short; copy or export it again", "多半是不完整，请重新导出"),
    _s("Copy or export it again", "请重新导出"),
    _s(
        "If it came from a spreadsheet, save it as XLSX or as CSV (UTF-8)",
        "如果来自表格软件，请另存为 XLSX 或 CSV（UTF-8）",
    ),
    _s("Check whether this file is a table, and whether it is complete", "请检查它是不是一张完整的表"),
    _s("Check whether the right file was chosen", "请检查是否选对了文件"),
    _s("Check whether the file is complete; nothing was loaded", "请检查文件是否完整；没有导入任何数据"),
    _s("Save it without one and import that", "请去掉密码后另存，再上传"),
    _s(
        "Open it with the password, save it without one, and import that",
        "请用密码打开，去掉密码后另存，再上传",
    ),
    _s("Save the sheet as CSV (UTF-8) and import that", "请把工作表另存为 CSV（UTF-8）再上传"),
    _s(
        "Save the sheet as CSV (UTF-8) with your own spreadsheet program and import that",
        "请用表格软件把工作表另存为 CSV（UTF-8）再上传",
    ),
    _s(
        "Say it, for example --encoding …, or save the file as CSV UTF-8",
        "请在下面选择编码，或把文件另存为 CSV UTF-8",
        "Choose the encoding below, or save the file as CSV UTF-8",
    ),
    _s(
        "Say another encoding with --encoding, or correct that line; nothing was loaded",
        "请选择另一种编码，或改正那一行；没有导入任何数据",
        "Choose another encoding, or correct that line; nothing was loaded",
    ),
    _s("Leave out …", "请把这一项改回自动识别", "Set it back to automatic"),
    _s(
        "It was probably joined from several files: import those one by one; nothing was loaded",
        "多半是由几个文件拼成的：请逐个导入；没有导入任何数据",
    ),
    _s("Say which column it is, for example …", "请在下面为它选择一列", "Choose a column for it below"),
    _s(
        "These columns look like …",
        "请在下面为它选择一列，或换一种数据类型",
        "Choose a column below, or another kind of data",
    ),
    _s(
        "Format the column with two decimals and export it again; nothing was loaded",
        "请把该列设为两位小数后重新导出；没有导入任何数据",
    ),
    _s(
        "Load the rates first: …",
        "请先导入汇率，或选择文件的币种；没有导入任何数据",
        "Import the rates first, or choose the currency of the file; nothing was loaded",
    ),
    _s(
        "Check the mapping with --dry-run and correct it with --map",
        "请检查各列对应的字段并改正",
        "Check which column means what, and correct it",
    ),
    _s("huoshui imports --profiles lists them all", "请在下面选择一个", "Choose one below"),
)
OPTIONS = re.compile(r"--(?:encoding|sheet|delimiter|profile|as|map|currency|time-zone) ?")


def refusal_in(language: Language, parts: Mapping[str, str]) -> Refusal:
    """``parts`` (`HuoshuiError.as_dict`) in words."""
    return Refusal(
        code=parts.get("code", ""),
        problem=said(parts.get("problem", ""), language),
        received=OPTIONS.sub("", parts.get("received", "")),
        valid=said(parts.get("valid", ""), language),
        advice=said(parts.get("next_step", ""), language),
    )


def said(given: str, language: Language) -> str:
    """A sentence of a verb as a page says it."""
    text = given.strip().rstrip(".")
    for sentence in SENTENCES:
        if found := sentence.pattern.fullmatch(text):
            words = sentence.text.in_(language)
            for part in found.groups():
                words = words.replace("…", part, 1)
            return words
    return OPTIONS.sub("", text)

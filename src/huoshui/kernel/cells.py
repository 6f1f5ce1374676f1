"""Texts in files that spreadsheets open: shown as they are, never run as formulas, and read back unchanged.

A cell that starts like a formula (``=``, ``+``, ``-``, ``@`` or their full-width forms, also after spaces and controls)
or with a tab, line end or NUL gets an apostrophe in front (CWE-1236). Reading takes it off again, so that what was
written comes back. Plain negative numbers stay as they are.
"""

from __future__ import annotations

import re

_BLANK = (
    r"\x00-\x20\x7f-\xa0"
    + "".join(map(chr, (0x1680, *range(0x2000, 0x200C), 0x2028, 0x2029)))
    + ("\u202f\u205f\u2060\u3000\ufeff")
)
LIKE_A_FORMULA = rf"'*(?:[{_BLANK}]*[=+\-@＝＋－＠]|[\t\r\n\x00])"
"""How a text begins that a spreadsheet might run, for ``re`` and RE2."""

PLAIN_NUMBER = "-?[0-9][0-9.,]*"
"""A number, which stays as it is although it may begin with a minus."""

PREFIXED = rf"^'({LIKE_A_FORMULA})"
"""A text that `as_text` has put an apostrophe in front of, for ``re`` and RE2; group 1 is what follows it."""

_FORMULA = re.compile(LIKE_A_FORMULA)
_PREFIXED = re.compile(PREFIXED)
_NUMBER = re.compile(PLAIN_NUMBER)


def as_text(text: str) -> str:
    """``text`` so that a spreadsheet shows it and does not run it."""
    return "'" + text if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def as_written(text: str) -> str:
    """What was given to `as_text`."""
    return _PREFIXED.sub(r"\1", text, count=1)

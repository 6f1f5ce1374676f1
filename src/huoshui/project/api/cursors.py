"""Places in a list that is read page by page, as texts that only the list understands."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence

from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.texts import Text


class NotACursor(HuoshuiError):
    """A cursor of another list, or one that was made up."""

    code = "not_a_cursor"
    says = Text("This cursor does not belong to this list", "这个游标不属于这个列表")


def after(number: int, listed: str) -> str:
    """The place behind the row ``number`` of the list ``listed``."""
    plain = json.dumps([number, _mark(listed)], separators=(",", ":"))
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def following(ids: Sequence[int], size: int, listed: str) -> str:
    """The place behind the last row shown, where one more than ``size`` was found; else nothing."""
    return after(ids[size - 1], listed) if len(ids) > size else ""


def read(cursor: str, listed: str) -> int | None:
    """The number of the row that the page begins behind; none for the first page. Raises `NotACursor`."""
    if not cursor:
        return None
    try:
        plain = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        number, mark = json.loads(plain)
    except (binascii.Error, ValueError, TypeError, RecursionError) as error:
        raise _wrong(cursor) from error
    if mark != _mark(listed) or type(number) is not int or not 0 <= number < 2**63:
        raise _wrong(cursor)
    return number


def _mark(listed: str) -> str:
    return hashlib.sha256(listed.encode()).hexdigest()[:12]


def _wrong(cursor: str) -> NotACursor:
    return NotACursor(
        "This cursor does not belong to this list",
        received=repr(cursor[:40]),
        valid="next_cursor of the page before, with the same conditions",
        next_step="Begin again without a cursor",
    )

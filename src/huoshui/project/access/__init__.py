"""Who may open which address: one line for each, in `pages` and `api`.

An address without a line is refused, for everybody: `gate` holds to it. What a verb asks for besides, it asks itself.
"""

from __future__ import annotations

from huoshui.project.access.api import API
from huoshui.project.access.pages import PAGES
from huoshui.project.access.who import PUBLIC, SIGNED_IN, Both, Open, Who

__all__ = ["ACCESS", "PUBLIC", "SAFE", "SIGNED_IN", "Both", "Open", "Who", "who_may"]

ACCESS = PAGES | API
SAFE = ("GET", "HEAD", "OPTIONS")


def who_may(name: str, method: str) -> Who | None:
    """Who may do ``method`` at the address of this name; nothing where no line says so."""
    line = ACCESS.get(name)
    if isinstance(line, Both):
        return line.read if method in SAFE else line.write
    return line

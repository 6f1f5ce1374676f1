"""Who may look at an address, and who may send to it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from huoshui.kernel.actors import Right


class Open(Enum):
    """Who may where no right is asked for: anybody at all, or every colleague."""

    PUBLIC = "public"
    SIGNED_IN = "signed in"


PUBLIC, SIGNED_IN = Open.PUBLIC, Open.SIGNED_IN
Who = Open | Right


@dataclass(frozen=True, slots=True)
class Both:
    """Who may look (GET, HEAD), and who may send."""

    read: Who
    write: Who
